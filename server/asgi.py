"""The two ways in: HTTP goes to Django, the socket to an application of its own."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
http = get_asgi_application()

from server.socket import SocketApplication  # noqa: E402 - models can be imported only after Django is set up

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter([path("ws", SocketApplication())])})

"""The two ways in: HTTP goes to Django, within bounds, and the socket to an application of its own."""

import os
from typing import Any, cast

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
django = get_asgi_application()

# Models can be imported only after Django is set up.
from identity.authentication.access import authenticate, authenticate_all  # noqa: E402
from server import registry  # noqa: E402
from server.kernel.socket import Receive, Scope, Send, SocketApplication  # noqa: E402
from server.ops.admission import HttpAdmission  # noqa: E402
from team.files.http import PATH, FilesApplication  # noqa: E402

sockets = SocketApplication(registry.socket_commands(), authenticate_all, registry.make_hub, registry.SOCKET_LIMITS)
pages = HttpAdmission(cast(Any, django), sockets.start)
files = FilesApplication(authenticate, sockets.start)


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Files pass by piece by piece; every other request is small, and read before Django sees it."""
    await (files if scope["path"].startswith(PATH) else pages)(scope, receive, send)


async def reject_unknown_path(_scope: object, receive: Receive, send: Send) -> None:
    """A socket anywhere else is refused before it opens, as what does not exist."""
    await receive()
    await send({"type": "websocket.close"})


routes: list[Any] = [path("ws", cast(Any, sockets)), re_path("", cast(Any, reject_unknown_path))]
application = ProtocolTypeRouter({"http": cast(Any, http), "websocket": URLRouter(routes)})

"""What HTTP is for: signing up and in, commands of programs without a socket, and the web client.

Health and metrics are answered before any of these, in server/ops/health.py.
"""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from identity.authentication.access import authenticate
from identity.onboarding import pages
from server import registry
from server.kernel.http import command_view, server_error
from server.ops import web_assets

handler500 = server_error
urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/", include("identity.authentication.urls")),
    path("auth/", include("identity.onboarding.urls")),
    path("webhooks/onfido", pages.notice),
    path("verification/continue/<str:token>", pages.go_on),
    path("api/<str:method>", command_view(registry.http_commands(), authenticate)),
    *([path("demo/", include("server.demo.urls"))] if settings.RELAIS_DEMO else []),
    re_path(r"^(?!api/|auth/|webhooks/|ws$)(?P<path>.*)$", web_assets.serve),
]

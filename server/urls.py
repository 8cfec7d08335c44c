"""What HTTP is for: signing in, and the web client. Health and metrics are answered in server/health.py."""

from django.urls import include, path, re_path

from server.ops import web_assets

urlpatterns = [
    path("auth/", include("identity.authentication.urls")),
    re_path(r"^(?!auth/|ws$)(?P<path>.*)$", web_assets.serve),
]

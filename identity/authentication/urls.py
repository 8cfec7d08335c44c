"""Signing in over HTTP, for browsers: allauth's headless views, and of those only the ones that are used.

Every one of them checks Origin and CSRF token. Programs show a bearer token instead and need none of this.
"""

from __future__ import annotations

from allauth.headless.account.views import ChangePasswordView, LoginView, SessionView
from allauth.headless.base.views import APIView, ConfigView
from allauth.headless.constants import Client
from django.urls import path

from identity.authentication.http import json_object

VIEWS: dict[str, type[APIView]] = {
    "config": ConfigView,
    "auth/session": SessionView,
    "auth/login": LoginView,
    "account/password/change": ChangePasswordView,
}

urlpatterns = [
    path(f"browser/v1/{route}", json_object(view.as_api_view(client=Client.BROWSER))) for route, view in VIEWS.items()
]

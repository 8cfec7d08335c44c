"""Signing in over HTTP, for browsers: allauth's headless views, and of those only the ones that are used.

Every one of them checks Origin and CSRF token. Programs show a bearer token instead and need none of this.
"""

from __future__ import annotations

from allauth.headless.account.views import ChangePasswordView, LoginView, SessionView
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from django.urls import path

urlpatterns = [
    path("browser/v1/config", ConfigView.as_api_view(client=Client.BROWSER)),
    path("browser/v1/auth/session", SessionView.as_api_view(client=Client.BROWSER)),
    path("browser/v1/auth/login", LoginView.as_api_view(client=Client.BROWSER)),
    path("browser/v1/account/password/change", ChangePasswordView.as_api_view(client=Client.BROWSER)),
]

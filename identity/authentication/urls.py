"""Signing in over HTTP, for browsers: allauth's headless views, and of those only the ones that are used; and by
Pro Santé Connect.

Every one of them checks Origin and CSRF token. Programs show a bearer token instead and need none of this.
"""

from __future__ import annotations

from allauth.headless.account.views import ChangePasswordView, LoginView, SessionView
from allauth.headless.base.views import APIView, ConfigView
from allauth.headless.constants import Client
from django.urls import path

from identity.authentication.http import json_object
from identity.authentication.psc import http as psc
from identity.authentication.psc import push_http as push

VIEWS: dict[str, type[APIView]] = {
    "config": ConfigView,
    "auth/session": SessionView,
    "auth/login": LoginView,
    "account/password/change": ChangePasswordView,
}

urlpatterns = [
    path(f"browser/v1/{route}", json_object(view.as_api_view(client=Client.BROWSER))) for route, view in VIEWS.items()
]

urlpatterns += [
    path("psc/start", psc.start),
    path("psc/callback", psc.callback),
    path("psc/identity", psc.identity),
    path("psc/activity", psc.activity),
    path("psc/logout", psc.logout),
    path("psc/signed-out", psc.signed_out),
    path("psc/backchannel-logout", psc.backchannel_logout),
    path("psc/push", push.push),
    path("psc/push/poll", push.poll),
]

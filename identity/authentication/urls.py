"""Signing in over HTTP, for browsers: allauth's headless views, and of those only the ones that are used; and by
Pro Santé Connect.

Every one of them checks Origin and CSRF token. Programs show a bearer token instead and need none of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from allauth.headless.account.views import ChangePasswordView, LoginView, ReauthenticateView, SessionView
from allauth.headless.base.views import APIView, ConfigView
from allauth.headless.constants import Client
from allauth.headless.mfa import views as mfa
from django.http import HttpResponse
from django.urls import path

from identity.authentication import forgotten_passwords
from identity.authentication.cps import http as cps
from identity.authentication.http import json_object
from identity.authentication.lost_devices_http import wiped
from identity.authentication.psc import http as psc
from identity.authentication.psc import push_http as push
from identity.authentication.second_factor_http import bounded, confirmed, confirming, first_password, ways

VIEWS: dict[str, type[APIView]] = {
    "config": ConfigView,
    "auth/session": SessionView,
    "auth/login": LoginView,
    "account/authenticators": mfa.AuthenticatorsView,
}
PROVING: dict[str, type[APIView]] = {
    "auth/2fa/authenticate": mfa.AuthenticateView,
    "auth/webauthn/authenticate": mfa.AuthenticateWebAuthnView,
    "auth/webauthn/login": mfa.LoginWebAuthnView,
}
"""Where a second factor, or a passkey alone, signs in."""
CONFIRMING: dict[str, type[APIView]] = {
    "auth/reauthenticate": ReauthenticateView,
    "auth/2fa/reauthenticate": mfa.ReauthenticateView,
    "auth/webauthn/reauthenticate": mfa.ReauthenticateWebAuthnView,
}
"""Where somebody who is signed in proves again that it is them."""
PASSWORD: dict[str, type[APIView]] = {"account/password/change": ChangePasswordView}
CONFIRMED: dict[str, type[APIView]] = {
    "account/authenticators/totp": mfa.ManageTOTPView,
    "account/authenticators/recovery-codes": mfa.ManageRecoveryCodesView,
    "account/authenticators/webauthn": mfa.ManageWebAuthnView,
}
"""Where factors are set up and taken away."""


def _views() -> Iterator[tuple[str, Callable[..., HttpResponse]]]:
    kinds = (
        *((VIEWS, None), (PROVING, bounded), (CONFIRMING, confirming), (CONFIRMED, confirmed)),
        (PASSWORD, first_password),
    )
    for views, guard in kinds:
        for route, view in views.items():
            found = view.as_api_view(client=Client.BROWSER)
            yield route, guard(found) if guard else found
    yield "auth/password/request", forgotten_passwords.request_link
    yield "auth/password/reset", forgotten_passwords.choose
    yield "auth/confirmation", ways
    yield "auth/wiped", wiped


urlpatterns = [path(f"browser/v1/{route}", json_object(view)) for route, view in _views()]

urlpatterns += [
    path("cps/start", cps.start),
    path("cps/card", cps.card),
    path("cps/callback", cps.callback),
    path("methods", psc.methods),
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

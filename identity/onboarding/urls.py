"""Signing up, beside the views of signing in."""

from __future__ import annotations

from typing import Any

from django.urls import path
from django.views.decorators.http import require_GET

from identity.onboarding import http
from identity.onboarding.forms import ActivateAccount, ChangeAddress, ConfirmSignUp, OpenInvitation, ResendCode, SignUp
from server.kernel.wire import Command

FORMS: list[tuple[type[Command[Any]], http.Answer]] = [
    (SignUp, http.sign_up),
    (ConfirmSignUp, http.confirm),
    (ResendCode, http.resend),
    (ChangeAddress, http.change_address),
    (OpenInvitation, http.open_invitation),
    (ActivateAccount, http.activate),
]
LISTS = {"documents": http.documents, "specialities": http.specialities, "towns": http.towns}


urlpatterns = [
    *(
        path(f"{client}/v1/auth/{form.method}", http.form_view(form, answer, client))
        for client in ("browser", "app")
        for form, answer in FORMS
    ),
    *(
        path(f"{client}/v1/auth/signup/{name}", require_GET(view))
        for client in ("browser", "app")
        for name, view in LISTS.items()
    ),
]

"""How this deployment is known to Pro Santé Connect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SANDBOX_ISSUER = "https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet"

DEMO_CLIENT_ID = "relais-demo"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The provider, and what proves to it that we are its client: a secret, or a certificate and its key."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    certificate: str = ""
    certificate_key: str = ""
    acr: frozenset[str] = frozenset()
    sandbox: bool = False
    """Identities of test cards are accepted."""


def read(environment: Mapping[str, str], client_secret: str, *, public: bool) -> Configuration | None:
    """The configuration that the environment describes; None: nobody signs in by Pro Santé Connect.

    ``ImproperlyConfigured`` for what would not work, or not safely.
    """
    issuer = environment.get("RELAIS_PSC_ISSUER", "").strip().rstrip("/")
    if not issuer:
        return None
    found = Configuration(
        issuer=issuer,
        client_id=environment.get("RELAIS_PSC_CLIENT_ID", "").strip(),
        client_secret=client_secret,
        certificate=environment.get("RELAIS_PSC_CERTIFICATE", ""),
        certificate_key=environment.get("RELAIS_PSC_CERTIFICATE_KEY", ""),
        acr=frozenset((environment.get("RELAIS_PSC_ACR") or "eidas1,eidas3").replace(",", " ").split()),
        sandbox=environment.get("RELAIS_PSC_SANDBOX", "") == "1",
    )
    _check(found, public=public)
    return found


def _check(found: Configuration, *, public: bool) -> None:
    parts = urlsplit(found.issuer)
    if parts.scheme not in {"https", "https" if public else "http"} or not parts.hostname or parts.query:
        raise ImproperlyConfigured("RELAIS_PSC_ISSUER is not an https address, such as " + SANDBOX_ISSUER + ".")
    if not found.client_id:
        raise ImproperlyConfigured("RELAIS_PSC_CLIENT_ID is not set: it is what Pro Santé Connect calls this service.")
    if bool(found.certificate) != bool(found.certificate_key):
        raise ImproperlyConfigured("RELAIS_PSC_CERTIFICATE and RELAIS_PSC_CERTIFICATE_KEY go together.")
    if not (found.client_secret or found.certificate):
        raise ImproperlyConfigured(
            "Pro Santé Connect must know us by something: set RELAIS_PSC_CLIENT_SECRET, or RELAIS_PSC_CERTIFICATE and"
            " RELAIS_PSC_CERTIFICATE_KEY."
        )
    if found.issuer == SANDBOX_ISSUER and not found.sandbox:
        raise ImproperlyConfigured(
            "RELAIS_PSC_ISSUER is the sandbox, where anybody gets a card: RELAIS_PSC_SANDBOX=1 says that this"
            " deployment is for trying out."
        )


def demo(url: str, secret: str) -> Configuration:
    """The demo's own provider at ``url`` (``server/demo/psc.py``), which names no level in an answer of its phone."""
    return Configuration(f"{url}/demo/psc", DEMO_CLIENT_ID, secret, acr=frozenset({"eidas1", "none"}), sandbox=True)

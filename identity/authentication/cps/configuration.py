"""Where cards are taken, and whom this deployment believes about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 20


@dataclass(frozen=True, slots=True)
class Configuration:
    """The address of the host that takes cards (``deploy/nginx-cards.conf``), what proves that a request came by it,
    and the files of authorities and lists."""

    url: str
    secret: str = field(repr=False)
    authorities: Path
    lists: Path
    sandbox: bool = False
    """Test cards are accepted."""


def read(environment: Mapping[str, str], secret: str, *, public: bool) -> Configuration | None:
    """The configuration that the environment describes; None: no card is taken directly."""
    url = environment.get("RELAIS_CPS_URL", "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path:
        raise ImproperlyConfigured("RELAIS_CPS_URL is not an https address, such as https://carte.relais.example.fr.")
    if len(secret) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            "RELAIS_CPS_SECRET is shorter than 20 characters: it is how we know that a card was shown to our own proxy."
        )
    found = Configuration(
        url=url,
        secret=secret,
        authorities=Path(environment.get("RELAIS_CPS_AUTHORITIES", "")),
        lists=Path(environment.get("RELAIS_CPS_LISTS", "")),
        sandbox=environment.get("RELAIS_CPS_SANDBOX", "") == "1",
    )
    if not found.authorities.is_file() or not found.lists.is_dir():
        raise ImproperlyConfigured(
            "RELAIS_CPS_AUTHORITIES names a PEM file of roots and issuers, RELAIS_CPS_LISTS a directory of .crl files."
        )
    return found

"""Whether a card's certificate holds: a chain to a pinned authority, dates, and lists of revoked certificates.

``cryptography`` verifies the chain and looks at no list, so that is done here: each certificate below the root must
have a list of its issuer, signed by it and not out of date. Without one nobody comes in: a card that was stolen
yesterday is on tomorrow's list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from identity.authentication.cps.certificate import CardRefused

LEEWAY = timedelta(minutes=5)
"""By which a list may come from the future."""


class WrongAuthoritiesError(Exception):
    """The files of a deployment are none: the message says which."""


@dataclass(frozen=True, slots=True)
class Authorities:
    """The roots and issuers that a deployment believes, and the lists it has of them."""

    roots: tuple[x509.Certificate, ...]
    issuers: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """``CardRefused``: ``chain``, ``dates``, ``revoked``, ``no_list`` or ``stale_list``."""
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise CardRefused("dates")
        chain = self._chain(certificate, now)
        for one, issuer in pairwise(chain):
            _check_revocation(one, issuer, self.lists, now)

    def _chain(self, certificate: x509.Certificate, now: datetime) -> list[x509.Certificate]:
        verifier = (
            PolicyBuilder()
            .store(Store(list(self.roots)))
            .time(now.replace(tzinfo=None))
            .extension_policies(
                ca_policy=ExtensionPolicy.webpki_defaults_ca(),
                ee_policy=ExtensionPolicy.permit_all().require_present(
                    x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_for_clients
                ),
            )
            .build_client_verifier()
        )
        try:
            return list(verifier.verify(certificate, list(self.issuers)).chain)
        except VerificationError:
            raise CardRefused("chain") from None


def read(certificates: Path, lists: Path) -> Authorities:
    """The authorities of a PEM file, roots and issuers together, and the lists of a directory (``.crl``, PEM or DER).
    ``WrongAuthoritiesError`` for what is none."""
    try:
        found = x509.load_pem_x509_certificates(certificates.read_bytes())
        roots = tuple(one for one in found if one.issuer == one.subject)
        if not roots:
            raise WrongAuthoritiesError(f"{certificates} holds no root: add the root's certificate to it.")
        issuers = tuple(one for one in found if one.issuer != one.subject)
        return Authorities(roots, issuers, tuple(_list(path) for path in sorted(lists.glob("*.crl"))))
    except (OSError, ValueError) as error:
        raise WrongAuthoritiesError(f"{certificates} or a list of {lists} cannot be read ({error}).") from None


def _list(path: Path) -> x509.CertificateRevocationList:
    raw = path.read_bytes()
    return x509.load_pem_x509_crl(raw) if raw.startswith(b"-----") else x509.load_der_x509_crl(raw)


def _is_for_clients(policy: Policy, certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is None or ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("not for clients")


def _check_revocation(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    lists: Iterable[x509.CertificateRevocationList],
    now: datetime,
) -> None:
    key = issuer.public_key()
    theirs = [one for one in lists if one.issuer == issuer.subject]
    signed = [one for one in theirs if isinstance(key, rsa.RSAPublicKey) and one.is_signature_valid(key)]
    if not signed:
        raise CardRefused("no_list")
    newest = max(signed, key=lambda one: one.last_update_utc)
    if newest.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
        raise CardRefused("revoked")
    until = newest.next_update_utc
    if until is None or until < now or newest.last_update_utc > now + LEEWAY:
        raise CardRefused("stale_list")

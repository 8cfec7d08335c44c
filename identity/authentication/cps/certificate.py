"""What the certificate of a CPS card says. Pure: nothing here says that it is true.

The subject's last component holds surname, given name and number together (a relative name of several values), so the
values are looked for and no text is split. Card type and profession are integers in extensions of the IGC-Santé.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from identity import register_numbers

CARD_TYPE = ObjectIdentifier("1.2.250.1.71.1.2.2")
PROFESSION = ObjectIdentifier("1.2.250.1.71.1.2.7")
UPN = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")
CPS = 0
"""The card of a professional; 1 is that of one in training, 2 and 3 those of staff."""
DOMAIN = "@carte-cps.fr"
INTEGER, UTF8 = 0x02, 0x0C


class CardRefused(Exception):
    """A certificate that opens nothing. ``code`` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Card:
    """Whose card it is, by the register's identifier with its type digit, and the code of the profession."""

    national_id: str
    first_name: str
    last_name: str
    profession: str
    serial: int
    is_test: bool


def read(certificate: x509.Certificate) -> Card:
    """The holder whom a certificate for signing in names. ``CardRefused`` for any other certificate."""
    _check_usage(certificate)
    if _integer(certificate, CARD_TYPE) != CPS:
        raise CardRefused("card_type")
    number = _one(certificate.subject, NameOID.COMMON_NAME)
    if not register_numbers.is_identifier(number) or not register_numbers.is_sound(number):
        raise CardRefused("number")
    if _principal(certificate) != f"{number[0]}.{number[1:]}{DOMAIN}":
        raise CardRefused("principal")
    profession = _integer(certificate, PROFESSION)
    first_name = _one(certificate.subject, NameOID.GIVEN_NAME)
    last_name = _one(certificate.subject, NameOID.SURNAME)
    if profession is None or not (first_name and last_name):
        raise CardRefused("malformed")
    return Card(
        national_id=number,
        first_name=first_name,
        last_name=last_name,
        profession=str(profession),
        serial=certificate.serial_number,
        is_test=register_numbers.is_invented(number) or "TEST" in certificate.issuer.rfc4514_string(),
    )


def _check_usage(certificate: x509.Certificate) -> None:
    """A card also holds a certificate for signatures, whose PIN says something else than "let me in"."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        raise CardRefused("usage") from None
    if usage.content_commitment or not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in extended:
        raise CardRefused("usage")


def _one(name: x509.Name, wanted: ObjectIdentifier) -> str:
    """The only value of a kind, wherever in the name it stands."""
    found = name.get_attributes_for_oid(wanted)
    if len(found) != 1 or not isinstance(found[0].value, str):
        raise CardRefused("malformed")
    return found[0].value.strip()


def _integer(certificate: x509.Certificate, wanted: ObjectIdentifier) -> int | None:
    try:
        found = certificate.extensions.get_extension_for_oid(wanted).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    raw = found.value if isinstance(found, x509.UnrecognizedExtension) else b""
    is_short = len(raw) >= 3 and raw[0] == INTEGER and raw[1] == len(raw) - 2 < 5
    return int.from_bytes(raw[2:], "big", signed=True) if is_short else None


def _principal(certificate: x509.Certificate) -> str:
    """The user's name for smart-card logon."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    raw = next((one.value for one in names.get_values_for_type(x509.OtherName) if one.type_id == UPN), b"")
    if len(raw) < 2 or raw[0] != UTF8 or raw[1] != len(raw) - 2 or raw[1] > 127:
        return ""
    return raw[2:].decode(errors="replace")

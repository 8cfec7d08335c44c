"""An authority that issues cards as the IGC-Santé does: a root, an issuer for professionals, their lists, their cards.

Dates are given, so that a test says when it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from identity.authentication.cps.certificate import CARD_TYPE, PROFESSION, UPN

NUMBER = "855000000004"
"""Sound, and of nobody: no number of the register begins with 55."""
DAY = timedelta(days=1)
SMART_CARD_LOGON = ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Igc:
    """The authority at a moment."""

    def __init__(self, now: datetime | None = None, issuer: str = "AC IGC-SANTE FORT PERSONNES") -> None:
        self.now = (now or datetime.now(UTC)).replace(microsecond=0)
        self.root = self._authority("AC RACINE IGC-SANTE FORT", "AC RACINE IGC-SANTE FORT", None)
        self.issuer = self._authority(issuer, "AC RACINE IGC-SANTE FORT", 0)

    def _authority(self, who: str, by: str, depth: int | None) -> x509.Certificate:
        signer = key(by)
        return (
            x509.CertificateBuilder()
            .subject_name(name(who))
            .issuer_name(name(by))
            .public_key(key(who).public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - 900 * DAY)
            .not_valid_after(self.now + 900 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
            .add_extension(_usage(sign_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key(who).public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .sign(signer, hashes.SHA256())
        )

    def card(
        self,
        number: str = NUMBER,
        *,
        principal: str | None = None,
        card_type: int = 0,
        profession: int | None = 10,
        signature: bool = False,
        client: bool = True,
        since: timedelta = -30 * DAY,
        until: timedelta = 900 * DAY,
        by: str | None = None,
        last_name: str = "DOC0036624",
    ) -> x509.Certificate:
        """The certificate of a card, with the peculiarities asked for."""
        issuer = self.issuer.subject if by is None else name(by)
        signer = key("AC IGC-SANTE FORT PERSONNES" if by is None else by)
        said = f"{number[0]}.{number[1:]}@carte-cps.fr" if principal is None else principal
        one_rdn = x509.RelativeDistinguishedName(
            [
                x509.NameAttribute(NameOID.SURNAME, last_name),
                x509.NameAttribute(NameOID.GIVEN_NAME, "KIT"),
                x509.NameAttribute(NameOID.COMMON_NAME, number),
            ]
        )
        front = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.TITLE, "Médecin")]
        subject = x509.Name([*(x509.RelativeDistinguishedName([one]) for one in front), one_rdn])
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, SMART_CARD_LOGON] if client else [SMART_CARD_LOGON]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key("card").public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + since)
            .not_valid_after(self.now + until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
            .add_extension(_usage(signature=signature), critical=True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .add_extension(x509.UnrecognizedExtension(CARD_TYPE, bytes([2, 1, card_type])), critical=False)
        )
        if said:
            other = x509.OtherName(UPN, bytes([0x0C, len(said)]) + said.encode())
            builder = builder.add_extension(x509.SubjectAlternativeName([other]), critical=False)
        if profession is not None:
            value = x509.UnrecognizedExtension(PROFESSION, bytes([2, 1, profession]))
            builder = builder.add_extension(value, critical=False)
        return builder.sign(signer, hashes.SHA256())

    def crl(
        self,
        of: x509.Certificate,
        *revoked: x509.Certificate,
        until: timedelta = DAY,
        since: timedelta = -DAY,
        signed_by: str | None = None,
    ) -> x509.CertificateRevocationList:
        """The list of an authority, with these certificates on it."""
        signer = of.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(of.subject)
            .last_update(self.now + since)
            .next_update(self.now + until)
        )
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(self.now - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key(signed_by or str(signer)), hashes.SHA256())


def _usage(*, sign_certificates: bool = False, signature: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        content_commitment=signature,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def pem(*found: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """Certificates or lists as one file."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in found)


def key_pem(of: str = "card") -> bytes:
    """A private key as a file."""
    return key(of).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

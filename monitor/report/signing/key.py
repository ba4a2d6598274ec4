"""The key that reports are signed with, from a PKCS#12 file (RFC 7292)."""

from datetime import datetime
from pathlib import Path

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from pyhanko.sign.signers import SimpleSigner

from monitor.errors import UserError
from monitor.settings.report import ReportSigningSettings

MOST_BYTES = 1_000_000
"""Of a PKCS#12 file: one with a long chain has 20,000."""


class SigningKey:
    """A key with its certificate and the certificates above it."""

    def __init__(self, content: bytes, password: bytes | None, where: Path) -> None:
        """Raises UserError where the file cannot be read with the password, or has no key."""
        try:
            found = pkcs12.load_pkcs12(content, password)
        except (ValueError, UnsupportedAlgorithm):
            raise _unreadable(content, password, where) from None
        if found.key is None or found.cert is None:
            raise UserError(
                f"report_signing.key_file: {where} has no private key with its certificate: export "
                "both into the PKCS#12 file"
            )
        self.certificate: x509.Certificate = found.cert.certificate
        self.chain = tuple(each.certificate for each in found.additional_certs)
        self._where = where
        self._content = content
        self._password = password

    def check(self, at: datetime) -> None:
        """Raises UserError where nothing may be signed with it at an instant."""
        first, last = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        if at > last:
            raise self._refused(f"expired on {last:%d/%m/%Y}: ask its issuer for a new one")
        if at < first:
            raise self._refused(f"is not valid before {first:%d/%m/%Y}: check this machine's clock")
        try:
            usage = self.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return
        if not (usage.digital_signature or usage.content_commitment):
            raise self._refused("is not for signing (its key usage): take one that is")

    @property
    def name(self) -> str:
        """Whom the certificate names."""
        for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
            if found := self.certificate.subject.get_attributes_for_oid(oid):
                return str(found[0].value)
        return self.certificate.subject.rfc4514_string()

    @property
    def size(self) -> int:
        """Bytes of all certificates: what a signature holds beside itself."""
        every = (self.certificate, *self.chain)
        return sum(len(each.public_bytes(Encoding.DER)) for each in every)

    def signer(self) -> SimpleSigner:
        signer: SimpleSigner = SimpleSigner.load_pkcs12_data(self._content, (), self._password)
        return signer

    def _refused(self, why: str) -> UserError:
        return UserError(
            f"report_signing.key_file: the certificate of {self.name} in {self._where} {why}"
        )


def read(settings: ReportSigningSettings) -> SigningKey:
    """The key of the settings. Raises UserError."""
    if settings.key_file is None:
        raise UserError("report_signing.key_file is not set: there is no key to sign with")
    content = _content("key_file", settings.key_file)
    if len(content) > MOST_BYTES:
        raise UserError(
            f"report_signing.key_file: {settings.key_file} is no PKCS#12 file: too large"
        )
    password = None
    if settings.password_file is not None:
        password = _content("password_file", settings.password_file).rstrip(b"\r\n")
    return SigningKey(content, password, settings.key_file)


def _content(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"report_signing.{setting}: {path} cannot be read: {error.strerror}"
        ) from None


def _unreadable(content: bytes, password: bytes | None, where: Path) -> UserError:
    try:
        asn1_pkcs12.Pfx.load(content, strict=True).native  # noqa: B018  # it is read to its end
    except (ValueError, TypeError):
        return UserError(f"report_signing.key_file: {where} is no PKCS#12 file (.p12, .pfx)")
    if password is None:
        return UserError(
            f"report_signing.key_file: {where} needs a password: name the file that has it in "
            "report_signing.password_file"
        )
    return UserError(
        f"report_signing.password_file: {where} does not open with this password (or is encrypted "
        "with RC2 or DES: export it again with AES)"
    )

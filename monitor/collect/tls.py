"""TLS: the server's context, and what the client's certificate is known by."""

import hashlib
import ssl
from collections.abc import Sequence

from monitor.errors import UserError
from monitor.settings import MailSource, SmtpSettings


def server_context(settings: SmtpSettings, sources: Sequence[MailSource]) -> ssl.SSLContext | None:
    """Context for TLS 1.2 and newer; None without a certificate.

    A client certificate is asked for when `tls_client_ca` is set, and then has to verify against
    it; a client without one is still served, for the sources that ask for none. Raises UserError
    for files that cannot be used and for sources that ask for what TLS is not set up to ask.
    """
    asking = [source.name for source in sources if source.client_certificates]
    if asking and not settings.tls_client_ca:
        raise UserError(
            f"mail source {asking[0]} asks for client certificates: set smtp.tls_client_ca to the "
            "PEM file of the CA that issued them (for a self-signed one, the certificate itself)"
        )
    logging_in = [source.name for source in sources if source.username]
    if logging_in and not settings.tls_certificate:
        raise UserError(
            f"mail source {logging_in[0]} asks for a login, which is taken over TLS alone: set "
            "smtp.tls_certificate and smtp.tls_key"
        )
    if not settings.tls_certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"smtp.tls_certificate {settings.tls_certificate} and its key cannot be used: {error}"
        ) from None
    if settings.tls_client_ca:
        try:
            context.load_verify_locations(settings.tls_client_ca)
        except (OSError, ssl.SSLError) as error:
            raise UserError(
                f"smtp.tls_client_ca {settings.tls_client_ca} cannot be used: {error}"
            ) from None
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def fingerprint(tls: ssl.SSLObject | None) -> str | None:
    """SHA-256 of the certificate that the client showed and TLS verified, if any."""
    certificate = tls.getpeercert(binary_form=True) if tls else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None

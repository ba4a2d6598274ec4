"""The document security store of a PDF (ISO 32000-2 12.8.4.3): what it offers, nothing trusted."""

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.verify.certificate import Certificate
from monitor.verify.pdf_reader import READ_ERRORS, resolved, value_at
from monitor.verify.revocation import Evidence
from monitor.verify.trust import read_certificates

MAX_STREAMS = 200


def security_store(reader: PdfFileReader) -> tuple[tuple[Certificate, ...], Evidence]:
    """Certificates and revocation data of the catalog's /DSS."""
    store = value_at(reader.root, "/DSS")
    if not isinstance(store, generic.DictionaryObject):
        return (), Evidence()
    certificates = read_certificates(_streams(store, "/Certs"))
    evidence = Evidence(tuple(_streams(store, "/CRLs")), tuple(_streams(store, "/OCSPs")))
    return tuple(certificates), evidence


def _streams(store: generic.DictionaryObject, key: str) -> list[bytes]:
    found: list[bytes] = []
    try:
        items = value_at(store, key)
        if not isinstance(items, generic.ArrayObject):
            return found
        for item in list(items)[:MAX_STREAMS]:
            node = resolved(item)
            if isinstance(node, generic.StreamObject):
                found.append(bytes(node.data))
    except READ_ERRORS:
        return found
    return found

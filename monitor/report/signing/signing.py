"""PDF reports signed as this product asks of documents: PAdES (ETSI EN 319 142-1) by a PKCS#12 key.

Baseline B-B, with a time-stamp server B-T. Who signed and when stands at the top right of the first
page, where Nghị định 30/2020/NĐ-CP, Phụ lục I asks for an organisation's signature: its text comes
from typst, with its font, so that the file stays PDF/A. Others may sign after it: it certifies
nothing.
"""

import io
from datetime import datetime, tzinfo
from typing import Any, cast

from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, pdf_signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import StaticStampStyle

from monitor.clock import VIETNAM
from monitor.errors import UserError
from monitor.model import Language
from monitor.report.pdf import compiled
from monitor.report.pdf.data import own_words
from monitor.report.pdf.text import in_cell
from monitor.report.signing import key as signing_key
from monitor.report.signing import timestamps as signing_time
from monitor.settings.report import ReportSigningSettings

FIELD = "congvu"
WIDTH, HEIGHT = 80.0, 13.0
"""Millimetres of what is seen of a signature; `typst/signature.typ` has the same."""
RIGHT, TOP = 16.0, 7.0
"""Millimetres between it and the edges of the page."""
MM = 72 / 25.4
NEWEST = (1, 7)
"""Version of PDF that a signed file is of."""
ROOM = 8_192
"""Bytes of a signature beside its certificates and its time-stamp."""


class _NoMachine:
    """Instead of tzlocal in pyHanko's sessions, which ask for a time that `_SignerAt` replaces.

    tzlocal raises where the environment spells the zone without a name (`UTC0`, as that of the
    process that writes a daemon's reports) or /etc has two.
    """

    @staticmethod
    def get_localzone() -> tzinfo:
        return VIETNAM


cast("Any", pdf_signer).tzlocal = _NoMachine


def sign(pdf: bytes, settings: ReportSigningSettings, at: datetime, place: str = "") -> bytes:
    """The file with one more signature, made at an instant: now, for a signature claims its time.

    Asks `timestamp_url`, and nothing else, over the network; blocking, so call it in a thread.
    Raises UserError that says what is wrong with the settings or the server.
    """
    key = signing_key.read(settings)
    key.check(at)
    server = None
    if settings.timestamp_url is not None:
        server = signing_time.Server(settings.timestamp_url, settings.timestamp_timeout_seconds)
    writer = _Writer(io.BytesIO(pdf))
    words = own_words(Language(str(writer.prev.root["/Lang"])))
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=words["signed"]["reason"],
        location=place or None,
        name=key.name,
    )
    appearance = _appearance(words["signed"]["by"].format(name=key.name),
                             words["signed"]["at"].format(at=_shown(at)), at)  # fmt: skip
    signer = _SignerAt(at, metadata, key, server, appearance)
    reserved = 2 * (key.size + ROOM + (signing_time.MOST_BYTES if server else 0))
    try:
        signed = signer.sign_pdf(writer, bytes_reserved=reserved)
    except (SigningError, PdfError) as error:
        raise UserError(f"the report is not signed: {error}") from None
    return bytes(signed.getvalue())


class _Writer(IncrementalPdfFileWriter):
    """Leaves what the file says of itself as it was: pyHanko would name the machine's time and
    write the XMP anew, with other prefixes than ISO 19005-2, 6.6.2 knows.
    """

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """PDF/A-2 is PDF 1.7 (ISO 19005-2, 5): no signature makes 2.0 of it, as ECDSA's would."""
        super().ensure_output_version(min(version, NEWEST))  # type: ignore[no-untyped-call]  # pyHanko has no types there

    def register_extension(self, ext: DeveloperExtension) -> None:
        """ETSI's of PAdES is of PDF 1.7; ISO 32001 and 32002 extend 2.0, which the file is not."""
        if ext.base_version != "/2.0":
            super().register_extension(ext)

    def _update_meta(self) -> None:
        pass


class _SignerAt(PdfSigner):
    """Signs at a given instant; pyHanko's own takes the machine's."""

    def __init__(
        self, at: datetime, metadata: PdfSignatureMetadata, key: signing_key.SigningKey,
        server: signing_time.Server | None, appearance: bytes,
    ) -> None:  # fmt: skip
        style = StaticStampStyle(
            border_width=0,
            background=_Page(appearance),
            background_opacity=1.0,
            background_layout=SimpleBoxLayoutRule(
                x_align=AxisAlignment.ALIGN_MIN,
                y_align=AxisAlignment.ALIGN_MIN,
                margins=Margins(),
            ),
        )
        super().__init__(
            metadata, key.signer(), timestamper=server, stamp_style=style,
            new_field_spec=SigFieldSpec(FIELD, on_page=0, box=_box()),
        )  # fmt: skip
        self._at = at

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at.astimezone(VIETNAM)
        return session


class _Page(PdfContent):
    """The only page of a file, as content of another."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        if self.writer is None:
            raise TypeError("a page is imported into a file that is written")
        page = self.writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/Signature"] = page
        return b"/Signature Do"


def _appearance(by: str, when: str, at: datetime) -> bytes:
    return compiled("signature.typ", made_at=int(at.timestamp()), tagged=False,
                    by=in_cell(by), at=when)  # fmt: skip


def _box() -> tuple[int, int, int, int]:
    """Of the field, in points from the bottom left of an A4 page."""
    right, top = (210 - RIGHT) * MM, (297 - TOP) * MM
    return round(right - WIDTH * MM), round(top - HEIGHT * MM), round(right), round(top)


def _shown(at: datetime) -> str:
    """06/11/2026 08:30:00 +07:00: day, time and zone, as the decree asks."""
    return f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} +07:00"

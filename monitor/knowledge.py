"""The registry in force and the sources that items come by, as the daemon asks them."""

from datetime import date

from monitor.agencies import (
    FreemailList,
    Registry,
    attribute,
    freemail_uses,
    mail_day,
    reverse_path,
    with_freemail,
)
from monitor.agencies.origin import Asking, asking
from monitor.agencies.signers import attribute_documents
from monitor.errors import UserError
from monitor.model import (
    Attribution,
    DocumentAttribution,
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    ItemHeader,
    Judgement,
    Origin,
    Verdict,
)
from monitor.settings import MailOrigin, Settings


class Knowledge:
    """The registry in force and the sources that items come by; reloaded while running."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.agencies.registry
        self._sources = {source.name: source for source in settings.item_sources}
        self.registry = Registry.load(self._path) if self._path else Registry()
        self.freemail = FreemailList.load(settings.freemail)
        self._read_at = self._modified()

    def _modified(self) -> int:
        return self._path.stat().st_mtime_ns if self._path else 0

    def attribute(self, header: ItemHeader, examined: Examined) -> Attribution:
        """Whose an item is. An item of a source that was removed since belongs to nobody."""
        source = self._sources.get(header.source)
        if source is None:
            raise UserError(f"source {header.source} is not configured any more")
        attribution = attribute(header, examined, self.registry, source)
        if not isinstance(source, MailOrigin):
            return attribution
        view = self.registry.at(mail_day(header, examined.mail, source))
        written = reverse_path(header, examined.mail)
        uses = freemail_uses(header, examined, attribution, written, view, self.freemail, source)
        return with_freemail(attribution, uses)

    def asking(
        self, header: ItemHeader, examined: Examined, attribution: Attribution
    ) -> Asking | None:
        """What decides the origin of an item; None where that is no message from outside."""
        source = self._sources.get(header.source)
        if attribution.origin is not Origin.UNKNOWN or not isinstance(source, MailOrigin):
            return None
        return asking(header, examined, reverse_path(header, examined.mail), source)

    def agency_of(self, address: str, day: date) -> str | None:
        """The code of the agency that an address (an `address_key`) is of on a Vietnam day."""
        agency = self.registry.at(day).by_address_key(address)
        return agency.code if agency else None

    def reload(self) -> bool:
        """Read the registry again if its file changed; UserError keeps the last good one."""
        if self._path is None or (modified := self._modified()) == self._read_at:
            return False
        self._read_at = modified
        self.registry = Registry.load(self._path)
        return True

    def attribute_again(
        self, verdict: Verdict, issuer: str | None, day: date
    ) -> tuple[DocumentAttribution, tuple[Finding, ...]]:
        """Whose a recorded document is by a new verdict.

        `issuer` is the agency's code and `day` the Vietnam day of the document's dispatch. Who
        issued it was decided by the item, which is gone: an agency that the registry no longer
        knows keeps its documents.
        """
        agency = self.registry.at(day).agencies.get(issuer) if issuer else None
        facts = DocumentFacts.model_construct(
            content_hash="",
            file_name=None,
            size=0,
            document_class=DocumentClass.FORMAL,
            judgement=Judgement(verdict=verdict),
        )
        (owned,), findings = attribute_documents([facts], agency, self.registry, day)
        return owned.model_copy(update={"issuer": issuer}), findings

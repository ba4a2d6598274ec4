"""`congvu documents`: the rows behind a figure, and everything recorded of one document."""

import asyncio
import getpass
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime

from monitor.clock import VIETNAM
from monitor.commands.tables import show, table
from monitor.commands.verdict_text import safe
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, queries
from monitor.record.access import attached
from monitor.record.queries import DocumentRecord, Explained, Revealed, SignatureRecord, Wanted
from monitor.settings import Settings


def list_documents(wanted: Wanted, as_json: bool, settings: Settings) -> int:
    """Print the documents that meet the conditions, newest first."""
    configure_logging("error", "console")

    async def ask() -> list[DocumentRecord]:
        async with attached(settings, Observer()) as database:
            return await queries.list_documents(database, wanted)

    found = asyncio.run(ask())
    if as_json:
        for document in found:
            _print_json(asdict(document))
        return 0
    listed = table(
        "hash", "first sent", "agency", "channel", "verdict", "number", "file", "why",
        keep=("hash", "first sent", "verdict"),
    )  # fmt: skip
    for document in found:
        listed.add_row(
            document.content_hash[:12],
            _when(document.first_at),
            document.agency or "unknown",
            document.channel,
            document.overall + (" (relayed)" if document.relayed else ""),
            safe(_number(document)),
            safe(document.file_name or "–"),
            ", ".join(document.findings),
        )
    show(listed)
    full = len(found) == wanted.limit
    more = f"; the limit is {wanted.limit}, there may be more (--limit)" if full else ""
    sys.stdout.write(f"{len(found)} documents{more}\n")
    return 0


def explain(name: str, reason: str | None, as_json: bool, settings: Settings) -> int:
    """Print everything recorded of the documents of that hash or number."""
    configure_logging("error", "console")

    async def ask() -> list[tuple[Explained, Revealed | None]]:
        async with attached(settings, Observer()) as database:
            found = await queries.explain(database, name)
            opened: list[Revealed | None] = [None] * len(found)
            if reason:
                sealer, actor = Sealer.load(settings.state_dir), getpass.getuser()
                opened = [
                    await queries.reveal(
                        database, sealer, each.document.document_uid, actor, reason
                    )
                    for each in found
                ]
            return list(zip(found, opened, strict=True))

    for explained, revealed in asyncio.run(ask()):
        if as_json:
            _print_json(asdict(explained) | {"revealed": asdict(revealed) if revealed else None})
        else:
            sys.stdout.write("\n".join(_lines(explained, revealed)) + "\n\n")
    return 0


def unknown_senders(limit: int, settings: Settings) -> int:
    """Print the domains and codes that no agency of the registry owns, the busiest first."""
    configure_logging("error", "console")

    async def ask() -> list[queries.UnknownSender]:
        async with attached(settings, Observer()) as database:
            return await queries.unknown_senders(database, limit)

    listed = table("kind", "domain or code", "items", "senders", "verified", "last")
    for each in asyncio.run(ask()):
        listed.add_row(
            each.kind, safe(each.name), str(each.items), str(each.senders),
            "yes" if each.verified else "no", _when(each.last_at),
        )  # fmt: skip
    show(listed)
    return 0


def _lines(explained: Explained, revealed: Revealed | None) -> Iterator[str]:
    document = explained.document
    yield f"{document.content_hash}  {safe(document.file_name or '(no file name)')}"
    yield f"  verdict      {document.overall}" + (f" ({document.cause})" if document.cause else "")
    yield f"  integrity    {document.integrity}, trust {document.trust}"
    yield f"  findings     {', '.join(document.findings) or 'none'}"
    yield f"  agency       {document.agency or 'unknown'}, channel {document.channel}"
    yield f"  number       {safe(_number(document))}, issued {document.issued_on or '–'}"
    yield f"  first sent   {_when(document.first_at)} (Viet Nam), day {document.day}"
    yield f"  counts as    {_counts_as(document)}"
    yield f"  size         {document.size} bytes, {document.kind}, {document.document_class}"
    for signature in explained.signatures:
        yield from _signature(signature)
    for sending in explained.sendings:
        to = ", ".join(sending.recipient_agencies) or "outside the registry"
        yield f"  sent {_when(sending.at)} {sending.direction or document.channel} to {to}"
    if revealed:
        yield f"  sender       {safe(revealed.sender or '–')}"
        yield f"  subject      {safe(revealed.subject or '–')}"
        for number, signer in enumerate(revealed.signers, 1):
            yield f"  signer {number}     {safe(signer or '–')}"


def _signature(signature: SignatureRecord) -> Iterator[str]:
    detail = f" / {signature.sub_indication}" if signature.sub_indication else ""
    form = signature.level or signature.format
    yield f"  signature {signature.ordinal + 1}: {form}, {signature.indication}{detail}"
    kind, ca = signature.signer_kind or "signer", signature.trust_class or "unknown"
    who = signature.signer_agency or "an agency that is not in the registry"
    yield f"    by a {kind} of {safe(who)}, {ca} CA"
    if signature.signing_time:
        yield f"    at {_when(signature.signing_time)} ({signature.signing_time_source})"
    findings = ", ".join(signature.findings) or "no findings"
    yield f"    {signature.integrity}, {signature.trust}; {findings}"


def _counts_as(document: DocumentRecord) -> str:
    if document.relayed:
        return "relayed: every valid signature is another agency's; in no ratio"
    if not document.counted:
        return "nothing: it was not yet sent by a person to another agency"
    if document.signed_by_issuer:
        return "issued and validly signed by its agency"
    return "issued, not validly signed by its agency"


def _number(document: DocumentRecord) -> str:
    return "/".join(filter(None, (document.number, document.notation))) or "–"


def _when(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)

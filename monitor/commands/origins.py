"""`congvu origins`: the messages behind the count of forged ones, and what was looked at."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from monitor.clock import VIETNAM
from monitor.commands.freemail_words import Words as MessageWords
from monitor.commands.tables import NOTHING, show, table
from monitor.commands.written import csv_text, print_json
from monitor.explain import safe
from monitor.model import Language, Origin
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, audit
from monitor.record.access import attached
from monitor.record.origin_list import Found, OriginRecord, WantedOrigins, list_origins
from monitor.settings import Settings

SHOWN = 300
"""Characters shown of one sealed text."""
_VI: Final[Mapping[str, str]] = {
    "message": "thư",
    "day": "lúc",
    "claimed": "mang tên cơ quan",
    "origin": "nguồn gốc",
    "from": "tên miền ở From",
    "by": "chứng minh bằng",
    "sender": "người gửi",
    "subject": "trích yếu",
    "again": "còn hỏi lại",
    "count": "{count} thư từ bên ngoài mang tên cơ quan.",
    "more": "{count} thư; giới hạn là {count}, có thể còn nữa (--limit).",
    "said": "“Không chứng minh được”: không chữ ký DKIM hay SPF nào khớp với tên miền ở From; được "
    "tính là thư giả danh (sender_spoofed). Máy của chính tỉnh bị tính nhầm: khai báo "
    "trusted_hops, SPF hoặc DKIM (docs/posture.md).",
}
_EN: Final[Mapping[str, str]] = {
    "message": "message",
    "day": "at",
    "claimed": "claims",
    "origin": "origin",
    "from": "domain of From",
    "by": "proven by",
    "sender": "sender",
    "subject": "subject",
    "again": "asked again",
    "count": "{count} messages from outside that claim an agency.",
    "more": "{count} messages; the limit is {count}, there may be more (--limit).",
    "said": "“Nothing proves it”: no DKIM signature and no SPF is aligned with the domain of From; "
    "it counts as forged (sender_spoofed). Where it was a server of your own: name it in "
    "trusted_hops, in SPF or by DKIM (docs/posture.md).",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to see of which messages, and how."""

    wanted: WantedOrigins
    reason: str | None
    """Why sender and subject are shown; None keeps them sealed."""
    form: Literal["text", "json", "csv"]
    language: Language


def show_origins(request: Request, settings: Settings) -> int:
    """Print the messages that meet the conditions, newest first."""
    configure_logging("error", "console")

    async def ask() -> list[Found]:
        async with attached(settings, Observer()) as database:
            opening = None
            if request.reason:
                opening = (Sealer.load(settings.state_dir), audit.operator(), request.reason)
            return await list_origins(database, request.wanted, opening)

    found = asyncio.run(ask())
    if request.form == "json":
        for record, opened in found:
            print_json(asdict(record) | {"revealed": asdict(opened) if opened else None})
        return 0
    columns = _columns(request)
    rows = [_cells(each, request.language) for each in found]
    if request.form == "csv":
        sys.stdout.write(csv_text(columns, rows))
        return 0
    made = table(*columns, keep=columns[:2])
    for row in rows:
        made.add_row(*(cell or NOTHING for cell in row))
    show(made)
    _say_what_it_means(found, request)
    return 0


def _say_what_it_means(found: Sequence[Found], request: Request) -> None:
    words = _words(request.language)
    full = len(found) == request.wanted.limit
    sys.stdout.write(words["more" if full else "count"].format(count=len(found)) + "\n")
    if any(record.origin == Origin.UNALIGNED for record, _ in found):
        sys.stdout.write(words["said"] + "\n")


def _words(language: Language) -> Mapping[str, str]:
    return _VI if language is Language.VI else _EN


def _columns(request: Request) -> tuple[str, ...]:
    words = _words(request.language)
    plain = (words["message"], words["day"], words["claimed"], words["origin"])
    checks = (words["from"], "DKIM", "SPF", words["by"])
    return (*plain, *checks, *((words["sender"], words["subject"]) if request.reason else ()))


def _cells(found: Found, language: Language) -> Sequence[str]:
    record, opened = found
    cells = [
        str(record.message_uid),
        record.occurred_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M"),
        record.agency,
        _origin(record, language),
        safe(record.from_domain or "", SHOWN),
        ", ".join(safe(f"{domain} {result}", SHOWN) for domain, _, result in record.dkim),
        record.spf or "",
        (record.aligned_by or "").upper(),
    ]
    if opened:
        cells += [safe(opened.sender or "", SHOWN), safe(opened.subject or "", SHOWN)]
    return cells


def _origin(record: OriginRecord, language: Language) -> str:
    again = f" ({_words(language)['again']})" if record.asked_again else ""
    return MessageWords(language).origin(record.origin) + again

"""`congvu quarantine`: what was set aside, why, and putting it back."""

import json
import sys
from dataclasses import asdict

from monitor.clock import VIETNAM
from monitor.commands.tables import show as show_table
from monitor.commands.tables import table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.settings import Settings
from monitor.spool import Quarantine, QuarantineEntry


def _open(settings: Settings) -> Quarantine:
    return Quarantine(settings.state_dir / "spool")


def list_items(settings: Settings, as_json: bool) -> int:
    entries = _open(settings).list()
    if as_json:
        for entry in entries:
            print_json(_plain(entry))
        return 0
    listed = table(
        "item", "since (Viet Nam)", "source", "bytes", "reason", "detail", keep=("item",)
    )
    for entry in entries:
        since = entry.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        listed.add_row(
            entry.item_id,
            since,
            entry.source or "–",
            str(entry.size),
            entry.reason,
            safe(entry.detail),
        )
    if entries:
        show_table(listed)
    else:
        sys.stdout.write("The quarantine is empty.\n")
    return 0


def show(settings: Settings, item: str, raw: bool) -> int:
    """The entry and its header as JSON; with `raw` its bytes instead, for a file or a pipe."""
    shown = _open(settings).show(item)
    if raw:
        sys.stdout.buffer.write(shown.body)
        return 0
    header = shown.header.model_dump(mode="json") if shown.header else None
    answer = _plain(shown.entry) | {"header": header}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return 0


def _plain(entry: QuarantineEntry) -> dict[str, object]:
    return asdict(entry) | {"at": entry.at.isoformat()}


def requeue(settings: Settings, items: list[str], every: bool) -> int:
    box = _open(settings)
    wanted = [entry.item_id for entry in box.list()] if every else items
    if not wanted and not every:
        raise UserError("name the items to put back, or --all; `congvu quarantine list` shows them")
    for item in wanted:
        box.requeue(item)
    sys.stdout.write(f"{len(wanted)} put back; the running daemon takes them within seconds\n")
    return 0

"""`congvu quarantine`: what was set aside, why, and putting it back."""

import json
import sys

from rich.console import Console
from rich.table import Table

from monitor.clock import VIETNAM
from monitor.errors import UserError
from monitor.settings import Settings
from monitor.spool import Quarantine


def _open(settings: Settings) -> Quarantine:
    return Quarantine(settings.state_dir / "spool")


def list_items(settings: Settings, as_json: bool) -> int:
    entries = _open(settings).list()
    if as_json:
        for entry in entries:
            sys.stdout.write(entry.model_dump_json() + "\n")
        return 0
    table = Table("item", "since (Viet Nam)", "source", "bytes", "reason", "detail")
    for entry in entries:
        since = entry.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        table.add_row(
            entry.id, since, entry.source or "–", str(entry.size), entry.reason, entry.detail
        )
    Console().print(table if entries else "The quarantine is empty.")
    return 0


def show(settings: Settings, item: str) -> int:
    entry = _open(settings).show(item)
    sys.stdout.write(json.dumps(entry.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n")
    return 0


def requeue(settings: Settings, items: list[str], every: bool) -> int:
    box = _open(settings)
    wanted = [entry.id for entry in box.list()] if every else items
    if not wanted and not every:
        raise UserError("name the items to put back, or --all; `congvu quarantine list` shows them")
    for item in wanted:
        box.requeue(item)
    sys.stdout.write(f"{len(wanted)} put back; the running daemon takes them within seconds\n")
    return 0

"""How commands write what they found for other programs: lines of JSON, CSV for Excel."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date

from monitor.tables import inert


def print_json(value: object) -> None:
    """One line on standard output; times and identities in their plain form."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """With a mark by which Excel knows UTF-8; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)

"""The register of documents sent, as the demo's document system exports it.

Of the weeks before the demo began most files are handed over as well (monitor/demo/past.py); of the
others their ways are the agencies' own word. What the feeder files in the folder or sends over the
axis is in it too: both meet.
"""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from monitor.clock import VIETNAM
from monitor.demo.agencies import BY_CODE, FOLDER_AGENCIES, LEADER
from monitor.demo.axis import Dispatch
from monitor.demo.documents import FIRST_NUMBER, SUBJECTS
from monitor.demo.files import appear
from monitor.demo.sendings import ClaimedFile
from monitor.model import PaperFlag

EXPORT = Path("lists/so-van-ban-di.csv")
DAYS = 45
"""Before the demo's first day that the register goes back."""
LOST, DOUBLE = 17, 23
"""A number that was never given, and one that was given twice."""
WAYS = {"Điện tử": 72, "Điện tử và giấy": 14, "Giấy": 9, "": 5}
HEADINGS = (
    "Mã định danh", "Số, ký hiệu", "Ngày ban hành", "Loại văn bản", "Trích yếu", "Người ký",
    "Nơi nhận", "Hình thức gửi", "Thời điểm ký", "Thời điểm gửi", "Tên tệp", "Mã băm",
)  # fmt: skip
SPOKEN = {
    PaperFlag.ELECTRONIC: "Điện tử",
    PaperFlag.PARALLEL: "Điện tử và giấy",
    PaperFlag.PAPER: "Giấy",
}


@dataclass(frozen=True)
class RegisterLine:
    """One row of the register."""

    agency: str
    code: str
    day: date
    way: str
    subject: str
    signed_at: datetime | None = None
    sent_at: datetime | None = None
    file: str = ""
    sha256: str = ""

    def cells(self) -> tuple[str, ...]:
        return (
            BY_CODE[self.agency].organ_codes[1], self.code, self.day.strftime("%d/%m/%Y"),
            "Công văn", self.subject, LEADER.post, "Như trên; Lưu VT", self.way,
            _moment(self.signed_at), _moment(self.sent_at), self.file, self.sha256,
        )  # fmt: skip


class RegisterExport:
    """Below one state folder; its past is the same for a seed and the day the province was made."""

    def __init__(self, state_dir: Path, seed: int, made_on: date) -> None:
        self.path = state_dir / EXPORT
        self.past = tuple(_past(random.Random(f"register/{seed}"), made_on))  # noqa: S311  # a play
        self._live: list[RegisterLine] = []

    def filed(self, file: ClaimedFile, name: str) -> None:
        """The document system has sent a document, which it keeps under this name."""
        document = file.document
        if file.agency not in FOLDER_AGENCIES or document.agency.code != file.agency:
            return  # no document of its own
        self._live.append(
            RegisterLine(
                file.agency, f"{document.number}/{document.notation}",
                file.sent_at.astimezone(VIETNAM).date(), SPOKEN[file.paper],
                "Văn bản trình diễn", None, file.sent_at, name, document.content_hash,
            )
        )  # fmt: skip

    def dispatched(self, dispatch: Dispatch) -> None:
        """A document went over the axis."""
        way = PaperFlag.PARALLEL if dispatch.paper else PaperFlag.ELECTRONIC
        self._live.append(
            RegisterLine(
                dispatch.sender.code, dispatch.code, dispatch.sent_at.astimezone(VIETNAM).date(),
                SPOKEN[way], "Văn bản trình diễn", None, dispatch.sent_at,
            )
        )  # fmt: skip

    def write(self) -> None:
        """Export all of it anew, as document systems do."""
        text = io.StringIO()
        sheet = csv.writer(text, delimiter=";")
        sheet.writerow(HEADINGS)
        sheet.writerows(line.cells() for line in (*self.past, *self._live))
        appear(self.path, text.getvalue().encode("utf-8-sig"))


def _past(chance: random.Random, made_on: date) -> Iterator[RegisterLine]:
    days = [made_on - timedelta(days=back) for back in range(DAYS, 0, -1)]
    worked = [day for day in days if day.isoweekday() < 6]
    for agency in FOLDER_AGENCIES:
        if BY_CODE[agency].valid_to is None:
            yield from _past_of(agency, worked, chance)


def _past_of(agency: str, worked: list[date], chance: random.Random) -> Iterator[RegisterLine]:
    number = FIRST_NUMBER - 1 - 6 * len(worked)
    late = set(worked[:-3])
    for day in worked:
        for _ in range(chance.randint(3, 6)):
            number += 1
            place = number % 100
            if place == LOST:
                continue
            shown = number - 1 if place == DOUBLE else number
            # What is sent late is sent by now.
            yield _line(agency, shown, day, chance, 70 if day in late else 2)


def _line(
    agency: str, number: int, day: date, chance: random.Random, latest_hours: int
) -> RegisterLine:
    way = chance.choices(list(WAYS), list(WAYS.values()))[0]
    signed = datetime.combine(day, time(chance.randint(8, 16), chance.randint(0, 59)), VIETNAM)
    sent = (
        signed + timedelta(hours=chance.choice((0, 1, 2, 2, latest_hours)))
        if way != "Giấy"
        else None
    )
    subject = chance.choice(SUBJECTS)
    code = f"{number}/{BY_CODE[agency].notation}"
    return RegisterLine(agency, code, day, way, f"V/v {subject}", signed, sent)


def _moment(at: datetime | None) -> str:
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if at else ""

"""From the export of a document system to the files that its entries meet."""

from datetime import date
from pathlib import Path

import pytest

from monitor.model import Outcome
from monitor.record import Database, Recorder
from tests.register.entries import content, matched, roles
from tests.register.registering import HEAD, Desk, line
from tests.support.outcomes import document, filed

ISSUED = date(2026, 3, 5)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def sent(text: str, number: str, notation: str, issued: date | None = ISSUED) -> Outcome:
    facts = document(text, file_name=f"{text}.pdf")
    return filed(facts, agency="so-yt", number=number, notation=notation, issued_on=issued)


async def met(desk: Desk) -> set[tuple[str, str, str]]:
    """Number of the entry, first digits of the content, how."""
    rows = await desk.rows(
        "SELECT e.number_key, encode(d.content_hash, 'hex'), f.how FROM register_file f "
        "JOIN register_entry e USING (entry_id) JOIN document d USING (document_uid)"
    )
    return {(number, found[:8], how) for number, found, how in rows}


async def test_imported_entries_meet_files_and_a_corrected_export_corrects_that(
    desk: Desk, database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent("a", "0012", "SYT-VP"),
            sent("b", "13", "13/SYT-NVY"),
            sent("c", "14/SY-SYT", "", issued=None),
        ]
    )
    first = (line("12/SYT-VP"), line("Số: 13/SYT-NVY"), line("14/SY-SYT", kind="Bản sao y"))
    await desk.imported(HEAD, *first)
    await matched(database)
    assert await met(desk) == {
        ("12/syt-vp", content("a"), "number"),
        ("13/syt-nvy", content("b"), "number"),
        ("14/sy-syt", content("c"), "number"),
    }
    assert (await roles(database))["c.pdf"] == ("copy", "register")
    await desk.imported(
        HEAD, line("12/SYT-VP", "06/03/2026"), first[1], line("14/SY-SYT", "20/03/2026")
    )
    await matched(database)
    assert await met(desk) == {("13/syt-nvy", content("b"), "number")}
    assert (await roles(database))["c.pdf"] == ("copy", "notation")


async def test_the_same_export_again_makes_nothing_due(
    desk: Desk, database: Database, recorder: Recorder
) -> None:
    await recorder.write([sent("a", "12", "SYT-VP")])
    await desk.imported(HEAD, line("12/SYT-VP"))
    await matched(database)
    await desk.imported(HEAD, line("12/SYT-VP"))
    assert (await matched(database)).agencies == 0
    assert await met(desk) == {("12/syt-vp", content("a"), "number")}

"""An agency's own report: its figures and documents, and nothing of anybody else."""

import dataclasses
import re
from datetime import date
from uuid import UUID

import pytest

from monitor.model import Finding, Language
from monitor.record import Database
from monitor.report.content import Wanted, read
from monitor.report.content.reasons import Reasons
from monitor.report.model import Report, Share, Standing
from monitor.report.words import words
from tests.report.closing_rows import AGENCIES, closed
from tests.report.test_content_province import SETTINGS, cell, lines, table, texts


async def sheet(
    database: Database, code: str, language: Language = Language.VI,
    people: dict[UUID, tuple[str, str]] | None = None,
) -> Report:  # fmt: skip
    async with database.connection() as connection:
        closing = await closed(connection)
        wanted = Wanted(SETTINGS, Standing.CLOSED, language, agency=code, people=people)
        return await read(connection, closing, wanted)


@pytest.mark.parametrize("code", [each.code for each in AGENCIES])
async def test_no_other_agency_is_in_it_by_code_name_or_figure(
    database: Database, code: str
) -> None:
    """`xa-cu` has a successor that its line in the province's report names: not here."""
    report = await sheet(database, code)
    everything = repr(dataclasses.asdict(report)) + "\n".join(texts(report))
    for other in AGENCIES:
        if other.code != code:
            assert other.code not in everything, other.code
            assert other.name not in everything, other.name
    assert {row.figure.code for row in report.figures} == {code}
    assert all(row.code in ("", code) for each in report.tables for row in each.rows)
    assert report.head.code == code


async def test_its_documents_are_told_with_why_and_what_to_do(database: Database) -> None:
    documents = table(await sheet(database, "so-tu-phap"), "documents")
    first = documents.rows[0]
    assert cell(documents, first, "number") == "10/so-tu-phap-VP"
    assert cell(documents, first, "issued_on") == date(2026, 10, 1)
    assert cell(documents, first, "channel") == "phần mềm QLVB&ĐH"
    assert re.fullmatch(r"\d\d:\d\d", str(cell(documents, first, "sent_time")))
    assert cell(documents, first, "reason") == "Văn bản không có chữ ký số nào."
    assert "trình người có thẩm quyền ký số" in str(cell(documents, first, "what_to_do"))
    assert len(str(cell(documents, first, "hash"))) == 16
    second = str(cell(documents, documents.rows[1], "what_to_do"))
    assert "Không sử dụng bản này" in second
    assert "dấu thời gian" in second


async def test_what_could_not_be_checked_stands_apart_and_is_held_against_nobody(
    database: Database,
) -> None:
    report = await sheet(database, "so-tu-phap")
    still_open = table(report, "documents_open")
    assert len(still_open.rows) == 1
    assert cell(still_open, still_open.rows[0], "verdict") == "Chưa kiểm tra được"
    assert "không phải xử lý" in str(cell(still_open, still_open.rows[0], "what_to_do"))
    verdicts = {cell(each, row, "verdict") for each in [table(report, "documents")]
                for row in each.rows}  # fmt: skip
    assert "Chưa kiểm tra được" not in verdicts


async def test_people_are_not_in_it_unless_they_were_asked_for(database: Database) -> None:
    plain = table(await sheet(database, "so-tu-phap"), "documents")
    assert not {"sender", "subject", "file_name"} & {each.id for each in plain.headings}


async def test_people_that_were_asked_for_are_in_it_cleaned(database: Database) -> None:
    uid = UUID(int=101)
    people = {uid: ("an@so-tu-phap.example", "V/v \u202ehọp\n giao ban")}
    report = await sheet(database, "so-tu-phap", people=people)
    documents = table(report, "documents")
    assert cell(documents, documents.rows[0], "sender") == "an@so-tu-phap.example"
    assert cell(documents, documents.rows[0], "subject") == "V/v họp giao ban"
    assert cell(documents, documents.rows[0], "file_name") == "so-tu-phap 0.pdf"
    assert cell(documents, documents.rows[1], "subject") is None


async def test_its_place_is_told_without_the_others(database: Database) -> None:
    ranking = table(await sheet(database, "xa-an-binh"), "ranking")
    (row,) = ranking.rows
    assert cell(ranking, row, "group") == "Nhóm 1"
    assert cell(ranking, row, "note") == "Nhóm 1/2 trong 2 cơ quan cùng khối được xếp"
    assert not ranking.charts


async def test_its_own_targets_and_results_alone_are_summed_up(database: Database) -> None:
    text = lines(await sheet(database, "so-tu-phap"))
    assert "150/200 văn bản" in text
    assert "chưa đạt (Văn bản đủ cặp chữ ký 75,0%, yêu cầu 95%, thời hạn 31/12/2026)" in text
    assert "đủ căn cứ đánh giá" not in text


async def test_documents_that_were_forgotten_are_said_to_be(database: Database) -> None:
    async with database.connection() as connection:
        closing = await closed(connection)
        await connection.execute("ALTER TABLE closed_document DISABLE TRIGGER USER")
        await connection.execute("DELETE FROM closed_document")
        wanted = Wanted(SETTINGS, Standing.CLOSED, agency="so-tu-phap")
        report = await read(connection, closing, wanted)
    for id_ in ("documents", "documents_open", "reasons"):
        assert "đã được xóa theo thời hạn lưu giữ" in table(report, id_).empty


@pytest.mark.parametrize("language", list(Language))
def test_every_word_of_the_catalogue_is_a_whole_sentence(language: Language) -> None:
    from monitor.explain.vocabulary import Reason

    told = Reasons(words(language))
    for reason in Reason:
        said = told.entry(f"reason:{reason.value}")
        assert "{" not in said.why
        assert said.why[0].isupper()
        assert said.why.endswith(".")
    for finding in Finding:
        assert told.entry(f"finding:{finding.value}").why.endswith(".")


@pytest.mark.parametrize("word", ["rule:person_missing", "rule:organisation_missing"])
def test_half_a_pair_is_told_with_what_to_do(word: str) -> None:
    said = Reasons(words(Language.VI)).of_document([word], "valid", None)
    assert "chưa có chữ ký số" in said.why
    assert said.what_to_do


def test_a_word_of_another_version_of_the_program_stays_itself() -> None:
    told = Reasons(words(Language.VI))
    assert told.entry("reason:not_invented_yet").why == "reason:not_invented_yet"
    assert told.of_document([], "unsigned", None).why == "Chưa ký số"


async def test_what_is_printed_begins_with_its_figures_and_what_to_put_right(
    database: Database,
) -> None:
    report = await sheet(database, "so-tu-phap")
    printed = [each for each in report.tables if each.printed]
    assert [each.id for each in printed[:5]] == [
        "own_figures", "own_checks", "own_officials", "documents", "documents_open",
    ]  # fmt: skip
    assert report.tables[0].id == "agencies", "data have the columns of everybody's reports"
    one_line = {"agencies", "indicators", "channels", "funnel", "leaders", "verdicts", "ranking"}
    assert not one_line & {each.id for each in printed}


async def test_its_figures_stand_beside_those_before_and_what_is_asked_for(
    database: Database,
) -> None:
    figures = table(await sheet(database, "so-tu-phap"), "own_figures")
    (pair,) = [row for row in figures.rows if cell(figures, row, "target")]
    assert cell(figures, pair, "indicator") == "Văn bản đủ cặp chữ ký (phần mềm QLVB&ĐH)"
    assert (cell(figures, pair, "numerator"), cell(figures, pair, "denominator")) == (150, 200)
    before, asked = cell(figures, pair, "previous"), cell(figures, pair, "target")
    assert isinstance(before, Share)
    assert before.ratio == pytest.approx(0.99)
    assert asked == Share(0.95)
    assert cell(figures, pair, "assessment") == "Chưa đạt"
    assert "Xếp nhóm về ký số đủ: Nhóm 2/2" in figures.notes[0]


async def test_what_an_agency_has_no_data_of_is_shown_as_unknown(database: Database) -> None:
    figures = table(await sheet(database, "xa-khong"), "own_figures")
    assert [cell(figures, row, "numerator") for row in figures.rows] == [None, None, None]
    assert "previous" not in {each.id for each in figures.headings}

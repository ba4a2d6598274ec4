"""One agency's March 2026, every figure worked out by hand.

Sở Một (`so-mot`) keeps a register, its document system leaves files with a manifest, it sends on
the exchange axis and by mail, and publishes on its portal; the same documents are met again and
again. 30 days before Wednesday 1 April are the 2nd to the 31st, all working days of March.

| No. | issued | register says | captured | so it went |
|---|---|---|---|---|
| 101 | 2/3 | electronic | docsys, axis (Paper 0) twice, two mails, one copied twice | electronic |
| 102 | 2/3 | electronic | docsys, mail; in internal mail before | electronic |
| 103 | 3/3 | parallel | docsys | parallel |
| 104 | 3/3 | paper | docsys, whose manifest says paper: it lies there, nothing was sent | paper |
| 105 | 4/3 | paper | mail, under the register's file name | parallel: it was sent |
| 106 | 4/3 | nothing | docsys, without a word about paper | electronically; paper undecided |
| 107 | 5/3 | nothing | axis, Paper 1 | parallel |
| 108 | 5/3 | nothing | nothing | undecided |
| 109 | 6/3 | electronic | docsys, with an appendix in a file of its own | electronic |
| 110 | 6/3 | secret | | in no figure |
| 111 | 9/3 | electronic | nothing | electronic, not proven |
| 112 | 9/3 | parallel | nothing | parallel, not proven |
| 113 | 10/3 | electronic | axis, Paper 1, by the file's name | parallel: the message says so |
| 113 | 10/3 | electronic | docsys, by the file's name: one number was given twice | electronic |
| 114 | 10/3 | paper | nothing | paper |
| 115 | 11/3 | electronic | docsys: a copy (bản sao y) with a number of its own | electronic |
| 116 | 11/3 | electronic | an appendix in a row of its own | no document by itself |
| 117 | 12/3 | electronic | docsys, signed by the director alone | electronic |
| 118 | 12/3 | electronic | docsys, changed after it was signed | electronic |
| 119 | 13/3 | electronic | mail, by the file's hash | electronic |
| 120 | 13/3 | electronic | docsys, cannot be judged yet | electronic |
| 121 | 16/3 | electronic | docsys, no time-stamp, no time of dispatch | electronic |
| 122 | 16/3 | paper | the portal: published, not sent | paper |
| 123 | 17/3 | | withdrawn from the register since | in no figure |
| 124 | 17/3 | parallel | a file of this number that an operator refused | parallel, not proven |
| 125 | 31/3 | electronic | docsys | electronic |
| 126 | 31/3 | cancelled | | a number without a document |

Of 27 rows 23 are documents of the register (not 110, 116, 123, 126), of which 16 were captured.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.agencies.agency import Agency
from monitor.agencies.registry import Registry
from monitor.measure import Figure, Measure, State
from monitor.model import (
    AxisStatus,
    Channel,
    Direction,
    DocumentClass,
    DocumentFacts,
    Indication,
    Kind,
    Outcome,
    Overall,
    SignerKind,
)
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.message_ref import message_ref
from monitor.record.register_rows import Terms
from monitor.record.sealing import Sealer
from monitor.register.importing import import_listing
from monitor.register.matching import match
from monitor.register.profile import Profile
from monitor.register.reading import Listing, Understanding
from tests.support.axis import sent, told
from tests.support.database import Server
from tests.support.outcomes import digest, document, filed, mail, signature, undecided, verdict

TODAY = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
NOTATION = "STN"


def at(day: int, clock: str) -> datetime:
    """A Vietnam time of March 2026."""
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}:00+07:00")


# -- files ---------------------------------------------------------------------------------------


def person(when: datetime, **more: Any) -> Any:
    return signature(signing_time=when, signer_kind=SignerKind.PERSON, **more)


def organisation(when: datetime, **more: Any) -> Any:
    return signature(signing_time=when, signer_kind=SignerKind.ORGANISATION, **more)


def file(
    content: str, *marks: Any, overall: Overall = Overall.VALID, name: str | None = None
) -> DocumentFacts:
    judged = verdict(overall, marks) if marks else verdict()
    return document(content, judged, file_name=name or "van-ban.pdf")


def pair(content: str, when: datetime, *, name: str | None = None, **more: Any) -> DocumentFacts:
    """Signed by the director and the organisation."""
    return file(content, person(when, **more), organisation(when, **more), name=name)


def complete(outcome: Outcome) -> Outcome:
    """What attribution says of a document with both signatures."""
    whose = [
        each.model_copy(update={"paired": True, "organisation_signed": True})
        for each in outcome.attribution.documents
    ]
    attribution = outcome.attribution.model_copy(update={"documents": tuple(whose)})
    return outcome.model_copy(update={"attribution": attribution})


def by_organisation(outcome: Outcome) -> Outcome:
    """What it says of an appendix or a copy: the organisation's signature alone."""
    whose = outcome.attribution.documents[0].model_copy(update={"organisation_signed": True})
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    return outcome.model_copy(update={"attribution": attribution})


def exported(
    facts: DocumentFacts, number: int, issued: int, when: datetime | None, **claim: Any
) -> Outcome:
    """A file of the document system, seen by the folder watcher at 18:00 of the day it was sent."""
    seen = when.replace(hour=18) if when else at(17, "18:00")
    values: dict[str, Any] = {"notation": NOTATION} | claim
    return filed(
        facts, at=seen, sent_at=when, number=str(number), issued_on=date(2026, 3, issued), **values
    )


def docsys() -> list[Outcome]:
    return [
        complete(exported(pair("101", at(2, "09:00")), 101, 2, at(2, "15:00"), paper="electronic")),
        complete(exported(pair("102", at(2, "16:00")), 102, 2, at(3, "11:30"), paper="electronic")),
        complete(exported(pair("103", at(3, "10:00")), 103, 3, at(4, "14:00"), paper="parallel")),
        exported(file("104"), 104, 3, None, paper="paper"),
        complete(exported(pair("106", at(4, "10:00")), 106, 4, at(4, "16:00"))),
        complete(exported(pair("109", at(6, "15:00")), 109, 6, at(9, "10:00"))),
        by_organisation(
            exported(
                file("109 appendix", organisation(at(6, "15:00"))), 109, 6, at(9, "10:00"),
                role="appendix",
            )
        ),
        complete(
            exported(
                pair("113 plan", at(10, "08:00"), name="113-ke-hoach.pdf"), 113, 10,
                at(10, "09:00"),
            )
        ),
        by_organisation(
            exported(
                file("115", organisation(at(11, "09:00"))), 115, 11, at(11, "10:00"), role="copy",
                notation="SY-STN",
            )
        ),
        exported(file("117", person(at(12, "08:00"))), 117, 12, at(12, "09:00")),
        exported(
            file("118", person(at(12, "08:00"), indication=Indication.TOTAL_FAILED),
                 overall=Overall.INVALID),
            118, 12, at(12, "09:00"),
        ),
        exported(document("120", undecided()), 120, 13, at(13, "16:00")),
        complete(exported(pair("121", at(16, "09:00"), stamped=False), 121, 16, None)),
        complete(exported(pair("124 wrong", at(17, "09:00")), 124, 17, at(17, "10:00"))),
        complete(exported(pair("125", at(31, "09:00")), 125, 31, at(31, "10:00"))),
        # Not in the register at all.
        exported(file("999", person(at(20, "08:00"))), 999, 20, at(20, "09:00")),
    ]  # fmt: skip


def axis() -> list[Outcome]:
    def message(
        name: str, facts: DocumentFacts, number: int, when: datetime, *, paper: bool, issued: int,
        to: Sequence[str] = ("H99.2",),
    ) -> Outcome:  # fmt: skip
        return complete(
            sent(
                name, [facts], at=when, to=to, paper=paper, number=str(number), notation=NOTATION,
                issued_on=date(2026, 3, issued),
            )
        )  # fmt: skip

    first = pair("101", at(2, "09:00"))
    return [
        message("a-101", first, 101, at(2, "15:30"), paper=False, issued=2),
        message("a-101", first, 101, at(2, "15:30"), paper=False, issued=2, to=("H99.3",)),
        message("a-107", pair("107", at(5, "09:00")), 107, at(5, "11:00"), paper=True, issued=5),
        message(
            "a-113", pair("113 proposal", at(10, "14:00"), name="113-to-trinh.pdf"), 113,
            at(12, "09:00"), paper=True, issued=10,
        ),
        told(AxisStatus.ARRIVED, "a-101", at=at(2, "15:31")),
        told(AxisStatus.RECEIVED, "a-101", at=at(3, "08:00")),
        told(AxisStatus.DONE, "a-101", at=at(5, "08:00")),
        # Received by us: another's document.
        sent("b-1", [pair("from elsewhere", at(5, "09:00"))], sender="H77.1", to=("H99.1",),
             at=at(5, "10:00")),
    ]  # fmt: skip


def mails() -> list[Outcome]:
    first, second = pair("101", at(2, "09:00")), pair("102", at(2, "16:00"))
    signed = verdict(Overall.VALID, [person(at(18, "09:00"))], kind=Kind.SMIME, path="message")
    to_ba = mail("m2", [first], to=("so-ba",), at=at(2, "15:20"))
    return [
        mail("m0", [second], direction=Direction.INTERNAL, at=at(2, "16:30")),
        mail("m1", [first], at=at(2, "15:10")),
        to_ba,
        to_ba.model_copy(update={"header": to_ba.header.model_copy(update={"item_id": "b" * 32})}),
        mail("m3", [file("105", name="105-quyet-dinh.pdf")], at=at(4, "15:00")),
        mail("m4", [pair("119", at(12, "17:00"))], at=at(13, "09:00")),
        mail("m5", [file("invitation", name="giay-moi.pdf")], message=signed, at=at(18, "09:30")),
        mail("m6", [second], at=at(5, "09:00")),
        mail("m7", [file("reply")], facts={"automatic": True}, at=at(18, "10:00")),
        mail("m8", [pair("of so-ba", at(18, "09:00"))], relayed=True, at=at(19, "10:00")),
        mail("m9", [document("draft", document_class=DocumentClass.EDITABLE)], at=at(20, "10:00")),
        mail("m10", [], at=at(20, "11:00")),
    ]


def portal() -> list[Outcome]:
    return [
        complete(exported(pair("122", at(16, "09:00")), 122, 16, at(16, "10:00"),
                          channel=Channel.PORTAL))
    ]  # fmt: skip


# -- the register ----------------------------------------------------------------------------------

REGISTRY = Registry([
    Agency(code="so-mot", name="Sở Một", level="department", organ_codes=("H99.1",)),
    Agency(code="so-hai", name="Sở Hai", level="department", organ_codes=("H99.2",)),
])  # fmt: skip
HEAD = (
    "Số ký hiệu,Ngày ban hành,Loại văn bản,Trích yếu,Hình thức gửi,Độ mật,Trạng thái,Thời điểm ký,"
    "Thời điểm gửi,Tên tệp,SHA-256"
)
E, P, G = "Điện tử", "Điện tử và bản giấy", "Giấy"


def line(
    number: int, day: int, form: str = "", *, kind: str = "Công văn", notation: str = NOTATION,
    secret: str = "", status: str = "Đã phát hành", signed: str = "", sent: str = "",
    name: str = "", sha256: str = "",
) -> str:  # fmt: skip
    """A row of the export."""
    about = f"Việc {name or number}"
    return (
        f"{number}/{notation},{day:02}/03/2026,{kind},{about},{form},{secret},{status},{signed},"
        f"{sent},{name},{sha256}"
    )


FIRST_HALF = [
    line(101, 2, E), line(102, 2, E), line(103, 3, P), line(104, 3, G),
    line(105, 4, G, name="105-quyet-dinh.pdf"), line(106, 4), line(107, 5), line(108, 5),
    line(109, 6, E), line(110, 6, E, secret="Mật"), line(111, 9, E), line(112, 9, P),
    line(113, 10, E, name="113-to-trinh.pdf"), line(113, 10, E, name="113-ke-hoach.pdf"),
    line(114, 10, G), line(115, 11, E, kind="Bản sao y", notation="SY-STN"),
    line(116, 11, E, kind="Phụ lục"), line(117, 12, E), line(118, 12, E),
    line(119, 13, E, sha256=digest("119")), line(120, 13, E),
]  # fmt: skip
SECOND_HALF = [
    line(121, 16, E, signed="16/03/2026 10:00", sent="17/03/2026 13:00"), line(122, 16, G),
    line(124, 17, P), line(125, 31, E), line(126, 31, status="Hủy"),
]  # fmt: skip
WITHDRAWN = line(123, 17, E)
RECEIVED = [
    "Số đến,Ngày đến,Số ký hiệu,Ngày ban hành,Trích yếu,Hình thức gửi",
    "1,09/03/2026,77/BX,06/03/2026,Việc khác,Điện tử",
]


async def imported(
    database: Database, folder: Path, lines: Sequence[str], as_of: date, **terms: Any
) -> None:
    """`congvu register import --agency so-mot --apply` of these lines."""
    path = folder / "so.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    values: dict[str, Any] = {"direction": "out"} | terms
    wanted = Terms(source="phan-mem", as_of=as_of, actor="test", apply=True, **values)
    how = Understanding(
        wanted.direction, Profile(confirmed=True), as_of, "so-mot", wanted.first, wanted.last
    )
    done = await import_listing(
        Listing([path], REGISTRY, how), REGISTRY.codes(), wanted, database,
        Sealer(b"g" * 32), lambda _: None,
    )  # fmt: skip
    assert done.problems == ()
    assert done.outcome.applied


async def early_register(database: Database, folder: Path) -> None:
    """What was exported on the 17th: 123 stands in it still, and 111 says paper."""
    lines = [HEAD, *FIRST_HALF, *SECOND_HALF[:3], WITHDRAWN]
    wrong = [line(111, 9, G) if each == line(111, 9, E) else each for each in lines]
    await imported(database, folder, wrong, date(2026, 3, 17))


async def whole_register(database: Database, folder: Path) -> None:
    """The month's register, and that of what came in."""
    march = {"whole": True, "first": date(2026, 3, 1), "last": date(2026, 3, 31)}
    await imported(database, folder, [HEAD, *FIRST_HALF, *SECOND_HALF], date(2026, 3, 31), **march)
    await imported(database, folder, RECEIVED, date(2026, 3, 31), direction="in", **march)


async def gateway_log(database: Database, server: Server) -> None:
    """What the gateway says was sent: one mail was never captured."""
    days = {"m1": 2, "m2": 2, "m3": 4, "m4": 13, "m5": 18, "m6": 5, "lost": 19}
    sealer = Sealer.load(server.state_dir)
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO gateway_message (message_ref, day, agency_id)"
            " SELECT $1, $2, agency_id FROM agency WHERE code = 'so-mot'",
            [
                (message_ref(sealer, f"{name}@so.example", date(2026, 3, day)), date(2026, 3, day))
                for name, day in days.items()
            ],
        )


# -- the figures -----------------------------------------------------------------------------------


@pytest.fixture
async def month(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> Database:
    """Everything recorded, matched and measured as it came."""
    await database.sync_agencies(
        [AgencyRow(code, f"Sở {code}", "department", "tinh") for code in ("so-mot", "so-hai")]
    )
    await recorder.write(docsys())
    await early_register(database, tmp_path)
    await match(database)
    await figures(database)
    await recorder.write([*axis(), *portal(), *mails()])
    await whole_register(database, tmp_path)
    await match(database)
    await gateway_log(database, postgres_server)
    async with database.connection() as connection:
        refused = await connection.execute(
            "UPDATE register_file SET how = 'refused' WHERE entry_id ="
            " (SELECT entry_id FROM register_entry WHERE number = '124')"
        )
        assert refused == "UPDATE 1"
    return database


async def figures(database: Database) -> dict[tuple[str, str, str, str, str], Figure]:
    """By indicator, code, channel, class and base, of the 30 days."""
    measure = Measure(database, lambda: TODAY)
    await measure.refresh_coverage()
    return {
        (each.indicator, each.code, each.channel, each.document_class, each.base): each
        for each in await measure.refresh()
        if each.window == "30d"
    }


async def test_every_figure_of_the_month_is_the_one_worked_out_by_hand(month: Database) -> None:
    found = await figures(month)

    def three(
        indicator: str, channel: str = "docsys", base: str = "", kind: str = "formal"
    ) -> tuple[int, int, int, State]:
        each = found[indicator, "so-mot", channel, kind, base]
        return each.numerator, each.denominator, each.undecided, each.state

    ok, stale = State.OK, State.STALE

    # Of the register's 23 documents three went on paper alone (104, 114, 122) and of one nothing is
    # known (108), under 5%: 23 - 3 - 1 = 19 of 22. Proven are the 16 captured ones, of all 23.
    assert three("document_electronic") == (19, 22, 1, ok)
    assert three("document_electronic", base="observed") == (16, 23, 0, ok)
    # With paper: 103, 105, 107, 112, 113, 124. Of 106 and 108 nobody says: 2 of 23 are over 5%.
    assert three("document_parallel_paper") == (6, 21, 2, stale)
    # Proven: 103, 105, 107, 113.
    assert three("document_parallel_paper", base="observed") == (4, 23, 0, ok)
    # Without: 101, 102, 109, 111, 113 (the plan), 115, 117, 118, 119, 120, 121, 125.
    assert three("document_paperless") == (12, 21, 2, stale)
    # Of these 111 is not proven.
    assert three("document_paperless", base="observed") == (11, 23, 0, ok)
    # Six with paper, twelve without and three on paper alone are the 21 that are decided.

    # Files of the document system: 101 102 103 104 106 109 and its appendix, 113 115 117 118 120
    # 121 124 125 999, 16 in all. 120 is undecided (1 of 16: stale); unsigned 104, invalid 118.
    assert three("document_signed") == (13, 15, 1, stale)
    # Complete pairs: 101 102 103 106 109 113 121 124 125; the appendix and the copy 115 by the
    # organisation's signature. Not 117 and 999, signed by a person alone.
    assert three("document_paired") == (11, 15, 1, stale)
    # Two signatures on each of the nine pairs, one on the appendix, 115, 117, 999: 22, of which the
    # two of 121 bear no time-stamp. 118's did not pass, 120's is undecided: 1 of 23 is under 5%.
    assert three("signature_timestamped") == (20, 22, 1, ok)
    # Main documents with both times: late are 103 (signed on the 3rd, sent on the 4th at 14:00) and
    # 121 (by the register: signed on the 16th, sent on the 17th at 13:00). In time: 101, 102 (the
    # next morning), 106, 109 (Friday to Monday), 113, 117, 118 and 120 (by the register's day of
    # issue), 124, 125, 999. Nobody says when 104 was sent.
    assert three("dispatched_on_time") == (11, 13, 0, ok)
    # By time-stamps and known dispatch alone 118 and 121 fall out, and 120 is undecided.
    assert three("dispatched_on_time", base="observed") == (9, 10, 1, stale)

    # On the axis 101, 107 and 113, 101 once though it came twice; statuses are no documents.
    assert three("document_signed", "axis") == (3, 3, 0, ok)
    assert three("document_paired", "axis") == (3, 3, 0, ok)
    assert three("signature_timestamped", "axis") == (6, 6, 0, ok)
    # 113 was signed on the 10th and sent on the 12th.
    assert three("dispatched_on_time", "axis") == (2, 3, 0, ok)
    assert three("dispatched_on_time", "axis", "observed") == (2, 3, 0, ok)

    # By mail 101, 102, 105, 119 and the invitation; internal, automatic and relayed mail is apart.
    assert three("document_signed", "mail") == (3, 5, 0, ok)
    assert three("document_signed", "mail", kind="editable") == (0, 1, 0, ok)
    assert three("signature_timestamped", "mail") == (6, 6, 0, ok)
    # m1 m2 m4 m6 by their documents, m5 by its own signature; m3 not. m8 to m10 have none.
    assert three("mail_signed", "mail") == (5, 6, 0, ok)
    # 101 and 119 in time, 105 by the register's day of issue; 102 left by mail three days later.
    assert three("dispatched_on_time", "mail") == (3, 4, 0, ok)
    assert three("dispatched_on_time", "mail", "observed") == (2, 3, 0, ok)

    # The portal's one document is signed; what is published is not dispatched.
    assert three("document_signed", "portal") == (1, 1, 0, ok)
    assert ("dispatched_on_time", "so-mot", "portal", "formal", "") not in found

    # 19 went out electronically, 16 were captured; of seven logged mails one was not.
    electronic = found["document_electronic", "so-mot", "docsys", "formal", ""]
    assert electronic.coverage == pytest.approx(16 / 19)
    by_mail = found["mail_signed", "so-mot", "mail", "formal", ""]
    assert by_mail.coverage == pytest.approx(6 / 7)

    # Sở Hai gave no register: it has no data, and the province's figure is not the whole one's.
    assert found["document_electronic", "so-hai", "docsys", "formal", ""].state is State.NO_DATA
    assert found["document_electronic", "province", "docsys", "formal", ""].state is State.STALE


async def test_each_document_of_the_month_is_one_row_in_each_channel(month: Database) -> None:
    async with month.connection() as connection:
        rows = await connection.fetch(
            "SELECT channel, count(*) AS rows, count(*) FILTER (WHERE counted AND NOT relayed"
            " AND agency_id <> 0) AS units FROM document GROUP BY 1"
        )
    # Mail: 101 102 105 119 invitation draft; beside them the reply and the relayed one. Axis: one
    # more of another agency, received by ours.
    assert {row["channel"]: (row["rows"], row["units"]) for row in rows} == {
        "docsys": (16, 16), "axis": (4, 3), "mail": (8, 6), "portal": (1, 1),
    }  # fmt: skip


async def test_measured_anew_from_nothing_the_month_is_the_same(month: Database) -> None:
    before = await figures(month)
    async with month.connection() as connection:
        await connection.execute(
            "DELETE FROM day_fact; DELETE FROM figure; DELETE FROM coverage_day;"
            " INSERT INTO changed_day SELECT day FROM document UNION SELECT day FROM message"
            " UNION SELECT day FROM register_entry; INSERT INTO coverage_due"
            " SELECT DISTINCT day FROM gateway_message"
        )
    assert await figures(month) == before

"""Appendices and copies are recognised by what they were registered as, or lie beside."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor.measure import Measure
from monitor.model import Channel, DocumentClass, DocumentFacts, DocumentRole, Outcome
from monitor.record import Database, Recorder
from tests.register.entries import (
    DAY,
    Entry,
    changed_days,
    correct,
    due,
    enter,
    matched,
    on,
    roles,
)
from tests.support.outcomes import document, filed, mail

MAIN = ("main", None)
APPENDIX = ("appendix", "file_name")


def named(name: str, document_class: DocumentClass = DocumentClass.FORMAL) -> DocumentFacts:
    return document(name, file_name=name, document_class=document_class)


def numbered(name: str, days: int = 0, **claim: object) -> Outcome:
    values = {"number": "12", "notation": "UBND-VP", "issued_on": DAY} | claim
    return filed(named(name), at=on(days), sent_at=on(days), **values)  # type: ignore[arg-type]  # a claim


async def test_the_files_of_a_copy_are_copies(database: Database, recorder: Recorder) -> None:
    await recorder.write([numbered("a.pdf", days=1)])
    (entry,) = await enter(database, Entry(role=DocumentRole.COPY))
    await changed_days(database)
    assert (await matched(database)).roles == 1
    assert await roles(database) == {"a.pdf": ("copy", "register")}
    assert DAY + timedelta(days=1) in await changed_days(database)
    await correct(database, entry, role="main")
    await matched(database)
    assert await roles(database) == {"a.pdf": MAIN}


async def test_a_copy_is_known_by_its_own_notation(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            numbered("a.pdf", number="05/SY-UBND", notation=None),
            numbered("b.pdf", number="6", notation="6/TrS-VP"),
        ]
    )
    await matched(database)
    assert await roles(database) == {
        "a.pdf": ("copy", "notation"),
        "b.pdf": ("copy", "notation"),
    }


async def test_an_appendix_by_name_lies_beside_its_document_in_one_message(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [mail("one", [named("CV 12.pdf"), named("Phụ lục 1.pdf"), named("PL02.pdf")])]
    )
    await matched(database)
    assert await roles(database) == {
        "CV 12.pdf": MAIN,
        "Phụ lục 1.pdf": APPENDIX,
        "PL02.pdf": APPENDIX,
    }


@pytest.mark.parametrize(
    "beside",
    [
        [],
        [named("PL02.pdf")],
        [named("danh sach.docx", document_class=DocumentClass.EDITABLE)],
    ],
    ids=["nothing", "another appendix", "no formal document"],
)
async def test_a_name_alone_makes_no_appendix(
    database: Database, recorder: Recorder, beside: Sequence[DocumentFacts]
) -> None:
    await recorder.write([mail("one", [named("Phụ lục 1.pdf"), *beside])])
    await recorder.write([mail("other", [named("CV 12.pdf")])])
    await matched(database)
    assert set((await roles(database)).values()) == {MAIN}


@pytest.mark.parametrize("first", ["CV.pdf", "Phụ lục 1.pdf"])
async def test_a_document_of_the_same_number_may_come_later(
    database: Database, recorder: Recorder, first: str
) -> None:
    names = {"CV.pdf", "Phụ lục 1.pdf"}
    await recorder.write([numbered(first)])
    await matched(database)
    assert await roles(database) == {first: MAIN}
    await recorder.write([numbered((names - {first}).pop(), days=2)])
    await matched(database)
    assert await roles(database) == {"CV.pdf": MAIN, "Phụ lục 1.pdf": APPENDIX}


async def test_an_appendix_may_lie_beside_its_document_at_one_entry_alone(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("CV.pdf")])
    await recorder.write([mail("two", [named("Phụ lục 1.pdf")], at=on(3))])
    (entry,) = await enter(database, Entry(files=("Phụ lục 1.pdf",)))
    await matched(database)
    assert (await roles(database))["Phụ lục 1.pdf"] == APPENDIX
    await correct(database, entry, number_key="13/ubnd-vp")
    await matched(database)
    assert (await roles(database))["Phụ lục 1.pdf"] == MAIN


async def test_what_lies_beside_what_is_beside_is_asked_too(
    database: Database, recorder: Recorder
) -> None:
    """Another appendix of its entry is new; the document lies in the message alone."""
    await recorder.write([mail("one", [named("CV.pdf"), named("PL01.pdf")])])
    await enter(database, Entry(files=("PL01.pdf", "PL02.pdf")))
    await matched(database)
    await recorder.write([mail("two", [named("PL02.pdf")], at=on(1))])
    await matched(database)
    assert await roles(database) == {"CV.pdf": MAIN, "PL01.pdf": APPENDIX, "PL02.pdf": MAIN}


async def test_what_the_source_said_stays(database: Database, recorder: Recorder) -> None:
    await recorder.write(
        [
            numbered("a.pdf", role=DocumentRole.MAIN),
            numbered("Phụ lục 1.pdf", role=DocumentRole.MAIN),
            numbered("PL2.pdf", role=DocumentRole.APPENDIX),
        ]
    )
    await enter(database, Entry(role=DocumentRole.COPY))
    assert (await matched(database)).roles == 0
    assert await roles(database) == {
        "a.pdf": ("main", "source"),
        "Phụ lục 1.pdf": ("main", "source"),
        "PL2.pdf": ("appendix", "source"),
    }


async def test_what_the_container_said_stays(database: Database, recorder: Recorder) -> None:
    facts = named("a.pdf").model_copy(update={"role": DocumentRole.APPENDIX})
    await recorder.write([mail("one", [facts])])
    await matched(database)
    assert await roles(database) == {"a.pdf": ("appendix", "container")}


async def _paired(database: Database) -> tuple[int, int]:
    async with database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT coalesce(sum(numerator), 0) AS n, coalesce(sum(denominator), 0) AS d "
            "FROM day_fact WHERE indicator = 'document_paired' AND channel = 'docsys' AND base = ''"
        )
    assert row is not None
    return int(row["n"]), int(row["d"])


async def test_a_copy_with_the_organisations_signature_completes_the_figure_once_it_is_known(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("a.pdf", days=1)])
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE document SET overall = 'valid', signed_by_issuer = true, "
            "organisation_signed = true"
        )
    await Measure(database).refresh()
    assert await _paired(database) == (0, 1)
    await enter(database, Entry(role=DocumentRole.COPY))
    await matched(database)
    await Measure(database).refresh()
    assert await _paired(database) == (1, 1)


async def test_an_axis_message_is_a_message_too(database: Database, recorder: Recorder) -> None:
    one = filed(named("CV.pdf"), channel=Channel.AXIS, item_id="a" * 32)
    both = one.model_copy(
        update={
            "examined": one.examined.model_copy(
                update={"documents": (*one.examined.documents, named("PL1.pdf"))}
            ),
            "attribution": one.attribution.model_copy(
                update={"documents": one.attribution.documents * 2}
            ),
        }
    )
    await recorder.write([both])
    await matched(database)
    assert (await roles(database))["PL1.pdf"] == APPENDIX


async def test_the_type_in_an_axis_message_makes_a_copy(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([filed(named("a.pdf"), channel=Channel.AXIS)])
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO axis_message (axis_uid, day, sender_code, sender_agency_id, document_ref, "
            "document_type, first_received_at, copies, documents, container, findings) "
            "SELECT document_uid, day, '', 0, '', 'Bản sao lục', now(), 1, 1, '', '{}' "
            "FROM document"
        )
        await connection.execute(
            "INSERT INTO axis_document (axis_uid, document_uid) "
            "SELECT document_uid, document_uid FROM document"
        )
    await matched(database)
    assert await roles(database) == {"a.pdf": ("copy", "container")}


async def test_what_lay_beside_may_have_been_removed_since(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([numbered("CV.pdf"), numbered("PL01.pdf"), numbered("b.pdf")])
    (entry,) = await enter(database, Entry())
    await matched(database)
    async with database.connection() as connection:
        for table in ("document_key", "document"):
            await connection.execute(
                f"DELETE FROM {table} WHERE document_uid IN "
                "(SELECT document_uid FROM document WHERE file_name = 'CV.pdf')"
            )
    await due(database, entry)
    await matched(database)
    assert await roles(database) == {"PL01.pdf": APPENDIX, "b.pdf": MAIN}

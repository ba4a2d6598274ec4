"""The documents that an agency is told to put right, and the one reason that decides of each."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.explain import catalogue
from monitor.explain.vocabulary import Reason
from monitor.measure.period.documents import reasons
from monitor.model import (
    Cause,
    Channel,
    DocumentClass,
    DocumentFacts,
    Finding,
    Indication,
    Integrity,
    Language,
    Outcome,
    Overall,
    SubIndication,
    Trust,
)
from monitor.record import AgencyRow, Database, Recorder
from tests.measure.period_world import Row, collected, figure_of, rows_of
from tests.sampling.samples import undrawn
from tests.support.outcomes import document, filed, mail, signature, undecided, valid, verdict

DAY = datetime(2026, 10, 6, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(
        [
            AgencyRow("so-mot", "Sở Một", "department"),
            AgencyRow("so-hai", "Sở Hai", "department"),
        ]
    )


def broken(content: str) -> DocumentFacts:
    mark = signature(
        Indication.TOTAL_FAILED, integrity=Integrity.MODIFIED, trust=Trust.TRUSTED,
        sub_indication=SubIndication.HASH_FAILURE, findings=(Finding.CHANGED_AFTER_SIGNING,),
    )  # fmt: skip
    judged = verdict(Overall.INVALID, [signature(), mark]).model_copy(
        update={
            "integrity": Integrity.MODIFIED,
            "findings": (Finding.NOT_TIMESTAMPED, Finding.CHANGED_AFTER_SIGNING, Finding.SHA1),
        }
    )
    return document(content, judged)


def weak(content: str) -> DocumentFacts:
    mark = signature(
        Indication.INDETERMINATE, cause=Cause.SIGNER, trust=Trust.WEAK,
        sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE, findings=(Finding.SHA1,),
    )  # fmt: skip
    return document(content, verdict(Overall.INDETERMINATE, [mark], cause=Cause.SIGNER))


async def failing(database: Database, period: str = "2026-10") -> dict[str, Row]:
    """By name of the file."""
    closing = await collected(database, period)
    rows = await rows_of(database, "closed_document", closing)
    return {row["file_name"]: row for row in rows}


def named(facts: DocumentFacts, name: str) -> DocumentFacts:
    return facts.model_copy(update={"file_name": name})


def sent(facts: DocumentFacts, name: str, **more: Any) -> Outcome:
    return filed(named(facts, name), at=DAY, sent_at=DAY, **more)


async def test_each_document_has_the_reason_that_its_explanation_begins_with(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent(document("a"), "unsigned", number="12", notation="QĐ-UBND",
                 issued_on=date(2026, 10, 5)),
            sent(broken("b"), "broken"),
            sent(weak("c"), "weak"),
            sent(document("d", undecided()), "ours"),
            sent(document("e", verdict(Overall.UNREADABLE)), "unreadable"),
            sent(document("f", valid()), "valid", paired=True),
        ]
    )  # fmt: skip
    found = await failing(database)
    assert {name: row["reasons"] for name, row in found.items()} == {
        "unsigned": ["reason:unsigned"],
        "broken": ["reason:changed_after_signing", "sub_indication:HASH_FAILURE"],
        "weak": ["reason:weak_sha1", "sub_indication:CRYPTO_CONSTRAINTS_FAILURE_NO_POE"],
        "ours": ["reason:undecided_ours"],
        "unreadable": ["reason:malformed"],
    }
    plain = found["unsigned"]
    assert (plain["code"], plain["number"], plain["notation"], plain["issued_on"]) == (
        "so-mot", "12", "QĐ-UBND", date(2026, 10, 5),
    )  # fmt: skip
    assert (plain["channel"], plain["day"], plain["overall"]) == (
        "docsys", date(2026, 10, 6), "unsigned",
    )  # fmt: skip
    assert (found["ours"]["overall"], found["ours"]["cause"]) == ("indeterminate", "ours")


async def test_a_valid_document_that_nobody_of_its_agency_signed_says_so(
    database: Database, recorder: Recorder
) -> None:
    outcome = sent(document("a", valid()), "foreign")
    whose = outcome.attribution.documents[0].model_copy(update={"signer_agencies": (None,)})
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    await recorder.write([outcome.model_copy(update={"attribution": attribution})])
    found = await failing(database)
    assert found["foreign"]["reasons"] == ["rule:not_issuer"]
    assert found["foreign"]["overall"] == "valid"


def with_organisation(outcome: Outcome) -> Outcome:
    (whose,) = outcome.attribution.documents
    whose = whose.model_copy(update={"organisation_signed": True})
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    return outcome.model_copy(update={"attribution": attribution})


async def test_a_good_document_that_lacks_half_of_the_pair_says_which(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent(document("a", valid()), "by a person"),
            with_organisation(sent(document("b", valid()), "by the organisation")),
            with_organisation(sent(document("c", valid()), "appendix", role="appendix")),
            sent(document("d", valid()), "both", paired=True),
            mail("1", [named(document("e", valid()), "mail")], at=DAY),
        ]
    )
    found = await failing(database)
    assert {name: row["reasons"] for name, row in found.items()} == {
        "by a person": ["rule:organisation_missing"],
        "by the organisation": ["rule:person_missing"],
    }


async def test_only_what_the_figure_counts_and_does_not_find_signed_is_there(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent(document("a"), "counted"),
            sent(document("b", document_class=DocumentClass.EDITABLE), "editable"),
            sent(document("c"), "unknown", agency=None),
            mail("1", [named(broken("d"), "relayed")], at=DAY, relayed=True),
            mail("2", [named(document("e"), "automatic")], at=DAY, facts={"automatic": True}),
            undrawn(mail("3", [named(document("f"), "undrawn")], at=DAY)),
            filed(named(document("g"), "earlier"), at=datetime(2026, 9, 30, tzinfo=UTC)),
            sent(document("h"), "portal", channel=Channel.PORTAL),
        ]
    )
    found = await failing(database)
    assert found.keys() == {"counted", "portal"}


async def test_the_documents_are_as_many_as_the_figures_lack(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            sent(document(f"{n}", valid() if n % 3 else None), f"{n}", paired=n % 3 > 0)
            for n in range(12)
        ]
        + [sent(document("open", undecided()), "open")]
    )
    closing = await collected(database, "2026-10")
    rows = await rows_of(database, "closed_document", closing)
    figure = await figure_of(database, closing, "document_signed", "so-mot")
    assert len(rows) == figure["denominator"] - figure["numerator"] + figure["undecided"] == 5
    assert sum(row["cause"] == "ours" for row in rows) == figure["undecided"] == 1


def test_beside_an_error_only_what_is_wrong_as_well_is_told() -> None:
    judged = verdict(Overall.UNSIGNED).model_copy(
        update={"findings": (Finding.REPAIRED, Finding.EMPTY_SIGNATURE_FIELD, Finding.MALFORMED)}
    )
    assert list(reasons(judged)) == ["reason:unsigned_field", "finding:malformed"]


def test_every_first_word_has_a_sentence_and_advice_in_both_languages() -> None:
    for language in Language:
        words = catalogue(language)
        for reason in Reason:
            assert words.entry(reason).sentence

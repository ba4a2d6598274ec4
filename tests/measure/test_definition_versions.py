"""What counts is versioned: whoever changes a rule raises the version of its definitions.

The pins hold the statements that decide what counts, without comments and spaces, against the
versions of all indicators made of them. After a change of a rule raise `version` of the definitions
it is of, then write the digest that the test names; where only the wording changed, it alone.
"""

import hashlib
import re
from dataclasses import replace

import pytest

from monitor.measure.indicators import CATALOGUE, Definition
from monitor.measure.statements import sql

SIGNED = ("mail_signed", "document_signed", "document_paired", "agencies_signing")
QUALITY = ("signature_timestamped", "signature_public_service_ca")
REGISTERS = ("document_electronic", "document_parallel_paper", "document_paperless")
ACCOUNTS = ("accounts_provisioned", "accounts_active", "accounts_habitual")
PINS = {
    ("roll_up_days", (*SIGNED, *QUALITY)): ("1 1 1 1 1 1", "7289be547c396e32"),
    ("roll_up_dispatch", ("dispatched_on_time",)): ("1", "13572f1b58cc50e2"),
    ("roll_up_registers", REGISTERS): ("1 1 1", "483b4126974e3d2a"),
    ("roll_up_posture", ("domain_posture",)): ("1", "fc78831c961cd77b"),
    ("account_link account_counted account_figures", ACCOUNTS): ("1 1 1", "214880a81c5ca9c0"),
    ("roll_up_freemail", ("freemail",)): ("2", "c8bc98866354ecca"),
    ("", tuple(CATALOGUE)): ("1 1 1 1 1 1 1 1 1 1 1 1 1 2 1", "346933b9f6f06e75"),
}
"""Statements (or none: the definitions' own words) and indicators; the versions, and the digest."""


def words(statements: str, indicators: tuple[str, ...]) -> str:
    if not statements:
        return " ".join(_said(CATALOGUE[each]) for each in indicators)
    text = "\n".join(sql(each) for each in statements.split())
    return " ".join(re.sub(r"--.*", "", text).split())


def _said(definition: Definition) -> str:
    said = (
        definition.id, definition.numerator.en, definition.denominator.en, definition.unit.value,
        definition.facts.value, *definition.channels, *definition.classes, *definition.bases,
    )  # fmt: skip
    return "|".join(said)


@pytest.mark.parametrize("statements", [each[0] for each in PINS])
def test_a_rule_that_changes_has_another_version(statements: str) -> None:
    ((indicators, pinned),) = [(each[1], PINS[each]) for each in PINS if each[0] == statements]
    versions = " ".join(str(CATALOGUE[each].version) for each in indicators)
    digest = hashlib.sha256(words(statements, indicators).encode()).hexdigest()[:16]
    assert (versions, digest) == pinned, (
        f"{statements or 'the catalogue'} changed: if another thing counts now, raise the version "
        f"of {', '.join(indicators)}; then pin {(versions, digest)}"
    )


def test_a_definition_with_another_version_has_another_digest() -> None:
    one = CATALOGUE["document_signed"]
    assert replace(one, version=2).digest != one.digest
    assert len({each.digest for each in CATALOGUE.values()}) == len(CATALOGUE)

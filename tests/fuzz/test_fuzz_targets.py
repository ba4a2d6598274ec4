"""Each target runs, its oracles hold for a few mutants, and they notice what they are there for."""

from pathlib import Path

import pytest

from monitor.model import Cause, Integrity, Kind, Overall, Trust, Verdict
from tests.fuzz import oracles
from tests.fuzz.engine import Journal, blind, run_one
from tests.fuzz.oracles import Violation
from tests.fuzz.seeds import WORLDS
from tests.fuzz.targets import Target, target
from tests.fuzz.world import World
from tests.verify import making as make
from tests.verify import xml_making as xml

_EXECUTIONS = 25


@pytest.mark.parametrize("name", WORLDS)
def test_no_mutant_breaks_a_rule(name: str, tmp_path: Path) -> None:
    journal = Journal.open(tmp_path)
    blind(target(name, WORLDS[name]()), journal, 60, 1, executions=_EXECUTIONS)
    assert journal.executions == _EXECUTIONS
    assert journal.findings == {}


def test_a_world_is_read_again_as_it_was_written(tmp_path: Path) -> None:
    world = WORLDS["cms"]()
    world.save(tmp_path)
    assert World.load(tmp_path) == world


def test_a_valid_file_that_nobody_of_the_world_signed_is_found(tmp_path: Path) -> None:
    chosen = target("xmldsig", WORLDS["xmldsig"]())
    for forged, rule in (
        (xml.enveloped("<Title>Another decision</Title>"), "false valid: xmldsig"),
        (xml.enveloped(identity=_other_officer()), "false signer: xmldsig"),
    ):
        journal = Journal.open(tmp_path / rule[:9].replace(" ", "-"))
        run_one(chosen, forged, journal)
        assert list(journal.findings) == [rule]
        assert next((journal.folder / "findings").glob("*.txt")).read_text() == rule + "\n"


def _other_officer() -> make.Identity:
    return make.issue(make.name("Khác"), make.intermediate(), usage=make.usages(sign=True))


def test_a_signed_page_of_another_document_is_found() -> None:
    chosen = target("pdf", WORLDS["pdf"]())
    assert isinstance(chosen, Target)
    other = make.sign_pdf(make.page("Khac"))
    with pytest.raises(Violation, match="false valid: pdf"):
        chosen.run(other)


def test_a_fault_of_the_verifier_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    world = WORLDS["odf"]()
    chosen = target("odf", world)

    def fail(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr("monitor.verify.judge.Judge.facts", fail)
    with pytest.raises(Violation, match="fault: LookupError"):
        chosen.run(world.genuine[0])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"cause": Cause.OURS}, "a cause iff indeterminate"),
        ({"integrity": Integrity.MODIFIED}, "valid is intact"),
        ({"trust": Trust.UNKNOWN}, "valid is trusted"),
        ({"overall": Overall.UNSIGNED}, "unsigned has no signature"),
        ({"signatures": ()}, "valid is signed"),
    ],
)
def test_a_verdict_that_contradicts_itself_is_found(change: dict[str, object], rule: str) -> None:
    world = WORLDS["cms"]()
    sound = target("cms", world).run(world.genuine[0])
    oracles.check(sound)
    with pytest.raises(Violation, match=rule):
        oracles.check(sound.model_copy(update=change))


def test_a_verdict_with_a_bad_part_is_found() -> None:
    part = Verdict(path="a", kind=Kind.PDF, overall=Overall.INDETERMINATE,
                   integrity=Integrity.INTACT, trust=Trust.UNKNOWN)  # fmt: skip
    whole = Verdict(path="", kind=Kind.ZIP, overall=Overall.INDETERMINATE, cause=Cause.OURS,
                    integrity=Integrity.INTACT, trust=Trust.UNKNOWN, parts=(part,))  # fmt: skip
    with pytest.raises(Violation, match="a cause iff indeterminate"):
        oracles.check(whole)

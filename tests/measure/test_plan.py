"""Plan files: the examples are read, and every mistake is said at once with what to do."""

import os
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from monitor.errors import UserError
from monitor.measure.plan import Indicator, PlanFile, Target, read, unknown_scopes

PLANS = Path(__file__).parents[2] / "config" / "plans"
GOOD = """
[[targets]]
id = "thu"
name = "Cán bộ dùng thư"
indicator = "accounts_active"
scope = "province"
value = {value}
due = 2026-12-31
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    with pytest.raises(UserError) as error:
        read(path)
    return [line.removeprefix(f"{path}: ") for line in str(error.value).splitlines()]


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.toml")), ids=lambda path: path.stem)
def test_an_example_is_read_and_every_target_names_its_source(path: Path) -> None:
    plan = read(path)
    assert plan.name
    assert all(target.source for target in plan.targets)


def test_the_examples_are_those_of_four_plans() -> None:
    assert {path.stem for path in PLANS.glob("*.toml")} == {
        "hoa-binh-2016", "tien-giang-2016", "minh-hoa-2020", "vinh-phuc-2016"
    }  # fmt: skip


def test_the_target_whose_percent_sign_is_missing_is_not_confirmed() -> None:
    first, *others = read(PLANS / "minh-hoa-2020.toml").targets
    assert first.indicator is Indicator.ACCOUNTS_HABITUAL
    assert not first.counts
    assert first.model_copy(update={"confirmed": True}).counts
    assert others[0].counts


@pytest.mark.parametrize(
    ("value", "share"),
    [('"60%"', Fraction(3, 5)), ("0.6", Fraction(3, 5)), ('"99,5 %"', Fraction(199, 200)),
     ("1", Fraction(1)), ('"0.95"', Fraction(19, 20))],
)  # fmt: skip
def test_a_value_is_a_share_either_way(tmp_path: Path, value: str, share: Fraction) -> None:
    (target,) = read(written(tmp_path, GOOD.format(value=value))).targets
    assert target.value == share


@pytest.mark.parametrize("value", ['"sáu mươi"', "60", '"150%"', "true", "-0.1", '"1/0"'])
def test_a_value_that_is_no_share_is_refused(tmp_path: Path, value: str) -> None:
    (line,) = mistakes(tmp_path, GOOD.format(value=value))
    assert line.startswith('target thu: value: must be a share: write "60%", or 0.6 (given: ')


BAD = """
nome = "x"
[[targets]]
id = "a"
name = "x"
indicator = "accounts_activ"
scope = "province"
value = "60%"
due = "soon"
nonsense = 1
[[targets]]
id = "b"
name = "x"
indicator = "agencies_signing"
scope = "province"
value = 0.6
due = 2016-12-31
[[targets]]
id = "b"
name = "x"
indicator = "mail_signed"
scope = "province"
role = "leader"
value = 0.6
due = 2016-12-31
[[targets]]
name = "x"
indicator = "agencies_signing"
channel = "docsys"
scope = "so-mot"
value = 0.6
due = 2016-12-31
[[targets]]
id = "d"
name = "x"
indicator = "mail_signed"
scope = "province"
value = 0.6
due = 2016-12-31
baseline = { on = 2017-01-01, value = 0.1 }
"""


CHANNEL_MISSING = (
    'target b: agencies_signing is measured a channel each: add channel = "docsys", or another of '
    "mail, docsys, axis, portal"
)


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    lines = mistakes(tmp_path, BAD)
    assert lines[0] == "nome: no such key; a plan has name, source and [[targets]]"
    assert lines[1].startswith("target a: indicator: must be 'accounts_provisioned', ")
    assert lines[1].endswith("(given: 'accounts_activ')")
    assert lines[2:] == [
        "target a: due: must be a day: write 2025-12-31, without quotation marks (given: 'soon')",
        "target a: nonsense: no such key (given: 1)",
        CHANNEL_MISSING,
        "target b: role and base are for indicators accounts_… only: remove them",
        "target #4: id: is missing: add it",
        "target d: baseline.on is not before due: the line needs a first and a last day",
        "target b: two targets have this id: give each its own",
    ]


def test_agencies_are_counted_in_groups_only(tmp_path: Path) -> None:
    text = GOOD.format(value=1).replace("accounts_active", "agencies_signing")
    text = text.replace('"province"', '"so-mot"') + 'channel = "mail"\n'
    assert mistakes(tmp_path, text) == [
        'target thu: agencies_signing counts agencies: write scope = "province" or "level:…"'
    ]


@pytest.mark.parametrize(
    ("indicator", "more", "line"),
    [
        ("accounts_active", 'role = "mailbox"',
         'mailboxes are on no roster: add base = "provisioned"'),
        ("accounts_provisioned", 'base = "provisioned"',
         "accounts_provisioned is over the roster: remove base"),
    ],
)  # fmt: skip
def test_a_base_that_no_figure_has_is_refused(
    tmp_path: Path, indicator: str, more: str, line: str
) -> None:
    text = GOOD.format(value=1).replace("accounts_active", indicator) + more
    assert mistakes(tmp_path, text) == [f"target thu: {line}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "targets: there are none: begin each with a line [[targets]]"),
        ("targets = 1", "targets: there are none: begin each with a line [[targets]]"),
        ("targets = [1]", "target #1: begin it with a line [[targets]]"),
        ("a = [", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_file_without_targets_is_refused(tmp_path: Path, text: str, line: str) -> None:
    assert mistakes(tmp_path, text) == [line]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no such file; measure.targets names a TOML file"):
        read(tmp_path / "none.toml")


def test_scopes_that_the_registry_does_not_know_are_named(tmp_path: Path) -> None:
    texts = [
        GOOD.format(value=1).replace('"thu"', f'"{name}"').replace('"province"', f'"{scope}"')
        for name, scope in [
            ("a", "so-mot"), ("b", "so-mat"), ("c", "level:commune"), ("d", "each:xa")
        ]
    ]  # fmt: skip
    plan = read(written(tmp_path, "".join(texts)))
    assert unknown_scopes(plan, {"so-mot", "so-hai"}, {"commune"}) == [
        "target b: scope so-mat: no agency of the registry has this code; like it: so-hai, so-mot",
        "target d: scope each:xa: no agency has this level; levels are commune",
    ]


def test_a_changed_file_is_read_again_and_a_bad_one_leaves_the_last_good(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.format(value=1))
    file = PlanFile(path)
    assert not file.reload()
    written(tmp_path, GOOD.format(value=0.5))
    stamp = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(stamp, stamp))
    assert file.reload()
    assert file.plan.targets[0].value == Fraction(1, 2)
    written(tmp_path, GOOD.format(value=50))
    os.utime(path, ns=(stamp * 2, stamp * 2))
    with pytest.raises(UserError):
        file.reload()
    assert file.plan.targets[0].due == date(2026, 12, 31)
    assert not file.reload()  # said once


@pytest.mark.parametrize(
    ("indicator", "more", "said"),
    [
        ("document_paperless", {"base": "observed"}, None),
        ("dispatched_on_time", {"base": "observed", "channel": "axis"}, None),
        ("document_parallel_paper", {"window": "last_month"}, None),
        ("mail_signed", {"window": "last_month"}, None),
        (
            "accounts_active", {"window": "last_month"},
            'accounts_active has no window "last_month": write "30d" or "period"',
        ),
        (
            "document_paperless", {"channel": "mail"},
            "document_paperless is over the register, all channels: remove channel",
        ),
        (
            "document_electronic", {"base": "provisioned"},
            "role and base are for indicators accounts_… only: remove them",
        ),
        (
            "mail_signed", {"base": "observed"},
            "role and base are for indicators accounts_… only: remove them",
        ),
        (
            "accounts_active", {"base": "observed"},
            'base = "observed" is for what captured files prove: remove it',
        ),
    ],
)  # fmt: skip
def test_base_and_channel_fit_what_is_measured(
    indicator: str, more: dict[str, str], said: str | None
) -> None:
    values = {"id": "a", "name": "x", "indicator": indicator, "scope": "province", "value": 0.5}
    if said is None:
        Target.model_validate(values | {"due": date(2026, 12, 31)} | more)
        return
    with pytest.raises(ValidationError, match=re.escape(said)):
        Target.model_validate(values | {"due": date(2026, 12, 31)} | more)

"""Every scenario of the published suite, with its explanation where it states one."""

from ipaddress import ip_address

import pytest

from monitor.posture.names import Found, Kind
from monitor.posture.spf.evaluation import Evaluator, check_host
from monitor.posture.spf.macros import (
    EXPLAINING_LETTERS,
    LETTERS,
    MacroError,
    read_macros,
    write,
    written_name,
)
from tests.posture.spf_scenarios import Scenario, scenarios

SCENARIOS = list(scenarios())
DEFAULT = "DEFAULT"


def test_the_published_suite_is_there_whole() -> None:
    assert len(SCENARIOS) == 203
    assert sum(scenario.explanation is not None for scenario in SCENARIOS) == 22


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_the_result_is_one_that_the_suite_allows(scenario: Scenario) -> None:
    evaluation = await check_host(
        scenario.zone,
        ip_address(scenario.client),
        scenario.domain,
        scenario.sender,
        scenario.helo,
    )
    assert evaluation.result in scenario.results, evaluation


@pytest.mark.parametrize(
    "scenario",
    [scenario for scenario in SCENARIOS if scenario.explanation is not None],
    ids=lambda scenario: scenario.name,
)
async def test_macros_write_the_explanation_that_the_suite_states(scenario: Scenario) -> None:
    assert await _explanation(scenario) == scenario.explanation


async def _explanation(scenario: Scenario) -> str:
    """6.2: whatever goes wrong with it, there is none."""
    client = ip_address(scenario.client)
    evaluator = Evaluator(scenario.zone, client, scenario.domain, scenario.sender, scenario.helo)
    await evaluator.evaluate()
    domain, exp = evaluator.explained_by
    if exp is None:
        return DEFAULT
    values = await evaluator.values(domain, LETTERS)
    answer = await scenario.zone.ask(written_name(exp, values), Kind.TXT)
    if answer.found is not Found.FOUND or len(answer.records) != 1:
        return DEFAULT
    try:
        text = read_macros(answer.records[0], LETTERS | EXPLAINING_LETTERS, spaces=True)
    except MacroError:
        return DEFAULT
    values = {**values, "c": str(client), "r": "receiver.example", "t": "1700000000"}
    return "".join(write(piece, values) for piece in text.pieces)

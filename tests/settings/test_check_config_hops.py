"""Networks that would make strangers' mail count as the officials' own are told."""

import pytest

from monitor.commands.check_config import find_problems
from monitor.settings import MailSource, Settings


def problems(trusted: str, internal: str) -> list[str]:
    source = MailSource.model_validate(
        {
            "name": "gateway",
            "journal_address": "journal@congvu.invalid",
            "networks": ["10.0.0.4/32"],
            "trusted_hops": [trusted],
            "internal_networks": [internal],
        }
    )
    found = find_problems(Settings(mail_sources=(source,)))
    return [each for each in found if "internal_networks" in each]


@pytest.mark.parametrize("loopback", ["127.0.0.0/8", "127.0.0.1/32", "::1/128"])
def test_loopback_that_is_internal_and_not_trusted_is_refused(loopback: str) -> None:
    assert "move it to trusted_hops" in problems("10.0.0.4/32", loopback)[0]


def test_other_networks_and_a_trusted_loopback_are_no_problem() -> None:
    assert problems("10.0.0.4/32", "10.0.0.0/24") == []
    assert problems("127.0.0.1/32", "127.0.0.0/8") == []

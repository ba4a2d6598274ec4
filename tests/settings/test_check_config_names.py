"""What mail domains and gateways need is looked at before anybody is asked."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from monitor.commands.check_config import find_problems
from monitor.settings import Settings
from tests.verify.making import root

GATEWAY = {"name": "mail-1", "host": "mail.tinh.gov.vn"}
REGISTRY = """
[[agencies]]
code = "so-yt"
name = "Sở Y tế"
level = "department"
domains = ["syt.example"]
"""


def problems(folder: Path, **sections: Any) -> list[str]:
    return list(find_problems(Settings(state_dir=folder, **sections)))


def registry(folder: Path) -> dict[str, Path]:
    path = folder / "agencies.toml"
    path.write_text(REGISTRY, encoding="utf-8")
    return {"registry": path}


def test_whole_settings_are_no_problem(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(root().certificate.public_bytes(Encoding.PEM))
    assert problems(
        tmp_path, agencies=registry(tmp_path), dns={"resolvers": ["10.0.0.53"], "validating": True},
        posture={"more_domains": {"so-yt": ["cu.example"]}}, gateways=[{**GATEWAY, "ca": ca}],
    ) == []  # fmt: skip


def test_an_agency_that_there_never_was_is_named(tmp_path: Path) -> None:
    more = {"more_domains": {"so-ty": ["cu.example"], "so-yt": ["moi.example"]}}
    [found] = problems(tmp_path, agencies=registry(tmp_path), posture=more)
    assert found == (
        "posture.more_domains: so-ty: no such agency in the registry; write codes that "
        "`congvu agencies list` shows"
    )


def test_further_domains_need_a_registry(tmp_path: Path) -> None:
    [found] = problems(tmp_path, posture={"more_domains": {"so-yt": ["cu.example"]}})
    assert found.startswith("posture.more_domains: whose they are needs agencies.registry")


def test_nobody_validates_without_a_resolver(tmp_path: Path) -> None:
    [found] = problems(tmp_path, dns={"validating": True})
    assert found.startswith("dns.validating: there is no resolver")


@pytest.mark.parametrize("content", [b"", b"0\x82\x01\xff", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_file_that_is_no_authoritys_is_named(tmp_path: Path, content: bytes) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(content)
    [found] = problems(tmp_path, gateways=[{**GATEWAY, "ca": ca}])
    assert found.startswith(f"gateway mail-1: {ca} is no PEM file of certificates: convert it")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    ca = tmp_path / "none.pem"
    assert problems(tmp_path, gateways=[{**GATEWAY, "ca": ca}]) == [
        f"gateway mail-1: {ca}: No such file or directory"
    ]

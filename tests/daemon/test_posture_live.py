"""`congvu posture --live` asks by the real process, and needs no record."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from monitor.demo.name_server import DemoNames, serving
from monitor.demo.zone import GATEWAY_NETWORK, SELECTOR, zone_text
from monitor.model import Check
from tests.support.daemon import free_port

REGISTRY = """
[[agencies]]
code = "hs-vpub"
name = "Văn phòng"
level = "department"
domains = ["vpub.hoasen.demo.example"]

[[agencies]]
code = "hs-donglua"
name = "Xã Đồng Lúa"
level = "commune"
domains = ["donglua.hoasen.demo.example"]
"""


def settings(folder: Path, port: int | None) -> Path:
    (folder / "agencies.toml").write_text(REGISTRY, encoding="utf-8")
    file = folder / "congvu.toml"
    file.write_text(
        f'state_dir = "{folder}/state"\n[agencies]\nregistry = "agencies.toml"\n'
        "[dns]\nvalidating = true\ntimeout_seconds = 1\ntries = 2\n"
        + (f'resolvers = ["127.0.0.1:{port}"]\n' if port else "")
        + '[posture]\ngateway_hosts = ["mail.hoasen.demo.example"]\n'
        f'gateway_networks = ["{GATEWAY_NETWORK}"]\ndkim_selectors = ["{SELECTOR}"]\n',
        encoding="utf-8",
    )
    return file


async def run(config: Path, *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "posture", "--live", "--config", str(config), *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, told = await process.communicate()
    return process.returncode or 0, said.decode(), told.decode()


@pytest.fixture(scope="module")
def zone() -> str:
    return zone_text(rsa.generate_private_key(65537, 2048).public_key())


async def test_domains_of_the_registry_are_asked_for_now_and_nothing_is_stored(
    zone: str, tmp_path: Path
) -> None:
    port = free_port()
    async with serving(DemoNames(zone), port):
        status, said, told = await run(settings(tmp_path, port), "--json")
    assert status == 1, told
    found = {each["domain"]: each for each in map(json.loads, said.splitlines())}
    fine, bad = found["vpub.hoasen.demo.example"], found["donglua.hoasen.demo.example"]
    assert [each["check"] for each in fine["checks"]] == list(Check)
    assert {each["status"] for each in fine["checks"]} == {"pass"}
    failing = {each["check"] for each in bad["checks"] if each["status"] == "fail"}
    assert {"spf_valid", "dkim_key", "mta_sts"} <= failing
    assert bad["agencies"] == [{"code": "hs-donglua", "name": "Xã Đồng Lúa"}]
    assert not (tmp_path / "state").exists()


async def test_one_domain_says_what_to_publish(zone: str, tmp_path: Path) -> None:
    port = free_port()
    async with serving(DemoNames(zone), port):
        config = settings(tmp_path, port)
        status, said, _ = await run(config, "donglua.hoasen.demo.example", "--language", "en")
        other, _, _ = await run(config, "--agency", "hs-vpub")
        wrong, _, told = await run(config, "--agency", "nobody")
    assert (status, other, wrong) == (1, 0, 2)
    assert "Of: Xã Đồng Lúa (hs-donglua)" in said
    assert "To do: " in said
    assert "nobody: no such agency" in told


async def test_without_a_resolver_all_is_unknown_and_it_says_what_to_set(tmp_path: Path) -> None:
    status, said, _ = await run(settings(tmp_path, None))
    assert status == 3
    assert "Chưa khai báo máy chủ DNS: đặt resolvers" in " ".join(said.split())
    assert "✗" not in said.partition("✓ đạt")[0]


async def test_a_resolver_that_is_away_is_no_failure(tmp_path: Path) -> None:
    status, said, _ = await run(settings(tmp_path, free_port()))
    assert status == 3
    assert "chưa kiểm tra được: MX→cổng" in " ".join(said.split())

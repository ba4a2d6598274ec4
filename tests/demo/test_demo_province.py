"""What `prepare` writes is what the rest of the product reads, and a second start keeps it."""

import socket
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor import material, settings
from monitor.agencies import Registry
from monitor.demo import province
from monitor.demo.agencies import AGENCIES, active
from monitor.demo.province import banner, prepare
from monitor.errors import UserError
from monitor.model import TrustClass

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def test_the_settings_are_accepted_and_lead_to_the_files(tmp_path: Path) -> None:
    plan = prepare(tmp_path / "demo", 1, clock)
    loaded = settings.load(plan.config_path)
    assert (loaded.smtp.port, loaded.http.port) == (plan.smtp_port, plan.http_port)
    assert loaded.folders[0].path == plan.inbox
    assert loaded.mail_sources[0].journal_address == plan.journal_address
    trust = material.load(loaded.verify).material
    assert [anchor.trust_class for anchor in trust.anchors] == [
        TrustClass.CONG_CONG,
        TrustClass.CONG_VU,
    ]
    assert len(trust.intermediates) == 2
    assert len(trust.crls) == 4


def test_the_registry_is_accepted_and_knows_every_agency(tmp_path: Path) -> None:
    prepare(tmp_path, 1, clock)
    registry = Registry.load(tmp_path / "agencies.toml")
    today = registry.at(date(2026, 11, 2))
    for agency in active(date(2026, 11, 2)):
        for organ_code in agency.organ_codes:
            assert today.by_organ_code(organ_code) is today.agencies[agency.code]
        assert today.by_address(agency.mailbox) is today.agencies[agency.code]
    assert {a.level for a in AGENCIES} == {"province", "department", "district", "commune"}


def test_the_district_ended_with_the_two_level_government(tmp_path: Path) -> None:
    prepare(tmp_path, 1, clock)
    registry = Registry.load(tmp_path / "agencies.toml")
    assert "hs-suoimo" in registry.at(date(2025, 6, 30)).agencies
    assert "hs-suoimo" not in registry.at(date(2025, 7, 1)).agencies
    assert registry.heirs("hs-suoimo") == {"hs-donglua", "hs-nuixanh"}


def test_a_second_start_keeps_the_pki_and_renews_the_lists(tmp_path: Path) -> None:
    first = prepare(tmp_path, 1, clock)
    lists = (tmp_path / "trust/crls/ca-1.pem").read_bytes()
    second = prepare(tmp_path, 1, lambda: NOW + timedelta(days=20))
    assert second.pki.root.der == first.pki.root.der
    assert (tmp_path / "trust/crls/ca-1.pem").read_bytes() != lists
    assert (first.run, second.run) == (0, 1)


def test_an_old_province_gets_a_fresh_pki(tmp_path: Path) -> None:
    first = prepare(tmp_path, 1, clock)
    later = NOW + timedelta(days=400)
    second = prepare(tmp_path, 1, lambda: later)
    assert second.pki.root.der != first.pki.root.der
    assert second.pki.officer().certificate.not_valid_after_utc > later


def test_another_seed_in_the_same_folder_is_refused_with_advice(tmp_path: Path) -> None:
    prepare(tmp_path, 1, clock)
    with pytest.raises(UserError, match="--seed 1"):
        prepare(tmp_path, 2, clock)


def test_a_foreign_state_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("[]")
    with pytest.raises(UserError, match="not written by the demo"):
        prepare(tmp_path, 1, clock)


def test_a_taken_port_is_replaced_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(province, "SMTP_PORT", port)
        plan = prepare(tmp_path, 1, clock)
    assert plan.smtp_port != port
    assert any(str(port) in note for note in plan.notes)
    assert str(plan.smtp_port) in banner(plan, 2)


def test_the_banner_names_the_demo_in_both_languages_and_what_to_try(tmp_path: Path) -> None:
    text = banner(prepare(tmp_path, 1, clock), 2)
    assert "DỮ LIỆU DEMO" in text
    assert "DEMO DATA" in text
    assert "/metrics" in text
    assert "documents list" in text

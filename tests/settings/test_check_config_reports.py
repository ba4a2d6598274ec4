"""What a schedule of reports needs is looked at before it is needed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from monitor.commands.check_config import find_problems
from monitor.settings import Settings

HOST = {"host": "mail.example", "sender": "congvu@tinh.example", "recipients": ["ai@so.example"]}
REGISTRY = """
[[agencies]]
code = "so-yt"
name = "Sở Y tế"
level = "department"
domains = ["syt.example"]
valid_from = 2010-01-01
"""


def problems(folder: Path, **sections: Any) -> list[str]:
    return list(find_problems(Settings(state_dir=folder, **sections)))


def key(folder: Path, days: int) -> Path:
    """A PKCS#12 file with the password "mat", valid for so many days from a month ago on."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Trung tâm")])
    begun = datetime.now(UTC) - timedelta(days=30)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(private.public_key()).serial_number(1)
        .not_valid_before(begun).not_valid_after(begun + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )  # fmt: skip
    path = folder / "key.p12"
    locked = BestAvailableEncryption(b"mat")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"", private, certificate, None, locked))
    (folder / "password").write_text("mat\n")
    return path


def test_a_whole_schedule_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text(REGISTRY, encoding="utf-8")
    found = problems(
        tmp_path,
        agencies={"registry": tmp_path / "agencies.toml"},
        report={"close": ["month"], "folder": tmp_path / "reports"},
        report_signing={"key_file": key(tmp_path, 365), "password_file": tmp_path / "password"},
        report_mail={**HOST, "agencies": {"so-yt": ["vanthu@syt.example"]}},
    )
    assert found == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    report = {"close": ["month"], "folder": tmp_path / "reports" / "2026"}
    assert problems(tmp_path, report=report) == [
        f"report.folder: {tmp_path / 'reports'} is not a folder"
    ]


def test_a_key_that_has_expired_or_does_not_open_is_told(tmp_path: Path) -> None:
    path = key(tmp_path, 20)
    signing = {"key_file": path, "password_file": tmp_path / "password"}
    [told] = problems(tmp_path, report_signing=signing)
    assert "expired on" in told
    (tmp_path / "password").write_text("sai")
    [told] = problems(tmp_path, report_signing=signing)
    assert told.startswith("report_signing.password_file: ")


@pytest.mark.parametrize(
    ("mail", "says"),
    [
        ({"recipients": ["ai@so.example"]}, "recipients need host"),
        ({"host": "mail.example", "sender": "congvu@tinh.example"}, "nobody is to get anything"),
        ({**HOST, "username": "congvu"}, "username and password go together"),
        ({**HOST, "recipients": ["sở@so.example"]}, "is no plain mail address"),
        ({**HOST, "agencies": {"so-yt": ["a@b.example>"]}}, "is no plain mail address"),
        ({**HOST, "tls_ca": "none.pem"}, "report_mail.tls_ca: none.pem: cannot be read"),
    ],
)
def test_a_relay_s_settings_that_cannot_be_right_are_told(
    tmp_path: Path, mail: dict[str, Any], says: str
) -> None:
    [told] = problems(tmp_path, report_mail=mail)
    assert says in told


def test_an_agency_that_the_registry_does_not_know_is_told(tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text(REGISTRY, encoding="utf-8")
    [told] = problems(
        tmp_path,
        agencies={"registry": tmp_path / "agencies.toml"},
        report_mail={**HOST, "agencies": {"so-ytế": ["vanthu@syt.example"]}},
    )
    assert told.startswith("report_mail.agencies: agency so-ytế is not in ")

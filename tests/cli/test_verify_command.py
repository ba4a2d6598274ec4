"""`congvu verify`: the contract of docs/verify.md."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from monitor.demo.documents import TRUTH, DocumentKind
from tests.cli.conftest import Congvu
from tests.support.reference import verdict_schema
from tests.verify.smime_samples import NOW as SIGNED_AT
from tests.verify.smime_samples import TEXT, clear_signed, header, pki

NOW = "2026-11-03T00:00:00Z"


def trust(stock: Path) -> list[str | Path]:
    return [
        "--trust", stock / "trust/anchors", "--intermediates", stock / "trust/intermediates",
        "--crl", stock / "trust/crls", "--now", NOW,
    ]  # fmt: skip


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_kind_of_document_gets_the_verdict_it_deserves_in_input_order(
    congvu: Congvu, stock: Path
) -> None:
    files = sorted(path for path in stock.iterdir() if path.is_file())
    done = congvu("verify", "--json", *trust(stock), *files)
    assert done.returncode == 1, done.stderr
    answers = lines(done.stdout)
    assert [answer["path"] for answer in answers] == [str(path) for path in files]
    for answer, path in zip(answers, files, strict=True):
        truth = TRUTH[DocumentKind(path.stem)]
        assert answer["overall"] == truth.overall, path.name
        # No receipt here, so the claimed time stands, and no list covers an expired certificate.
        if path.stem != DocumentKind.EXPIRED_CLAIMED:
            assert answer["cause"] == truth.cause, path.name
        jsonschema.validate(answer, verdict_schema())


def test_all_valid_is_status_0(congvu: Congvu, stock: Path) -> None:
    done = congvu("verify", *trust(stock), stock / "pair.pdf")
    assert done.returncode == 0, done.stderr
    assert "Kết luận:     HỢP LỆ" in done.stdout
    assert "Chữ ký số: 2 (cơ quan 1, cá nhân 1)" in done.stdout


def test_without_revocation_data_nothing_is_decided_unless_soft(
    congvu: Congvu, stock: Path, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    options = [*trust(stock)[:4], "--crl", tmp_path / "none", "--now", NOW, "--json"]
    [strict] = lines(congvu("verify", *options, stock / "pair.pdf").stdout)
    assert (strict["overall"], strict["cause"]) == ("indeterminate", "ours")
    soft = congvu("verify", *options, "--revocation", "soft", stock / "pair.pdf")
    [answer] = lines(soft.stdout)
    assert (answer["overall"], soft.returncode) == ("valid", 0)
    assert "revocation_unchecked" in answer["findings"]


def test_an_empty_trust_folder_trusts_nobody(congvu: Congvu, stock: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = congvu("verify", "--trust", "none", "--json", "--now", NOW, stock / "pair.pdf")
    assert lines(done.stdout)[0]["overall"] == "indeterminate"
    assert done.returncode == 1


def test_a_file_that_cannot_be_opened_is_a_line_and_no_abort(congvu: Congvu, stock: Path) -> None:
    done = congvu("verify", "--json", *trust(stock), "absent.pdf", stock / "unsigned.pdf")
    first, second = lines(done.stdout)
    assert (first["path"], first["overall"]) == ("absent.pdf", "unreadable")
    assert first["findings"] == ["cannot_open"]
    assert second["overall"] == "unsigned"


def test_a_detached_signature_is_judged_with_its_content(
    congvu: Congvu, stock: Path, tmp_path: Path
) -> None:
    done = congvu("verify", "--json", *trust(stock), "--content", "none.bin", stock / "pair.pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "congvu: --content none.bin: No such file or directory\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trust", "absent"], "congvu: absent: no such file or folder; give PEM or DER files"),
        (["--at", "gestern"], "congvu: --at gestern: not a time; give ISO 8601"),
        (["--config", "absent.toml"], "congvu: absent.toml: no such file; --config names a TOML"),
    ],
)
def test_a_mistake_in_the_call_is_status_2_and_one_plain_line(
    congvu: Congvu, words: list[str], message: str
) -> None:
    done = congvu("verify", *words, "a.pdf")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_a_hostile_name_sends_no_escape_sequence_to_the_terminal(
    congvu: Congvu, tmp_path: Path
) -> None:
    name = "a\x1b]0;owned\x07.pdf"
    (tmp_path / name).write_bytes(b"%PDF-1.4 nothing")
    done = congvu("verify", name)
    assert "\x1b" not in done.stdout
    assert done.returncode == 1


def test_the_configured_registry_says_who_may_sign_for_a_mailbox(
    congvu: Congvu, tmp_path: Path
) -> None:
    mailbox = "lienhe@vpub.hoasen.demo.example"
    pki().write(tmp_path / "trust", SIGNED_AT)
    (tmp_path / "mail.eml").write_bytes(header(mailbox) + clear_signed(TEXT, pki().officer()))
    (tmp_path / "agencies.toml").write_text(
        '[[agencies]]\ncode = "vp"\nname = "VP"\nlevel = "province"\n\n'
        f'[[mailboxes]]\naddress = "{mailbox}"\nagency = "vp"\n'
        f'officers = ["{pki().officer().email}"]\n',
        encoding="utf-8",
    )
    (tmp_path / "congvu.toml").write_text('[agencies]\nregistry = "agencies.toml"\n')
    options = [*trust(tmp_path)[:6], "--now", SIGNED_AT.isoformat(), "--json"]
    [stranger] = lines(congvu("verify", *options, tmp_path / "mail.eml").stdout)
    assert (stranger["overall"], stranger["binding"]) == ("invalid", "from-mismatch")
    config = ["--config", tmp_path / "congvu.toml"]
    [allowed] = lines(congvu("verify", *options, *config, tmp_path / "mail.eml").stdout)
    assert (allowed["overall"], allowed["binding"]) == ("valid", "ok")
    assert "signed_for_mailbox" in allowed["findings"]


def test_brief_is_one_sentence_a_file_in_the_language_that_was_asked_for(
    congvu: Congvu, stock: Path
) -> None:
    files = [stock / "tampered.pdf", stock / "unsigned.pdf"]
    done = congvu("verify", "--brief", *trust(stock), *files)
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{files[0]}: Không hợp lệ: nội dung tệp PDF không đúng với nội dung")
    assert second == f"{files[1]}: Chưa ký số: tệp PDF không có chữ ký số nào."
    english = congvu("verify", "--brief", "--language", "en", *trust(stock), files[1])
    assert english.stdout == f"{files[1]}: Not signed: the PDF file bears no signature.\n"


def test_the_reports_language_is_a_setting(congvu: Congvu, tmp_path: Path) -> None:
    (tmp_path / "congvu.toml").write_text('language = "en"\n')
    done = congvu("verify", "--config", "congvu.toml", "absent.pdf")
    assert done.stdout.startswith("SIGNATURE CHECK\n")
    assert "\x1b" not in done.stdout + done.stderr


def test_a_name_that_is_no_utf_8_is_a_line_and_no_abort(congvu: Congvu, tmp_path: Path) -> None:
    name = os.fsdecode(b"a\xff.pdf")
    (tmp_path / name).write_bytes(b"%PDF-1.4 nothing")
    done = congvu("verify", "--json", name, os.fsdecode(b"absent\xfe.pdf"))
    assert [answer["path"] for answer in lines(done.stdout)] == ["a\ufffd.pdf", "absent\ufffd.pdf"]

"""What `congvu trust import` lets in, as what, and what it refuses and why."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from monitor.demo.pki import Pki
from monitor.errors import UserError
from monitor.material import load
from monitor.material.importing import Outcome, Step, Wish, import_files
from monitor.model import TrustClass
from tests.cli.conftest import Congvu, congvu
from tests.support.needs import needs, program
from tests.trust.authorities import Folders, bundle, crl, fingerprint, forged, pem
from tests.verify.making import DAY, NOW, intermediate, issue, name, officer, root

__all__ = ["congvu"]

HERE = TrustClass.INTERNAL


def bring(folders: Folders, *files: bytes, wish: Wish | None = None) -> list[Step]:
    paths = [folders.put(f"in/{number}.pem", content) for number, content in enumerate(files)]
    return import_files(paths, folders.settings, wish or Wish(), NOW)


def outcomes(steps: list[Step]) -> list[Outcome]:
    return [step.outcome for step in steps]


def stored(folders: Folders) -> set[str]:
    parts = ("anchors", "intermediates", "crls")
    files = [f for part in parts for f in (folders.base / part).rglob("*") if f.is_file()]
    return {str(file.relative_to(folders.base)) for file in files}


def test_a_pinned_root_enters_under_its_class_and_fingerprint(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    steps = bring(folders, pem(root()))
    assert outcomes(steps) == [Outcome.ADDED]
    assert stored(folders) == {f"anchors/cong_vu/{fingerprint(root())}.pem"}
    assert load(folders.settings).material.anchors[0].trust_class is TrustClass.CONG_VU


def test_what_matches_no_pin_is_refused_with_its_fingerprint_and_a_way_out(
    folders: Folders,
) -> None:
    (step,) = bring(folders, pem(root()))
    assert step.outcome is Outcome.REFUSED
    assert step.sha256 == fingerprint(root())
    assert "--unpinned --class" in step.why
    assert stored(folders) == set()


def test_the_operators_word_lets_an_unpinned_ca_in(folders: Folders) -> None:
    steps = bring(folders, pem(root()), wish=Wish(unpinned=True, trust_class=HERE))
    assert outcomes(steps) == [Outcome.ADDED]
    assert stored(folders) == {f"anchors/internal/{fingerprint(root())}.pem"}


def test_an_unpinned_ca_needs_a_class(folders: Folders) -> None:
    with pytest.raises(UserError, match="--class"):
        bring(folders, pem(root()), wish=Wish(unpinned=True))


def test_a_forged_ca_of_a_pinned_name_is_refused_even_on_the_operators_word(
    folders: Folders,
) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    (step,) = bring(folders, pem(forged(root())), wish=Wish(unpinned=True, trust_class=HERE))
    assert step.outcome is Outcome.REFUSED
    assert "FORGED" in step.why
    assert fingerprint(root()) in step.why
    assert stored(folders) == set()


@pytest.mark.parametrize("common", ["ROOT ca", "Root  CA", "Róot CA.", "Root\u00a0CA"])
def test_a_forger_does_not_get_by_with_another_spelling(folders: Folders, common: str) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    near = issue(name(common, o="Khác"), ca=True)
    (step,) = bring(folders, pem(near), wish=Wish(unpinned=True, trust_class=HERE))
    assert "FORGED" in step.why


def test_a_stranger_cannot_issue_a_ca_of_a_pinned_name(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    other = issue(name("Other CA"), ca=True)
    named = issue(root().certificate.subject, other, ca=True)
    folders.make([other])
    (step,) = bring(folders, pem(named))
    assert "FORGED" in step.why


def test_a_new_certificate_of_a_pinned_key_is_no_forgery(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    again = issue(root().certificate.subject, own_key=root().key, ca=True)
    (step,) = bring(folders, pem(again))
    assert "FORGED" not in step.why
    assert "--unpinned" in step.why


def test_a_sub_ca_enters_on_the_signature_of_a_ca_that_enters_with_it(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    steps = bring(folders, bundle(intermediate(), root()))
    assert outcomes(steps) == [Outcome.ADDED, Outcome.ADDED]
    assert stored(folders) == {
        f"anchors/cong_vu/{fingerprint(root())}.pem",
        f"intermediates/{fingerprint(intermediate())}.pem",
    }
    assert [a.certificate for a in load(folders.settings).material.anchors] == [root().der]


def test_a_sub_ca_of_a_forged_root_does_not_enter(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    sub = issue(name("Sub of forger"), forged(root()), ca=True)
    steps = bring(folders, pem(root()), pem(sub))
    assert outcomes(steps) == [Outcome.ADDED, Outcome.REFUSED]


def test_a_signers_certificate_is_no_ca(folders: Folders) -> None:
    folders.make([root()], [intermediate()])
    (step,) = bring(folders, pem(officer()), wish=Wish(unpinned=True, trust_class=HERE))
    assert step.outcome is Outcome.REFUSED
    assert "no CA certificate" in step.why


def test_an_expired_ca_enters_only_when_told(folders: Folders) -> None:
    old = issue(name("Old CA"), ca=True, not_after=NOW - DAY)
    folders.pin(("cu", old, "cong_vu"))
    (step,) = bring(folders, pem(old))
    assert "--expired" in step.why
    assert outcomes(bring(folders, pem(old), wish=Wish(expired=True))) == [Outcome.ADDED]


def test_a_demo_ca_never_enters(folders: Folders, tmp_path: Path) -> None:
    Pki.create(1, NOW).write(tmp_path / "demo", NOW)
    files = sorted((tmp_path / "demo" / "anchors").rglob("*.pem"))
    steps = import_files(files, folders.settings, Wish(unpinned=True, trust_class=HERE), NOW)
    assert {step.outcome for step in steps} == {Outcome.REFUSED}
    assert "congvu demo" in steps[0].why


def test_importing_again_changes_nothing(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    both = (pem(root()), pem(intermediate()), crl(root()))
    bring(folders, *both)
    before = stored(folders)
    assert set(outcomes(bring(folders, *both))) == {Outcome.PRESENT}
    assert stored(folders) == before


def test_a_list_enters_under_its_cas_label_and_only_forward_in_time(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    older, newer = crl(root(), NOW - 5 * DAY), crl(root(), NOW - DAY)
    assert outcomes(bring(folders, pem(root()), older)) == [Outcome.ADDED, Outcome.ADDED]
    assert outcomes(bring(folders, newer)) == [Outcome.ADDED]
    assert outcomes(bring(folders, older)) == [Outcome.PRESENT]
    assert (folders.base / "crls" / "mot.crl").read_bytes() == newer


def test_of_two_lists_in_one_import_the_newer_one_stays(folders: Folders) -> None:
    folders.make([root()])
    newer, older = crl(root(), NOW - DAY), crl(root(), NOW - 5 * DAY)
    bring(folders, newer, older)
    assert load(folders.settings).material.crls == (newer,)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (crl(forged(root())), "FORGED"),
        (crl(issue(name("Unknown CA"), ca=True)), "import its CA's certificate first"),
        (crl(root(), NOW + 3 * DAY), "future"),
        (b"<html>", "neither PEM nor DER"),
    ],
)
def test_a_list_that_nobody_answers_for_is_refused(
    folders: Folders, content: bytes, reason: str
) -> None:
    folders.make([root()])
    (step,) = bring(folders, content)
    assert step.outcome is Outcome.REFUSED
    assert reason in step.why
    assert stored(folders) == {"anchors/cong_vu/0.pem"}


# -- as commands ----------------------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "congvu.toml"
    parts = ("anchors", "intermediates", "crls")
    lines = [f'{part} = "trust/{part}"' for part in parts]
    file.write_text("\n".join(["[verify]", *lines, 'pins = "pins.toml"', ""]))
    return file


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def test_from_nothing_to_a_working_store(congvu: Congvu, config: Path, folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    for number, content in enumerate((pem(root()), pem(intermediate()))):
        folders.put(f"in/{number}.crt", content)
    done = congvu("trust", "import", "in", "--config", config)
    assert done.returncode == 0, said(done)
    assert "2 added, 0 already there, 0 refused" in done.stdout
    assert "next: mot: no revocation list" in done.stdout

    folders.put("in/root.crl", crl(root()))
    folders.put("in/sub.crl", crl(intermediate()))
    before = congvu("trust", "status", "--config", config)
    assert before.returncode == 1
    assert congvu("trust", "import", "in", "--config", config).returncode == 0
    after = congvu("trust", "status", "--json", "--config", config)
    assert after.returncode == 0, said(after)
    status = json.loads(after.stdout)
    assert {ca["state"] for ca in status["authorities"]} == {"current"}
    assert status["to_do"] == []

    listed = congvu("trust", "list", "--json", "--config", config)
    roots = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [(ca["role"], ca["class"], ca["pin"]) for ca in roots] == [
        ("anchor", "cong_vu", "mot"), ("intermediate", None, None),
    ]  # fmt: skip


def test_status_names_stale_lists_and_files_that_are_left_out(
    congvu: Congvu, config: Path, folders: Folders
) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    old = crl(root(), NOW - 30 * DAY)
    folders.put("in/a.pem", pem(root()))
    folders.put("in/a.crl", old)
    congvu("trust", "import", "in", "--config", config)
    folders.put("trust/crls/x.crl", b"broken")
    done = congvu("trust", "status", "--config", config)
    assert done.returncode == 1
    assert "mot: its list has run out" in done.stdout
    assert "x.crl: left out (malformed)" in done.stdout


def test_a_forged_anchor_that_was_copied_by_hand_is_told(
    congvu: Congvu, config: Path, folders: Folders
) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    for part in ("anchors/cong_vu", "intermediates", "crls"):
        (folders.base / "trust" / part).mkdir(parents=True)
    folders.put("trust/anchors/cong_vu/copied.pem", pem(forged(root())))
    assert (
        "has another key"
        in json.loads(congvu("trust", "list", "--json", "--config", config).stdout)["warnings"][0]
    )
    done = congvu("trust", "status", "--config", config)
    assert done.returncode == 1
    assert "copied.pem: FORGED?" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give files away")
def test_what_root_imports_belongs_to_the_owner_of_the_folder(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    os.chown(folders.base, 12345, 12346)
    (step,) = bring(folders, pem(root()))
    assert step.target is not None
    for path in (step.target, step.target.parent, step.target.parent.parent):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 12346)
    assert step.target.stat().st_mode & 0o777 == 0o644


def test_a_refusal_is_exit_status_1_and_names_the_file(
    congvu: Congvu, config: Path, folders: Folders
) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    folders.put("fake.crt", pem(forged(root())))
    done = congvu("trust", "import", "fake.crt", "--config", config)
    assert done.returncode == 1
    assert "FORGED" in done.stdout
    assert "fake.crt" in done.stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nothing.crt"], "nothing.crt: no such file"),
        (["in", "--unpinned"], "--unpinned needs --class"),
        (["in", "--class", "best"], "best"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    congvu: Congvu, config: Path, folders: Folders, words: list[str], problem: str
) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    folders.put("in/a.pem", pem(root()))
    done = congvu("trust", "import", *words, "--config", config)
    assert done.returncode == 2
    assert problem in done.stderr
    assert "Traceback" not in done.stderr


def test_folders_that_are_not_configured_are_asked_for(congvu: Congvu, folders: Folders) -> None:
    folders.put("a.pem", pem(root()))
    done = congvu("trust", "import", "a.pem", "--unpinned", "--class", "internal")
    assert done.returncode == 2
    assert "verify.anchors is not set" in done.stderr


@needs("openssl")
def test_a_bundle_made_by_openssl_is_read(folders: Folders) -> None:
    folders.pin(("mot", root(), "cong_vu"))
    folders.put("both.pem", pem(root()) + pem(intermediate()))
    call = [program("openssl"), "crl2pkcs7", "-nocrl", "-certfile", "both.pem", "-out", "b.p7b"]
    subprocess.run(call, check=True, cwd=folders.base)
    steps = import_files([folders.base / "b.p7b"], folders.settings, Wish(), NOW)
    assert outcomes(steps) == [Outcome.ADDED, Outcome.ADDED]

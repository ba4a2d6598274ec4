"""The files of deploy/ are accepted by the programs they are for, and documented as they are."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from monitor.agencies import Agency, Registry
from monitor.agencies.certificates import CertificateEntry
from monitor.agencies.mailboxes import Mailbox
from monitor.isolate import seccomp
from tests.support.needs import needs, program

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "congvu.service"
EXPOSURE_AT_MOST = 1.5


def run(*command: str, cwd: Path = ROOT) -> str:
    args = [program(command[0]), *command[1:]]
    done = subprocess.run(args, capture_output=True, text=True, timeout=120, check=False, cwd=cwd)
    return done.stdout + done.stderr


def unit_lines() -> list[str]:
    return [line for line in UNIT.read_text().splitlines() if line and line[0] not in "#["]


@needs("systemd-analyze")
def test_the_unit_leaves_little_open() -> None:
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT))
    found = re.search(r"Overall exposure level for congvu.service: ([0-9.]+)", said)
    assert found, said
    assert float(found[1]) <= EXPOSURE_AT_MOST
    documented = re.search(r"\*\*([0-9.]+) OK\*\*", (ROOT / "docs/deploy-systemd.md").read_text())
    assert documented
    assert abs(float(documented[1]) - float(found[1])) < 0.3, "state the new figure in the docs"


@needs("systemd-analyze")
def test_the_unit_is_understood_in_every_line(tmp_path: Path) -> None:
    """With a program that exists, as systemd asks for that too."""
    unit = tmp_path / "congvu.service"
    text = UNIT.read_text().replace("/opt/congvu/.venv/bin/congvu", "/bin/true")
    unit.write_text(text)
    said = run("systemd-analyze", "verify", "--man=no", str(unit))
    about_us = [line for line in said.splitlines() if "congvu.service" in line]
    assert about_us == []


@needs("systemd-analyze")
def test_what_the_children_need_to_confine_themselves_is_allowed() -> None:
    given = [line.partition("=")[2] for line in unit_lines() if line.startswith("SystemCallF")]
    allowed: set[str] = set()
    for line in given:
        names = {call for word in line.lstrip("~").split() for call in calls_of(word)}
        allowed = allowed - names if line.startswith("~") else allowed | names
    assert {
        "prctl", "seccomp", "landlock_create_ruleset", "landlock_add_rule",
        "landlock_restrict_self", "prlimit64", "clone", "execve", "socketpair", "fsync",
        "fdatasync", "shmget", "memfd_create", "setsid", "kill", "wait4", "pidfd_open",
        "epoll_pwait", "capset", "setpriority", "sendmsg", "recvmsg",
    } <= allowed  # fmt: skip
    assert set(seccomp.ALLOWED) <= allowed | {"arch_prctl"}
    assert not {"mount", "bpf", "reboot", "init_module", "setuid", "chown"} & allowed


def calls_of(word: str) -> set[str]:
    """The system calls of a set such as @system-service, sets within it included."""
    if not word.startswith("@"):
        return {word}
    said = run("systemd-analyze", "syscall-filter", "--no-pager", word).splitlines()
    members = [line.strip() for line in said[1:]]
    names = [line for line in members if line and not line.startswith("#")]
    return {call for name in names for call in calls_of(name)}


@pytest.mark.parametrize(
    "line",
    ["OOMPolicy=continue", "KillMode=mixed", "NoNewPrivileges=yes", "RestartPreventExitStatus=2"],
)
def test_the_unit_keeps_what_isolation_and_order_rest_on(line: str) -> None:
    assert line in unit_lines()


@needs("promtool")
def test_prometheus_takes_the_scrape_example() -> None:
    said = run("promtool", "check", "config", str(ROOT / "deploy/prometheus/congvu.yml"))
    assert "is valid prometheus config file syntax" in said


def test_the_page_on_postfix_shows_the_lines_of_the_files() -> None:
    page = (ROOT / "docs/deploy-postfix.md").read_text()
    for line in (ROOT / "deploy/postfix/gateway-main.cf").read_text().splitlines():
        if line and not line.startswith("#"):
            assert line in page


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("deploy-*.md")), ids=lambda p: p.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    for link in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (page.parent / link).exists(), link
    for path in re.findall(r"(?<![\w/])deploy/[\w./-]+\w", text):
        assert (ROOT / path).exists(), path


def test_the_example_registry_is_the_page_s_and_loads() -> None:
    example = ROOT / "config" / "agencies.toml"
    page = (ROOT / "docs/agencies.md").read_text(encoding="utf-8")
    block = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert block
    assert tomllib.loads(block[1]) == tomllib.loads(example.read_text(encoding="utf-8"))
    assert len(Registry.load(example).agencies) == 3


def test_every_key_of_a_registry_entry_is_documented() -> None:
    page = (ROOT / "docs/agencies.md").read_text(encoding="utf-8")
    table = {
        name
        for line in page.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([a-z_0-9]+)`", line.split("|")[1])
    }
    assert table == {
        key for kind in (Agency, CertificateEntry, Mailbox) for key in kind.model_fields
    }


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra
    page = (ROOT / "docs/decisions/0001-parts.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Za-z0-9_.-]+)(?:==[\w.!]+)?`", page))
    missing = {re.split(r"[<>=\[ ]", each)[0] for each in wanted} - named
    assert missing == set()


@pytest.mark.parametrize(
    "script", ["tools/system-packages.sh", "deploy/postfix/set-up-journal.sh", ".ci/run"]
)
def test_scripts_are_executable_and_parse(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"
    assert run(shell, "-n", str(path)) == ""


def test_without_leave_to_install_the_tests_that_will_be_skipped_are_named(tmp_path: Path) -> None:
    """With a PATH that has the shell's tools only: then every server is missing."""
    for tool in ("sh", "awk", "sort", "tr", "id", "mktemp", "env"):
        (tmp_path / tool).symlink_to(program(tool))
    text = (ROOT / "tools/system-packages.sh").read_text()
    script = tmp_path / "system-packages.sh"
    script.write_text(re.sub(r"(?m)^PATH=.*$", f"PATH={tmp_path}", text))
    for ci, status in (("", 0), ("true", 1)):
        done = subprocess.run(
            ["/bin/sh", str(script)],
            env={"CONGVU_NO_INSTALL": "1", "CI": ci},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == status
        assert "nothing is installed. These tests will be skipped:" in done.stdout
        assert "  swaks (Debian package swaks): mails sent" in done.stdout

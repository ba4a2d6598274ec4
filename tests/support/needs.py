"""System programs that a test drives: skipped where they are missing, but never on CI.

    @needs("openssl")
    def test_openssl_agrees(): run([program("openssl"), ...])

    pytestmark = needs("postfix", "swaks")

A missing program skips with a reason that names it. Where the environment says CI=true a skip
would hide that nothing was proven, so there the module fails instead.
"""

import os
import shutil

import pytest

SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/postfix/sbin")
"""Searched after PATH: Debian keeps servers where a normal user's PATH does not look."""


def find(name: str) -> str | None:
    """Absolute path of a program, or None."""
    path = os.environ.get("PATH", os.defpath)
    return shutil.which(name, path=os.pathsep.join((path, *SBIN)))


def program(name: str) -> str:
    """Absolute path of a program that the test is marked to need; skips (fails on CI) without."""
    found = find(name)
    if found is None:
        _refuse([name])
    assert found is not None
    return found


def needs(*programs: str) -> pytest.MarkDecorator:
    """Mark for tests and modules that drive these programs."""
    missing = [name for name in programs if find(name) is None]
    if missing and on_ci():
        _refuse(missing)
    if missing:
        return pytest.mark.skipif(True, reason=_reason(missing))
    return pytest.mark.needs(*programs)


def on_ci() -> bool:
    """Whether this is a run where nothing may be skipped."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _reason(missing: list[str]) -> str:
    return f"needs {', '.join(missing)}: install it (Debian: apt-get install) to run this test"


def _refuse(missing: list[str]) -> None:
    if on_ci():
        pytest.fail(f"CI=true and a test {_reason(missing)}", pytrace=False)
    pytest.skip(_reason(missing))

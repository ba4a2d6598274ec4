import pytest

from tests.agencies.command import Command, commanding


@pytest.fixture
def agencies(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """`congvu agencies …`."""
    return commanding(monkeypatch, capfd)

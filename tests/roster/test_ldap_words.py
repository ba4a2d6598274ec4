"""What a directory answers is told to an operator, not to the terminal."""

from datetime import date

import pytest
from ldap3.core.exceptions import LDAPOperationResult

from monitor.errors import UserError
from monitor.roster.ldap import read_directory
from monitor.settings import DirectorySource


def test_an_answer_of_a_directory_commands_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise LDAPOperationResult(result=80, description="other", message="\x1b[2J\u202e" * 200)

    monkeypatch.setattr("ldap3.Connection", refused)
    source = DirectorySource.model_validate(
        {
            "name": "ad", "kind": "active-directory", "url": "ldaps://127.0.0.1", "base": "dc=x",
        }
    )  # fmt: skip
    with pytest.raises(UserError) as caught:
        list(read_directory(source, date(2026, 11, 22)).entries)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500

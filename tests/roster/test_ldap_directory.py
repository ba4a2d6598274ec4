"""Accounts read from a real directory: who is asked how, and what its attributes say."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from monitor.clock import VIETNAM
from monitor.commands.check_config import find_problems
from monitor.errors import UserError
from monitor.model import AccountState
from monitor.roster.ldap import PAGE, check, read_directory
from monitor.roster.ldap_accounts import Schema
from monitor.roster.ldif import read_ldif
from monitor.roster.listed import ListedAccount
from monitor.settings import DirectorySource, Settings
from tests.collect.certificates import Issuer
from tests.roster.slapd import (
    AD,
    CRAMPED,
    MANY,
    PASSWORD,
    PEOPLE,
    READER,
    SUFFIX,
    ZIMBRA,
    Slapd,
    entry,
    slapd,
)
from tests.support.needs import needs, program

pytestmark = needs("slapd", "slapadd", "ldapsearch")
TODAY = date(2026, 11, 22)
D = "@so-khcn.tinh.example"


def filetime(*moment: int) -> str:
    """A Vietnam time as Active Directory writes it."""
    instant = datetime(*moment, tzinfo=VIETNAM)  # type: ignore[arg-type, misc]  # year, month, …
    return str(int((instant.timestamp() + 11_644_473_600) * 10_000_000))


def ad(uid: str, classes: str = "user", **attributes: str | list[str]) -> str:
    return entry(AD, uid, classes, **({"userAccountControl": "512"} | attributes))


ENTRIES = (
    ad(
        "an", mail="an@cu.tinh.example", whenCreated="20240115183000.0Z", employeeNumber="CB-0042",
        proxyAddresses=["smtp:an.nguyen" + D, "SMTP:An" + D, "X400:c=US;a= ;p=Tinh", "sip:an" + D],
        userPrincipalName="an.upn" + D, lastLogonTimestamp=filetime(2026, 11, 10, 23, 30),
        accountExpires="9223372036854775807", msExchRecipientTypeDetails="1",
    )
    + ad("binh", mail="binh" + D, userAccountControl="514", userPrincipalName="binh@tinh.local",
         employeeID="B7", lastLogonTimestamp="0")
    + ad("chi", mail="chi" + D, lockoutTime=filetime(2026, 11, 20, 8))
    + ad("dung", mail="dung" + D, lockoutTime=filetime(2026, 11, 20, 8),
         **{"msDS-User-Account-Control-Computed": "0"})
    + ad("em", mail="em" + D, accountExpires=filetime(2026, 6, 30, 12))
    + ad("chung", mail="vanthu" + D, userAccountControl="514", msExchRecipientTypeDetails="4")
    + ad("phong", mail="hop" + D, userAccountControl="514", msExchRecipientTypeDetails="16")
    + ad("ngoai", mail="khach@elsewhere.example", msExchRecipientTypeDetails="128")
    + ad("lam", mail="lam" + D, lastLogonTimestamp="99999999999999999999999")
    + entry(ZIMBRA, "giang", "zimbraAccount", mail=["giang" + D, "g" + D],
            zimbraMailDeliveryAddress="giang" + D, zimbraMailAlias="g" + D,
            zimbraAccountStatus="lockout", zimbraCreateTimestamp="20230301020304.123Z",
            zimbraPasswordLockoutLockedTime="20261101100000Z",
            zimbraLastLogonTimestamp="20261031190000.819Z")
    + entry(ZIMBRA, "galsync", "zimbraAccount", mail="galsync" + D, zimbraAccountStatus="active",
            zimbraMailDeliveryAddress="galsync" + D, zimbraIsSystemResource="TRUE")
    + entry(PEOPLE, "hoa", "mailUser", mail="hoa" + D, nsAccountLock="true")
    + entry(PEOPLE, "hung", "mailUser", mail="hung" + D, pwdAccountLockedTime="000001010000Z")
    + entry(PEOPLE, "khanh", "shadowAccount", mail="khanh" + D, shadowExpire="20500")
    + entry(PEOPLE, "lien", "shadowAccount", mail="lien" + D, shadowExpire="0")
    + entry(PEOPLE, "minh", "mailUser", mail="minh" + D, accountStatus="disabled",
            shadowAddress="m" + D)
    + "".join(entry(PEOPLE, f"x{n}", "mailUser", mail=f"x{n}{D}") for n in range(MANY))
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Slapd]:
    with slapd(ENTRIES) as running:
        yield running


def source(
    server: Slapd, kind: Schema = "ldap", base: str = PEOPLE, **given: Any
) -> DirectorySource:
    values: dict[str, Any] = {
        "name": "danh-ba", "url": server.ldaps, "bind_dn": READER, "password": PASSWORD,
        "base": base, "ca": server.ca, "kind": kind,
    }  # fmt: skip
    return DirectorySource(**(values | given))


def listed(where: DirectorySource) -> dict[str, ListedAccount]:
    listing = read_directory(where, TODAY)
    return {each.address.partition("@")[0]: each for each in listing.entries}


def refusal(where: DirectorySource) -> str:
    with pytest.raises(UserError) as raised:
        list(read_directory(where, TODAY).entries)
    return str(raised.value)


def test_thousands_of_entries_come_in_pages_past_the_servers_own_limit(server: Slapd) -> None:
    assert MANY > 4 * PAGE
    found = listed(source(server, filter="(uid=x*)"))
    assert len(found) == MANY
    assert found["x17"].address == "x17@so-khcn.tinh.example"


def test_active_directory_says_address_aliases_state_and_times(server: Slapd) -> None:
    listing = read_directory(source(server, "active-directory", AD), TODAY)
    found = {each.address.partition("@")[0]: each for each in listing.entries}
    an = found["an"]
    assert an.address == "an" + D
    assert set(an.aliases or ()) == {"an@cu.tinh.example", "an.nguyen" + D, "an.upn" + D}
    assert (an.state, an.kind, an.staff_number) == (AccountState.ENABLED, "personal", "CB-0042")
    # 18:30 UTC is the next day in Vietnam.
    assert (an.created_on, an.last_login) == (date(2024, 1, 16), date(2026, 11, 10))
    binh = found["binh"]
    assert (binh.state, binh.aliases, binh.staff_number) == (AccountState.LOCKED, (), "B7")
    assert binh.last_login is None
    assert (found["chi"].state, found["chi"].since) == (AccountState.LOCKED, date(2026, 11, 20))
    assert found["dung"].state is AccountState.ENABLED, "the lock has run out, says the server"
    assert (found["em"].state, found["em"].since) == (AccountState.CLOSED, date(2026, 6, 30))
    assert "khach" not in found, "no mailbox of ours"
    [problem] = listing.problems
    assert "lastLogonTimestamp" in str(problem)


def test_a_shared_mailbox_has_a_disabled_user_by_design(server: Slapd) -> None:
    found = listed(source(server, "active-directory", AD))
    assert (found["vanthu"].kind, found["vanthu"].state) == ("shared", AccountState.ENABLED)
    assert (found["hop"].kind, found["hop"].state) == ("system", AccountState.ENABLED)


def test_zimbras_own_directory_is_read(server: Slapd) -> None:
    found = listed(source(server, "zimbra", ZIMBRA))
    giang = found["giang"]
    assert (giang.state, giang.since) == (AccountState.LOCKED, date(2026, 11, 1))
    assert giang.aliases == ("g" + D,)
    assert (giang.created_on, giang.last_login) == (date(2023, 3, 1), date(2026, 11, 1))
    assert found["galsync"].kind == "system"


def test_locks_of_other_directories_are_seen(server: Slapd) -> None:
    found = listed(source(server, filter="(!(uid=x*))"))
    locked = {name for name, each in found.items() if each.state is AccountState.LOCKED}
    assert locked == {"hoa", "hung", "minh"}
    assert (found["khanh"].state, found["khanh"].since) == (AccountState.CLOSED, date(2026, 2, 16))
    assert found["lien"].state is AccountState.ENABLED
    assert found["minh"].aliases == ("m" + D,)


def test_start_tls_protects_a_plain_port(server: Slapd) -> None:
    found = listed(source(server, url=server.ldap, start_tls=True, filter="(uid=x1)"))
    assert list(found) == ["x1"]


def test_a_certificate_of_an_unknown_authority_ends_it(server: Slapd, tmp_path: Path) -> None:
    other = Issuer(tmp_path).path
    for url, start_tls in ((server.ldaps, False), (server.ldap, True)):
        said = refusal(source(server, url=url, start_tls=start_tls, ca=other))
        assert "CERTIFICATE_VERIFY_FAILED" in said
        assert "set ca to the PEM file" in said


def test_a_certificate_of_another_name_ends_it(
    server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.ldaps.rpartition(":")[2]
    real = socket.getaddrinfo

    def here(host: str, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host == "ad.tinh.example" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    said = refusal(source(server, url=f"ldaps://ad.tinh.example:{port}"))
    assert "CERTIFICATE_VERIFY_FAILED" in said


def test_a_wrong_password_is_said(server: Slapd) -> None:
    said = refusal(source(server, password=SecretStr("not-it")))
    assert "bind_dn or password is wrong" in said
    assert "not-it" not in said


def test_a_list_that_the_servers_limit_cuts_is_no_list(server: Slapd) -> None:
    said = refusal(source(server, bind_dn=CRAMPED))
    assert "its limit stops the list" in said


def test_a_base_that_is_not_there_is_said(server: Slapd) -> None:
    assert "base does not exist" in refusal(source(server, base=f"ou=None,{SUFFIX}"))
    assert "base or bind_dn is no DN" in refusal(source(server, base="nowhere"))
    assert "filter is no LDAP filter" in refusal(source(server, filter="(mail=*"))


def test_nobody_is_there(server: Slapd) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        said = refusal(source(server, url=f"ldaps://127.0.0.1:{port}"))
    assert "is it reachable from here?" in said


def test_nothing_crosses_the_network_in_the_clear() -> None:
    def given(**values: Any) -> DirectorySource:
        return DirectorySource(name="ad", base="dc=a", **values)

    for values in (
        {"url": "ldap://ad.tinh.example"},
        {"url": "ldap://10.0.0.5", "bind_dn": "cn=a", "password": "b"},
    ):
        with pytest.raises(UserError, match="in the clear"):
            check(given(**values))
    with pytest.raises(UserError, match="go together"):
        check(given(url="ldaps://ad.tinh.example", bind_dn="cn=a"))
    with pytest.raises(UserError, match="no such file"):
        check(given(url="ldaps://ad.tinh.example", ca="/nowhere.pem"))
    check(given(url="ldaps://ad.tinh.example", bind_dn="cn=a", password="b"))
    check(given(url="ldap://127.0.0.1", bind_dn="cn=a", password="b"))


def test_check_config_says_what_a_directory_lacks() -> None:
    unsafe = DirectorySource(name="ad", base="dc=a", url="ldap://ad.tinh.example")
    [problem] = find_problems(Settings(directories=(unsafe,)))
    assert "directory ad: ldap://ad.tinh.example would carry" in problem


def test_a_referral_is_not_followed(server: Slapd) -> None:
    """A server that sends one away to a listener: nobody connects to it."""
    with socket.socket() as lure:
        lure.bind(("127.0.0.1", 0))
        lure.listen()
        lure.settimeout(0.5)
        url = f"ldap://127.0.0.1:{lure.getsockname()[1]}/{PEOPLE}"
        away = f"dn: ou=Away,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\n"
        with slapd(
            away + f"ou: Away\nref: {url}\n\n" + entry(PEOPLE, "one", "mailUser", mail="one" + D)
        ) as lone:
            caught: list[bool] = []

            def wait() -> None:
                try:
                    lure.accept()
                except TimeoutError:
                    return
                caught.append(True)

            waiting = threading.Thread(target=wait)
            waiting.start()
            assert list(listed(source(lone, base=SUFFIX))) == ["one"]
            assert "another server holds base" in refusal(source(lone, base=f"ou=Away,{SUFFIX}"))
            waiting.join()
    assert not caught


def test_what_ldapsearch_writes_reads_like_the_directory_itself(
    server: Slapd, tmp_path: Path
) -> None:
    dump = tmp_path / "danh-ba.ldif"
    for kind, base in (("active-directory", AD), ("zimbra", ZIMBRA)):
        for flags in (["-LLL"], [], ["-o", "ldif-wrap=no"]):
            done = subprocess.run(
                [program("ldapsearch"), "-x", "-H", server.ldap, "-D", READER, "-w", PASSWORD,
                 "-b", base, "-E", "pr=3/noprompt", *flags, "(mail=*)"],
                capture_output=True, check=True,
            )  # fmt: skip
            dump.write_bytes(done.stdout)
            from_file = read_ldif(dump, TODAY)
            found = {each.address: each._replace(row=0) for each in from_file.entries}
            asked = read_directory(source(server, kind, base), TODAY)  # type: ignore[arg-type]  # of the two kinds
            assert found == {each.address: each._replace(row=0) for each in asked.entries}
            assert len(from_file.problems) == len(asked.problems)


def test_a_search_that_failed_is_no_list(server: Slapd, tmp_path: Path) -> None:
    done = subprocess.run(
        [program("ldapsearch"), "-x", "-H", server.ldap, "-D", CRAMPED, "-w", PASSWORD,
         "-b", PEOPLE, "(mail=*)"],
        capture_output=True, check=False,
    )  # fmt: skip
    dump = tmp_path / "cut.ldif"
    dump.write_bytes(done.stdout)
    listing = read_ldif(dump, TODAY)
    assert len(list(listing.entries)) == 100
    [problem] = listing.problems
    assert "Size limit exceeded" in str(problem)
    assert "in pages" in str(problem)

"""Accounts from an LDAP directory or Active Directory, asked over the network in pages.

One server is asked and its referrals are not followed: with the password they would go to
whomever it names. What is read and the password cross the network under TLS with a checked
certificate, or stay on this machine.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core import exceptions as faults
from ldap3.core.results import RESULT_SUCCESS

from monitor.errors import UserError
from monitor.explain import safe
from monitor.roster.dumps import Complaints
from monitor.roster.ldap_accounts import WANTED, Entry, account
from monitor.roster.listed import ListedAccount, Listing
from monitor.settings import DirectorySource

PAGE = 1000
"""Entries an answer: Active Directory's usual MaxPageSize."""
CONNECT_SECONDS = 15
ANSWER_SECONDS = 120
"""Of one page."""
PAGED = "1.2.840.113556.1.4.319"
"""The control of simple paged results."""
PORTS = {"ldap": 389, "ldaps": 636}


def read_directory(source: DirectorySource, today: date) -> Listing[ListedAccount]:
    """The accounts that a directory's search finds; a row is the number of the entry.

    Connects when the first entry is asked for; blocks, so from a thread. Raises UserError then
    and later for whatever keeps the list from being whole: nothing of it may be applied.
    """
    check(source)
    complaints = Complaints(source.name)
    entries = _accounts(source, today, complaints)
    return complaints.listing(entries, None)


def check(source: DirectorySource) -> None:
    """Raises UserError for settings under which nobody may be asked."""
    url = urlsplit(source.url)
    if url.scheme == "ldap" and not source.start_tls and not _is_here(url.hostname or ""):
        raise UserError(
            f"directory {source.name}: {source.url} would carry the password and everyone's "
            "addresses in the clear: write ldaps://, or set start_tls = true"
        )
    if url.scheme == "ldaps" and source.start_tls:
        raise UserError(f"directory {source.name}: start_tls is for ldap://, not for ldaps://")
    if source.ca is not None and not source.ca.is_file():
        raise UserError(f"directory {source.name}: ca: {source.ca}: no such file")
    has_password = source.password is not None and bool(source.password.get_secret_value())
    if bool(source.bind_dn) != has_password:
        raise UserError(
            f"directory {source.name}: bind_dn and password go together (without a password most "
            "directories answer as to a stranger, and the list would be empty): set both or neither"
        )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _accounts(
    source: DirectorySource, today: date, complaints: Complaints
) -> Iterator[ListedAccount]:
    with _explained(source), _connected(source) as connection:
        for row, values in enumerate(_entries(connection, source), 1):
            found = account(Entry(row, values, today, complaints), source.kind)
            if found is not None:
                yield found


def _entries(connection: ldap3.Connection, source: DirectorySource) -> Iterator[dict[str, Any]]:
    """Attributes by name in small letters, page by page (RFC 2696).

    Not by ldap3's own paged search, which takes a list that a limit cut short for a whole one.
    """
    cookie: bytes | None = None
    while True:
        connection.search(
            source.base,
            source.filter,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=list(WANTED[source.kind]),
            time_limit=ANSWER_SECONDS,
            paged_size=PAGE,
            paged_criticality=True,
            paged_cookie=cookie,
        )
        result = connection.result
        if result["result"] != RESULT_SUCCESS:
            raise faults.LDAPOperationResult(
                result=result["result"], description=result["description"], dn=result["dn"],
                message=result["message"], response_type=result["type"],
            )  # fmt: skip
        for answer in connection.response or ():
            if answer["type"] == "searchResEntry":  # else a referral to another server
                raw = answer["raw_attributes"]
                yield {name.lower(): values for name, values in raw.items() if values}
        cookie = result.get("controls", {}).get(PAGED, {}).get("value", {}).get("cookie")
        if not cookie:
            return


@contextmanager
def _connected(source: DirectorySource) -> Iterator[ldap3.Connection]:
    url = urlsplit(source.url)
    host = url.hostname or ""
    server = ldap3.Server(
        host,
        port=url.port or PORTS[url.scheme],
        use_ssl=url.scheme == "ldaps",
        tls=_CheckedTls(host, str(source.ca) if source.ca else None),
        get_info=ldap3.NONE,
        connect_timeout=CONNECT_SECONDS,
    )
    connection = ldap3.Connection(
        server,
        user=source.bind_dn,
        password=source.password.get_secret_value() if source.password else None,
        authentication=ldap3.SIMPLE if source.bind_dn else ldap3.ANONYMOUS,
        read_only=True,
        auto_referrals=False,
        check_names=False,
        raise_exceptions=True,
        receive_timeout=ANSWER_SECONDS + CONNECT_SECONDS,
        return_empty_attributes=False,
    )
    try:
        connection.open()
        if source.start_tls:
            connection.start_tls()
        connection.bind()
        yield connection
    finally:
        with suppress(faults.LDAPException):  # of a connection that is broken already
            connection.unbind()


class _CheckedTls(ldap3.Tls):
    """TLS whose certificate and name Python's own ssl module checks, as for every other client."""

    def __init__(self, host: str, ca: str | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._host = host
        self._ca = ca

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:
        """Replaces the connection's socket."""
        context = ssl.create_default_context(cafile=self._ca)
        connection.socket = context.wrap_socket(
            connection.socket, server_hostname=self._host, do_handshake_on_connect=do_handshake
        )


@contextmanager
def _explained(source: DirectorySource) -> Iterator[None]:
    """Errors in the words of someone who edits the settings."""
    where = f"directory {source.name} ({source.url})"
    try:
        yield
    except faults.LDAPException as error:
        said = safe(_said(error), 300)
        raise UserError(f"{where}: {said}: {_advice(error, said)}") from None
    except OSError as error:
        raise UserError(f"{where}: {error}: {UNREACHABLE}") from None


def _said(error: faults.LDAPException) -> str:
    """What the server or the library says, without the fields that an answer does not have."""
    if isinstance(error, faults.LDAPOperationResult):
        return ": ".join(part for part in (error.description, error.message) if part)
    return str(error)


def _advice(error: Exception, said: str) -> str:
    if isinstance(error, faults.LDAPSocketOpenError) and "ssl" in said.lower():
        return TLS_ADVICE
    found = (words for kind, words in ADVICE.items() if isinstance(error, kind))
    return next(found, "ask its administrator")


UNREACHABLE = "is it reachable from here?"
TLS_ADVICE = (
    "set ca to the PEM file of the authority that issued its certificate, and in url write the "
    "server's name as the certificate has it"
)
LIMIT_ADVICE = (
    "its limit stops the list: let bind_dn read without limit in pages (OpenLDAP: olcLimits with "
    "size.prtotal=unlimited), or search in parts by base and filter"
)
ENCRYPT_ADVICE = "it asks for TLS: write ldaps://, or set start_tls = true"
AGAIN_ADVICE = "it stopped answering: try again, or narrow base or filter"
ADVICE: dict[type[Exception], str] = {
    faults.LDAPInvalidCredentialsResult: "bind_dn or password is wrong",
    faults.LDAPStartTLSError: TLS_ADVICE,
    faults.LDAPNoSuchObjectResult: "base does not exist, or bind_dn may not see it",
    faults.LDAPInvalidDNSyntaxResult: "base or bind_dn is no DN",
    faults.LDAPInvalidDnError: "base or bind_dn is no DN",
    faults.LDAPInvalidFilterError: "filter is no LDAP filter",
    faults.LDAPSizeLimitExceededResult: LIMIT_ADVICE,
    faults.LDAPAdminLimitExceededResult: LIMIT_ADVICE,
    faults.LDAPTimeLimitExceededResult: "its time limit stops the list: narrow base or filter",
    faults.LDAPUnavailableCriticalExtensionResult: (
        "it does not answer in pages (RFC 2696): import an LDIF file instead"
    ),
    faults.LDAPConfidentialityRequiredResult: ENCRYPT_ADVICE,
    faults.LDAPStrongerAuthRequiredResult: ENCRYPT_ADVICE,
    faults.LDAPInsufficientAccessRightsResult: "bind_dn may not read there",
    faults.LDAPReferralResult: "another server holds base: name that one in url",
    faults.LDAPSocketOpenError: UNREACHABLE,
    faults.LDAPSocketReceiveError: AGAIN_ADVICE,
    faults.LDAPSessionTerminatedByServerError: AGAIN_ADVICE,
    faults.LDAPResponseTimeoutError: AGAIN_ADVICE,
}

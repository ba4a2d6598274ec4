"""Which attributes of a directory say address, state, aliases and last log-on of an account.

Sources: Zimbra's attrs.xml; Active Directory's [MS-ADA1..3] and [MS-ADTS] 2.2.16 (flags of
userAccountControl), Exchange's msExchRecipientTypeDetails; for others RFC 4519, RFC 2307 (shadow),
draft-behera-ldap-password-policy and 389 DS (nsAccountLock). How each counts: docs/directories.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from monitor.model import AccountState
from monitor.roster.dumps import Complaints
from monitor.roster.ldap_values import (
    address,
    distinct,
    epoch_day,
    filetime_day,
    generalized_day,
    is_true,
)
from monitor.roster.listed import AccountKind, ListedAccount

Schema = Literal["ldap", "active-directory", "zimbra"]
Attributes = Mapping[str, Sequence[bytes]]
"""By name in small letters, at least one value each."""

WANTED: Mapping[Schema, tuple[str, ...]] = {
    "zimbra": (
        "objectClass", "mail", "zimbraMailDeliveryAddress", "zimbraMailAlias",
        "zimbraAccountStatus", "zimbraCreateTimestamp", "zimbraLastLogonTimestamp",
        "zimbraPasswordLockoutLockedTime", "zimbraIsSystemResource", "zimbraIsSystemAccount",
        "zimbraIsExternalVirtualAccount", "zimbraAccountCalendarUserType", "zimbraCalResType",
        "employeeNumber",
    ),
    "active-directory": (
        "objectClass", "mail", "proxyAddresses", "userPrincipalName", "userAccountControl",
        "msDS-User-Account-Control-Computed", "lockoutTime", "accountExpires", "whenCreated",
        "lastLogonTimestamp", "employeeNumber", "employeeID", "msExchRecipientTypeDetails",
    ),
    "ldap": (
        "objectClass", "mail", "mailAlternateAddress", "mailAlias", "shadowAddress",
        "accountStatus", "nsAccountLock", "pwdAccountLockedTime", "shadowExpire",
        "createTimestamp", "authTimestamp", "pwdLastSuccess", "employeeNumber",
    ),
}  # fmt: skip
"""What is asked of a directory, by its kind."""

NO_ACCOUNTS = frozenset({
    b"zimbraalias", b"zimbradistributionlist", b"zimbradynamicgroup", b"zimbradomain",
    b"zimbracos", b"zimbraserver", b"group", b"groupofnames", b"groupofuniquenames",
    b"posixgroup", b"contact", b"computer", b"container", b"organization",
    b"organizationalunit", b"domain", b"domaindns", b"mailgroup", b"maillist", b"mailalias",
    b"msexchdynamicdistributionlist", b"publicfolder",
})  # fmt: skip
"""Object classes of entries with an address that nobody logs in to."""


class Entry(NamedTuple):
    """One entry of a directory, and what it is read with."""

    row: int
    values: Attributes
    today: date
    complaints: Complaints

    def first(self, name: str) -> bytes | None:
        """The first value of an attribute (name in small letters)."""
        found = self.values.get(name)
        return found[0] if found else None

    def all(self, name: str) -> Sequence[bytes]:
        """All values of it."""
        return self.values.get(name, ())

    def read(self, name: str, reader: Callable[[bytes], date | None]) -> date | None:
        """A day; a value that is none is a problem."""
        value = self.first(name)
        if value is None:
            return None
        try:
            return reader(value)
        except ValueError:
            self.complain(f"{_shown(value)} is no time", name)
            return None

    def number(self, name: str) -> int | None:
        """A whole number; a value that is none is a problem."""
        value = self.first(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            self.complain(f"{_shown(value)} is no whole number", name)
            return None

    def text(self, name: str) -> str | None:
        """A text; a value that is not UTF-8 is a problem."""
        value = self.first(name)
        if value is None:
            return None
        try:
            return value.decode("utf-8").strip() or None
        except UnicodeDecodeError:
            self.complain(f"{_shown(value)} is not UTF-8", name)
            return None

    def complain(self, what: str, name: str) -> None:
        """Something is wrong with an attribute."""
        self.complaints.add(what, self.row, SPELLED.get(name, name))

    def addresses(self, name: str) -> list[str]:
        """Its values that are mail addresses; others are problems."""
        found = []
        for value in self.all(name):
            each = address(value)
            if each is not None:
                found.append(each)
            elif not value.startswith(b"@"):  # what catches everything of a domain is nobody's
                self.complain(f"{_shown(value)} is no mail address", name)
        return found


class Standing(NamedTuple):
    """May somebody use the account, and since when that is so."""

    state: AccountState
    since: date | None = None


ENABLED = Standing(AccountState.ENABLED)
SPELLED = {name.lower(): name for names in WANTED.values() for name in names}


def schema_of(values: Attributes) -> Schema:
    """Whose attributes an entry has."""
    classes = {each.lower() for each in values.get("objectclass", ())}
    if b"zimbraaccount" in classes or "zimbraaccountstatus" in values:
        return "zimbra"
    if "useraccountcontrol" in values or "proxyaddresses" in values:
        return "active-directory"
    return "ldap"


def account(entry: Entry, schema: Schema) -> ListedAccount | None:
    """What the entry says of an account; None where it is none or has a problem."""
    if any(each.lower() in NO_ACCOUNTS for each in entry.all("objectclass")):
        return None
    return sound(entry, READERS[schema])


def sound(entry: Entry, reader: "Reader", name: str | None = None) -> ListedAccount | None:
    """What a reader finds, unless it complains; then the entry is left out, and that is noted."""
    before = entry.complaints.count
    found = reader(entry)
    if entry.complaints.count == before:
        return found
    entry.complaints.leave_out(entry.row, found.address if found else name)
    return None


# -- Zimbra ---------------------------------------------------------------------------------------

ZIMBRA_STATES = {
    b"active": AccountState.ENABLED,
    b"maintenance": AccountState.LOCKED,
    b"locked": AccountState.LOCKED,
    b"lockout": AccountState.LOCKED,
    b"pending": AccountState.LOCKED,
    b"closed": AccountState.CLOSED,
}


def zimbra_account(entry: Entry, name: str | None = None) -> ListedAccount | None:
    """An account of Zimbra; `name` is what `zmprov` calls it."""
    addresses = [
        *([name] if name else ()), *entry.addresses("zimbramaildeliveryaddress"),
        *entry.addresses("mail"), *entry.addresses("zimbramailalias"),
    ]  # fmt: skip
    if not addresses:
        return None
    standing = _zimbra_standing(entry)
    if standing is None:
        return None
    return ListedAccount(
        row=entry.row,
        address=addresses[0],
        aliases=distinct(addresses, addresses[0]),
        state=standing.state,
        kind="system" if _is_zimbras_own(entry) else None,
        agency=None,
        created_on=entry.read("zimbracreatetimestamp", generalized_day),
        since=standing.since,
        last_login=entry.read("zimbralastlogontimestamp", generalized_day),
        staff_number=entry.text("employeenumber"),
    )


def _zimbra_standing(entry: Entry) -> Standing | None:
    status = entry.first("zimbraaccountstatus")
    if status is None:
        entry.complain(
            "is missing: was the dump cut off, or made without -v?", "zimbraaccountstatus"
        )
        return None
    state = ZIMBRA_STATES.get(status.strip().lower())
    if state is None:
        entry.complain(f"{_shown(status)} is no state of an account", "zimbraaccountstatus")
        return None
    locked_at = "zimbrapasswordlockoutlockedtime"
    return Standing(state, entry.read(locked_at, generalized_day) if status == b"lockout" else None)


def _is_zimbras_own(entry: Entry) -> bool:
    """A spam trainer, a calendar's room or machine, a guest of somebody's shared folder."""
    return (
        any(is_true(entry.first(name)) for name in ZIMBRA_OWN)
        or "zimbracalrestype" in entry.values
        or entry.first("zimbraaccountcalendarusertype") == b"RESOURCE"
        or any(each.lower() == b"zimbracalendarresource" for each in entry.all("objectclass"))
    )


ZIMBRA_OWN = ("zimbraissystemresource", "zimbraissystemaccount", "zimbraisexternalvirtualaccount")

# -- Active Directory -----------------------------------------------------------------------------

DISABLED, LOCKED_OUT = 0x2, 0x10
RECIPIENTS: Mapping[int, AccountKind | None] = {
    1: "personal", 2: "personal", 8: "personal", 1 << 31: "personal",
    4: "shared", 1 << 35: "shared",
    16: "system", 32: "system", 1 << 33: "system", 1 << 34: "system",
    4096: "system", 8192: "system", 16384: "system", 1 << 23: "system", 1 << 29: "system",
    1 << 39: "system",
    64: None, 128: None, 256: None, 512: None, 1024: None, 2048: None, 32768: None,
}  # fmt: skip
"""msExchRecipientTypeDetails; None where no mailbox stands behind the address."""
LINKED = 2
"""Its user logs on in another forest: the account here is disabled by design."""


def active_directory_account(entry: Entry) -> ListedAccount | None:
    """An account of Active Directory, with or without Exchange."""
    details = entry.number("msexchrecipienttypedetails")
    kind = RECIPIENTS.get(details, "personal") if details is not None else None
    if details is not None and kind is None:
        return None
    addresses = _exchange_addresses(entry)
    if not addresses:
        return None
    designed = kind in {"shared", "system"} or details == LINKED
    standing = _directory_standing(entry, designed)
    return ListedAccount(
        row=entry.row,
        address=addresses[0],
        aliases=distinct(addresses, addresses[0]),
        state=standing.state,
        kind=kind,
        agency=None,
        created_on=entry.read("whencreated", generalized_day),
        since=standing.since,
        last_login=entry.read("lastlogontimestamp", filetime_day),
        staff_number=entry.text("employeenumber") or entry.text("employeeid"),
    )


def _exchange_addresses(entry: Entry) -> list[str]:
    """The primary one first: proxyAddresses' `SMTP:`, else mail, else the log-on name.

    The log-on name is an address of the account, too, where its domain is one of theirs: mail
    servers log it.
    """
    proxies = [each.partition(b":") for each in entry.all("proxyaddresses")]
    primary = [address(value) for scheme, _, value in proxies if scheme == b"SMTP"]
    others = [address(value) for scheme, _, value in proxies if scheme.lower() == b"smtp"]
    found = [each for each in (*primary, *entry.addresses("mail"), *others) if each]
    logon = entry.first("userprincipalname")
    name = address(logon) if logon else None
    domains = {each.rpartition("@")[2] for each in found}
    if name and (not found or name.rpartition("@")[2] in domains):
        found.append(name)
    return found


def _directory_standing(entry: Entry, designed: bool) -> Standing:
    """`designed`: nobody logs on as this mailbox, so a disabled user is how it should be."""
    flags = entry.number("useraccountcontrol") or 0
    if designed:
        return ENABLED
    expired = entry.read("accountexpires", filetime_day)
    if expired and expired <= entry.today:
        return Standing(AccountState.CLOSED, expired)
    if flags & DISABLED:
        return Standing(AccountState.LOCKED)
    computed = entry.number("msds-user-account-control-computed")
    if computed is not None:
        return Standing(AccountState.LOCKED) if computed & LOCKED_OUT else ENABLED
    since = entry.read("lockouttime", filetime_day)
    return Standing(AccountState.LOCKED, since) if since else ENABLED


# -- others ---------------------------------------------------------------------------------------

STATUS_WORDS = {
    b"active": AccountState.ENABLED,
    b"noaccess": AccountState.LOCKED,
    b"disabled": AccountState.LOCKED,
    b"deleted": AccountState.CLOSED,
}
FOR_GOOD = b"000001010000Z"
"""pwdAccountLockedTime of an account that an administrator locked."""


def ldap_account(entry: Entry) -> ListedAccount | None:
    """An account of another directory: OpenLDAP, 389 DS, iRedMail's schema."""
    names = ("mail", "mailalternateaddress", "mailalias", "shadowaddress")
    addresses = [each for name in names for each in entry.addresses(name)]
    if not addresses:
        return None
    standing = _plain_standing(entry)
    logins = (entry.read(name, generalized_day) for name in ("authtimestamp", "pwdlastsuccess"))
    return ListedAccount(
        row=entry.row,
        address=addresses[0],
        aliases=distinct(addresses, addresses[0]),
        state=standing.state,
        kind=None,
        agency=None,
        created_on=entry.read("createtimestamp", generalized_day),
        since=standing.since,
        last_login=max(filter(None, logins), default=None),
        staff_number=entry.text("employeenumber"),
    )


def _plain_standing(entry: Entry) -> Standing:
    expired = entry.read("shadowexpire", epoch_day)
    if expired and expired <= entry.today:
        return Standing(AccountState.CLOSED, expired)
    word = entry.first("accountstatus")
    if word is not None and word.lower() not in STATUS_WORDS:
        entry.complain(f"{_shown(word)} is no state of an account", "accountstatus")
    state = STATUS_WORDS.get((word or b"active").lower(), AccountState.ENABLED)
    if state is not AccountState.ENABLED:
        return Standing(state)
    if is_true(entry.first("nsaccountlock")):
        return Standing(AccountState.LOCKED)
    locked = entry.first("pwdaccountlockedtime")
    if locked is None:
        return ENABLED
    since = None if locked == FOR_GOOD else entry.read("pwdaccountlockedtime", generalized_day)
    return Standing(AccountState.LOCKED, since)


Reader = Callable[[Entry], ListedAccount | None]
READERS: Mapping[Schema, Reader] = {
    "zimbra": zimbra_account,
    "active-directory": active_directory_account,
    "ldap": ldap_account,
}

SHOWN = 40


def _shown(value: bytes) -> str:
    """A value in a message: short, printable."""
    text = value[:SHOWN].decode("utf-8", "backslashreplace")
    plain = "".join(each if each.isprintable() else "·" for each in text)
    return f'"{plain}"' + ("…" if len(value) > SHOWN else "")

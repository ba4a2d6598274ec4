"""The demo's lists, as offices hand them on: a personnel list and a dump of the mail system."""

import csv
import io
import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from monitor.clock import VIETNAM
from monitor.demo.agencies import PROVINCE
from monitor.demo.officials import Account, Official, Staff, Status
from monitor.material.demo_mark import DEMO_LABEL

PEOPLE_HEADINGS = (
    "STT", "Mã cán bộ", "Họ và tên", "Chức vụ", "Phòng", "Cơ quan, đơn vị",
    "Thư điện tử công vụ", "Từ ngày", "Đến ngày",
)  # fmt: skip


def people_csv(staff: Staff, as_of: date) -> bytes:
    """The personnel office's list as of a day, without those who had left by then.

    As Excel saves it: a title, semicolons, UTF-8 with its mark.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    title = f"DANH SÁCH CÁN BỘ, CÔNG CHỨC, VIÊN CHỨC {PROVINCE.upper()} – {DEMO_LABEL}"
    blanks = [""] * (len(PEOPLE_HEADINGS) - 1)
    writer.writerow([title, *blanks])
    writer.writerow(PEOPLE_HEADINGS)
    there = (one for one in staff.officials if one.until is None or one.until >= as_of)
    for number, official in enumerate(there, 1):
        writer.writerow([number, *_cells(official)])
    return text.getvalue().encode("utf-8-sig")


def _cells(official: Official) -> tuple[str, ...]:
    return (
        official.staff_number, official.name, official.post, official.unit, official.agency.name,
        "; ".join(official.addresses), _written(official.since), _written(official.until),
    )  # fmt: skip


def _written(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def zimbra_dump(staff: Staff, seed: int, last_logins: Mapping[str, datetime]) -> bytes:
    """What `zmprov -l gaa -v` prints; `last_logins` by address, aware."""
    return "".join(
        _block(account, seed, last_logins.get(account.address)) for account in staff.accounts
    ).encode()


def _block(account: Account, seed: int, last_login: datetime | None) -> str:
    attributes = sorted(_attributes(account, seed, last_login), key=lambda pair: pair[0].lower())
    lines = "".join(f"{name}: {value}\n" for name, value in attributes)
    return f"# name {account.address}\n{lines}\n"


def _attributes(
    account: Account, seed: int, last_login: datetime | None
) -> Iterator[tuple[str, str]]:
    local, _, domain = account.address.partition("@")
    chance = random.Random(f"zimbra/{seed}/{account.address}")  # noqa: S311  # no secret: an id
    made = datetime.combine(account.created, time(8, chance.randrange(60)), VIETNAM)
    yield "cn", account.shown
    yield "displayName", account.shown
    yield "mail", account.address
    for alias in account.aliases:
        yield "mail", alias
        yield "zimbraMailAlias", alias
    for kind in ("inetOrgPerson", "zimbraAccount", "amavisAccount"):
        yield "objectClass", kind
    yield "sn", account.shown
    yield "uid", local
    yield "zimbraAccountStatus", account.status
    yield "zimbraCreateTimestamp", _utc(made)
    yield "zimbraDomainName", domain
    yield "zimbraId", str(uuid.UUID(int=chance.getrandbits(128), version=4))
    yield "zimbraMailDeliveryAddress", account.address
    yield "zimbraMailHost", f"mail.{domain.partition('.')[2]}"
    if account.staff_number:
        yield "employeeNumber", account.staff_number
    if account.system:
        yield "zimbraIsSystemResource", "TRUE"
    if account.status is Status.LOCKOUT and last_login is not None:
        yield "zimbraPasswordLockoutLockedTime", _utc(last_login + timedelta(days=1))
    if last_login is not None:
        yield "zimbraLastLogonTimestamp", _utc(last_login)


def _utc(instant: datetime) -> str:
    """LDAP's generalized time, as Zimbra writes it."""
    return f"{instant.astimezone(UTC):%Y%m%d%H%M%S}Z"


def targets_toml(made_on: date) -> str:
    """A small plan for the province (docs/targets.md), due at the end of the next year."""
    due = date(made_on.year + 1, 12, 31)
    return f"""\
# {DEMO_LABEL}
name = "Kế hoạch DEMO {PROVINCE}"
source = "Không có thật"

[[targets]]
id = "hop-thu"
name = "100% cán bộ, công chức có hộp thư công vụ"
indicator = "accounts_provisioned"
scope = "province"
value = "100%"
due = {due}

[[targets]]
id = "lanh-dao"
name = "100% lãnh đạo sử dụng thư điện tử công vụ"
indicator = "accounts_active"
scope = "province"
role = "leader"
value = "100%"
due = {due}

[[targets]]
id = "thuong-xuyen"
name = "85% cán bộ từng xã, phường sử dụng thường xuyên"
indicator = "accounts_habitual"
scope = "each:commune"
value = "85%"
due = {due}
source = "“85 cán bộ” trong bản gốc"
unclear = "bản gốc thiếu ký hiệu %"

[[targets]]
id = "ky-so"
name = "90% văn bản gửi qua thư được ký số"
indicator = "document_signed"
channel = "mail"
scope = "province"
value = "90%"
due = {due}
"""

"""The fictional agencies of the demo province: names, mail domains, organ codes, officers.

The province "Hoa Sen" does not exist; its domains lie below `demo.example` (RFC 2606 reserves
`.example`), its organ codes below `H99`, which no province holds. Officers have posts, not names.
"""

from dataclasses import dataclass
from datetime import date

PROVINCE = "tỉnh Hoa Sen"
DOMAIN = "hoasen.demo.example"
FOLDER_AGENCIES = ("hs-skhcn", "hs-stc", "hs-trungtam", "hs-donglua")
"""Those whose document system files what it sends in the watched folder."""
TWO_LEVEL_SINCE = date(2025, 7, 1)
"""Districts ended on the day before: two-level local government (province, commune)."""


@dataclass(frozen=True)
class DemoOfficer:
    """An official by post: `CN`, `OU` and the mail address of the certificate."""

    post: str
    unit: str
    local_part: str


LEADER = DemoOfficer("Lãnh đạo DEMO 01", "Lãnh đạo", "lanhdao.01")
STAFF = DemoOfficer("Chuyên viên DEMO 02", "Phòng Tổng hợp", "chuyenvien.02")
CLERK = DemoOfficer("Văn thư DEMO 03", "Văn thư", "vanthu.03")
OFFICERS = (LEADER, STAFF, CLERK)


@dataclass(frozen=True)
class DemoAgency:
    """One agency; `label` is its mail subdomain, `number` orders it in organ codes and UIDs."""

    code: str
    name: str
    name_en: str
    level: str
    label: str
    number: int
    notation: str
    parent: str | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """Mail domain, also of the certificates' SAN."""
        return f"{self.label}.{DOMAIN}"

    @property
    def mailbox(self) -> str:
        """The agency's own mailbox, in its organisation certificate."""
        return f"vanban@{self.domain}"

    @property
    def uid(self) -> str:
        """Subject UID of the organisation certificate, in the form of VGCA's."""
        return f"MNS:99{self.number:05d}"

    @property
    def organ_codes(self) -> tuple[str, ...]:
        """QCVN 102 form (top level last) and QĐ 20/2020 form (top level first)."""
        return f"000.00.{self.number:02d}.H99", f"H99.{self.number:02d}"

    def address(self, officer: DemoOfficer) -> str:
        """Mail address of one of its officers."""
        return f"{officer.local_part}@{self.domain}"


PROVINCE_OFFICE = DemoAgency(
    "hs-vpub", "Văn phòng UBND tỉnh Hoa Sen (DEMO)", "Office of the People's Committee (DEMO)",
    "province", "vpub", 1, "UBND-VP",
)  # fmt: skip

AGENCIES = (
    PROVINCE_OFFICE,
    DemoAgency(
        "hs-skhcn", "Sở Khoa học và Công nghệ (DEMO)", "Dept. of Science and Technology (DEMO)",
        "department", "skhcn", 2, "SKHCN-CĐS", "hs-vpub",
    ),
    DemoAgency(
        "hs-stc", "Sở Tài chính (DEMO)", "Dept. of Finance (DEMO)",
        "department", "stc", 3, "STC-VP", "hs-vpub",
    ),
    DemoAgency(
        "hs-sgddt", "Sở Giáo dục và Đào tạo (DEMO)", "Dept. of Education (DEMO)",
        "department", "sgddt", 4, "SGDĐT-VP", "hs-vpub",
    ),
    DemoAgency(
        "hs-suoimo", "UBND huyện Suối Mơ (DEMO, đến 30/06/2025)",
        "Suoi Mo District (DEMO, until 30/06/2025)",
        "district", "suoimo", 5, "UBND-VP", "hs-vpub",
        date(2025, 6, 30), ("hs-donglua", "hs-nuixanh"),
    ),
    DemoAgency(
        "hs-trungtam", "UBND phường Trung Tâm (DEMO)", "Trung Tam Ward (DEMO)",
        "commune", "trungtam", 6, "UBND", "hs-vpub",
    ),
    DemoAgency(
        "hs-donglua", "UBND xã Đồng Lúa (DEMO)", "Dong Lua Commune (DEMO)",
        "commune", "donglua", 7, "UBND", "hs-vpub",
    ),
    DemoAgency(
        "hs-nuixanh", "UBND xã Núi Xanh (DEMO)", "Nui Xanh Commune (DEMO)",
        "commune", "nuixanh", 8, "UBND", "hs-vpub",
    ),
)  # fmt: skip

BY_CODE = {agency.code: agency for agency in AGENCIES}


def active(day: date) -> tuple[DemoAgency, ...]:
    """The agencies that exist on a Vietnam day."""
    return tuple(a for a in AGENCIES if a.valid_to is None or day <= a.valid_to)

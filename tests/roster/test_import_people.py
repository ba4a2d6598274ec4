"""Lists of people become employments and addresses, each with its days."""

import pytest

from monitor.errors import UserError
from monitor.record import Database
from tests.roster.rostering import KEEPING_NAMES, SEALER, Office, said

HEAD = "Mã cán bộ,Họ và tên,Cơ quan,Chức vụ,Email,Từ ngày,Đến ngày"


async def test_an_official_who_moves_twice_has_three_employments(office: Office) -> None:
    await office.people(
        "2025-03-01", HEAD, "7,Nguyễn Văn A,Sở Y tế,Chuyên viên,a@soyt.tinh.gov.vn,,"
    )
    await office.people(
        "2025-07-01", HEAD, "7,Nguyễn Văn A,Sở Công Thương,Phó Giám đốc,a@soct.tinh.gov.vn,,"
    )
    done = await office.people(
        "2025-11-01", HEAD, "7,Nguyễn Văn A,ubnd,Phó Chủ tịch,a@tinh.gov.vn,2025-10-15,"
    )
    assert done.outcome.applied
    assert await office.employments("7") == [
        ("so-yt", "staff", "2025-03-01", "2025-06-30"),
        ("so-ct", "leader", "2025-07-01", "2025-10-14"),
        ("ubnd", "leader", "2025-10-15", None),
    ]
    assert await office.holders("a@soyt.tinh.gov.vn") == [("7", "2025-03-01", "2025-06-30")]
    assert await office.holders("a@soct.tinh.gov.vn") == [("7", "2025-07-01", "2025-10-14")]
    assert await office.holders("a@tinh.gov.vn") == [("7", "2025-10-15", None)]

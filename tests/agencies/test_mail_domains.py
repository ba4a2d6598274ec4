"""Which mail domains are checked, and whose they are on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.agencies.mail_domains import check_owners, mail_domains
from monitor.errors import UserError

DAY = date(2026, 3, 2)


def agency(code: str, **more: Any) -> Agency:
    return Agency.model_validate(
        {"code": code, "name": f"Cơ quan {code}", "level": "department", **more}
    )


def found(
    *agencies: Agency, day: date = DAY, more: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, tuple[str, ...]]:
    def is_freemail(domain: str) -> bool:
        return domain == "gmail.com"

    return dict(mail_domains(Registry(agencies), day, more or {}, is_freemail))


def test_domains_of_entries_are_checked_and_wildcards_are_no_names() -> None:
    mot = agency("mot", domains=("mot.tinh.gov.vn", "*.mot.tinh.gov.vn", "Cu.Tinh.Gov.VN"))
    assert found(mot) == {"cu.tinh.gov.vn": ("mot",), "mot.tinh.gov.vn": ("mot",)}


def test_a_domain_of_mailboxes_is_of_every_agency_that_has_one_there() -> None:
    mot = agency("mot", addresses=("tin@tinh.gov.vn", "*.mot@tinh.gov.vn"))
    hai = agency("hai", addresses=("hai-*@tinh.gov.vn",))
    assert found(mot, hai) == {"tinh.gov.vn": ("hai", "mot")}


def test_a_domain_that_an_entry_names_is_not_of_those_with_mailboxes_there() -> None:
    whole = agency("ubnd", domains=("tinh.gov.vn",))
    guest = agency("mot", addresses=("*.mot@tinh.gov.vn",))
    assert found(whole, guest) == {"tinh.gov.vn": ("ubnd",)}


def test_a_domain_below_anothers_wildcard_is_of_who_has_a_mailbox_there() -> None:
    above = agency("ubnd", domains=("*.tinh.gov.vn",))
    below = agency("xa", addresses=("vanthu@xa.tinh.gov.vn",))
    assert found(above, below) == {"xa.tinh.gov.vn": ("xa",)}


def test_free_mail_that_an_agency_writes_from_is_not_its_domain() -> None:
    assert found(agency("xa", addresses=("ubndxa@gmail.com",))) == {}


def test_only_entries_in_force_count() -> None:
    entries = (
        agency("mot", domains=("cu.tinh.gov.vn",), valid_to="2026-02-28"),
        agency("mot", domains=("moi.tinh.gov.vn",), valid_from="2026-03-01"),
    )
    assert found(*entries) == {"moi.tinh.gov.vn": ("mot",)}
    assert found(*entries, day=date(2026, 2, 28)) == {"cu.tinh.gov.vn": ("mot",)}


def test_further_domains_are_their_agencys_beside_whoever_has_them() -> None:
    more = {"mot": ("cu.tinh.gov.vn", "hai.tinh.gov.vn")}
    both = (agency("mot"), agency("hai", domains=("hai.tinh.gov.vn",)))
    assert found(*both, more=more) == {
        "cu.tinh.gov.vn": ("mot",), "hai.tinh.gov.vn": ("hai", "mot"),
    }  # fmt: skip


def test_further_domains_of_an_agency_that_has_ended_are_its_sole_heirs() -> None:
    more = {"mot": ("cu.tinh.gov.vn",)}
    ended = agency("mot", valid_to="2026-02-28", successors=("hai",))
    assert found(ended, agency("hai"), more=more) == {"cu.tinh.gov.vn": ("hai",)}
    split = agency("mot", valid_to="2026-02-28", successors=("hai", "ba"))
    assert found(split, agency("hai"), agency("ba"), more=more) == {}


def test_international_names_are_a_labels() -> None:
    assert found(agency("xa", domains=("xã-a.tinh.gov.vn",), addresses=("a@đ.tinh.gov.vn",))) == {
        "xn--x-a-mla.tinh.gov.vn": ("xa",), "xn--fea.tinh.gov.vn": ("xa",),
    }  # fmt: skip


def test_a_name_that_nobody_can_be_asked_for_is_left_out() -> None:
    overlong = ".".join(["a" * 63] * 4)
    assert found(agency("xa", domains=(overlong,), addresses=("a@[192.0.2.1]",))) == {}


def test_thousands_of_domains_are_found() -> None:
    agencies = [
        agency(f"xa-{number}", domains=(f"xa{number}.tinh.gov.vn",),
               addresses=(f"*.xa{number}@tinh.gov.vn",))
        for number in range(2000)
    ]  # fmt: skip
    assert len(found(*agencies)) == 2001


def test_an_agency_that_there_never_was_is_said() -> None:
    registry = Registry([agency("mot", valid_to="2025-01-01")])
    check_owners(registry, {"mot": ()})
    with pytest.raises(UserError, match=r"^posture\.more_domains: ba, hai: no such agency"):
        check_owners(registry, {"hai": (), "mot": (), "ba": ()})

"""The list that comes with congvu is what it says it is."""

from monitor.agencies.freemail_list import FreemailList, shipped
from monitor.agencies.names import DOMAIN, domain_key
from monitor.settings import FreemailSettings


def test_every_domain_is_written_as_it_is_compared_and_stands_once() -> None:
    _, entries = shipped()
    domains = [each.domain for each in entries]
    assert [each for each in domains if not DOMAIN.match(each) or domain_key(each) != each] == []
    assert len(set(domains)) == len(domains) > 300


def test_groups_are_sorted_and_say_who_runs_them() -> None:
    _, entries = shipped()
    by_group: dict[str, list[str]] = {}
    for each in entries:
        by_group.setdefault(each.operator, []).append(each.domain)
    assert "" not in by_group
    assert all(domains == sorted(domains) for domains in by_group.values())


def test_no_domain_is_below_another_that_stands_for_it_already() -> None:
    _, entries = shipped()
    domains = {each.domain for each in entries}
    below = [each for each in domains if any(each.endswith(f".{other}") for other in domains)]
    assert below == []


def test_it_names_no_public_suffix_and_nothing_official() -> None:
    listed = FreemailList.load(FreemailSettings())
    official = (
        "gov.vn",
        "com.vn",
        "vn",
        "edu.vn",
        "org.vn",
        "vnpt.vn",
        "viettel.com.vn",
        "chinhphu.vn",
    )
    assert [each for each in official if listed.lists(each)] == []


def test_what_agencies_used_most_is_there() -> None:
    listed = FreemailList.load(FreemailSettings())
    used = (
        "gmail.com", "yahoo.com", "yahoo.com.vn", "outlook.com", "hotmail.com", "live.com",
        "icloud.com", "proton.me", "zoho.com", "mail.ru", "yandex.ru", "gmx.net", "qq.com",
        "163.com", "hcm.vnn.vn", "hn.fpt.vn", "viettel.vn",
    )  # fmt: skip
    assert [each for each in used if not listed.lists(each)] == []


def test_the_day_it_was_gone_through_is_stated() -> None:
    day, _ = shipped()
    assert FreemailList.load(FreemailSettings()).day == day
    assert day.year >= 2026

"""Until when revocation lists speak, as the alert before verdicts wait reads it."""

from datetime import datetime

from monitor.expose.pipeline import trust_expiry
from monitor.material import load
from tests.trust.authorities import Folders, crl
from tests.verify.making import DAY, NOW, intermediate, root


def ends(folders: Folders, now: datetime = NOW) -> dict[str, float]:
    (family,) = trust_expiry(load(folders.settings), now)
    return {sample.labels["ca"]: sample.value for sample in family.samples}


def test_the_end_of_each_cas_list_is_known_by_the_name_of_its_file(folders: Folders) -> None:
    folders.make([root()], [intermediate()])
    folders.put("crls/root.crl", crl(root(), days=2))
    folders.put("crls/sub.crl", crl(intermediate(), days=8))
    assert ends(folders) == {
        "root": (NOW + DAY).timestamp(),
        "sub": (NOW + 7 * DAY).timestamp(),
    }


def test_a_list_that_has_ended_still_says_when(folders: Folders) -> None:
    folders.make([root()])
    folders.put("crls/root.crl", crl(root(), issued=NOW - 9 * DAY, days=2))
    assert ends(folders) == {"root": (NOW - 7 * DAY).timestamp()}


def test_an_old_list_beside_a_newer_one_alarms_nobody(folders: Folders) -> None:
    folders.make([root()])
    folders.put("crls/old.crl", crl(root(), issued=NOW - 9 * DAY, days=2))
    folders.put("crls/new.crl", crl(root(), days=8))
    assert set(ends(folders)) == {"new"}


def test_a_ca_that_has_expired_needs_no_list(folders: Folders) -> None:
    folders.make([root()])
    folders.put("crls/root.crl", crl(root()))
    assert ends(folders, NOW + 40 * 365 * DAY) == {}


def test_a_ca_without_a_list_has_no_end(folders: Folders) -> None:
    assert ends(folders.make([root()])) == {}

"""What is in force when files come, change, break and go."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from monitor.demo.pki import Pki
from monitor.errors import UserError
from monitor.material import Problem, TrustFolders, load
from monitor.material.pins import Pins
from monitor.material.reading import Why
from tests.trust.authorities import DER, PEM, Folders, bundle, crl, forged, pem
from tests.verify.making import DAY, NOW, intermediate, root


def whys(folders: TrustFolders) -> list[tuple[str, Why]]:
    return [(problem.file.name, problem.why) for problem in folders.loaded.problems]


def test_a_half_written_list_is_left_out_and_taken_when_it_is_whole(folders: Folders) -> None:
    whole = crl(root())
    folders.make([root()])
    folders.put("crls/root.crl", whole[:-20])
    trust = TrustFolders(folders.settings)
    assert not trust.loaded.material.crls
    assert whys(trust) == [("root.crl", Why.CUT_OFF)]
    folders.put("crls/root.crl", whole)
    assert trust.refresh()
    assert trust.loaded.material.crls == (whole,)
    assert whys(trust) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", Why.CUT_OFF, id="empty"),
        pytest.param(b"\x30\x82", Why.CUT_OFF, id="two octets"),
        pytest.param(b"<html>proxy login</html>", Why.MALFORMED, id="page of a proxy"),
        pytest.param(b"0" * 500, Why.MALFORMED, id="zeros"),
        pytest.param(b"-----BEGIN X509 CRL-----\nMIIB", Why.CUT_OFF, id="half a PEM"),
        pytest.param(crl(root())[:40], Why.CUT_OFF, id="half a list"),
        pytest.param(pem(root()), Why.WRONG_KIND, id="a certificate"),
    ],
)
def test_a_broken_file_keeps_the_last_good_list_in_force(
    folders: Folders, content: bytes, why: Why
) -> None:
    good, other = crl(root()), crl(intermediate())
    folders.make([root()], [intermediate()])
    folders.put("crls/root.crl", good)
    folders.put("crls/sub.crl", other)
    trust = TrustFolders(folders.settings)
    folders.put("crls/root.crl", content)
    assert not trust.refresh()
    assert trust.loaded.material.crls == (good, other)
    assert whys(trust) == [("root.crl", why)]


def test_an_older_list_never_replaces_a_newer_one(folders: Folders) -> None:
    newer, older = crl(root(), NOW - DAY), crl(root(), NOW - 5 * DAY)
    folders.make([root()])
    folders.put("crls/root.crl", newer)
    trust = TrustFolders(folders.settings)
    folders.put("crls/root.crl", older)
    assert not trust.refresh()
    assert trust.loaded.material.crls == (newer,)
    assert whys(trust) == [("root.crl", Why.OLDER)]
    newest = crl(root(), NOW)
    folders.put("crls/root.crl", newest)
    assert trust.refresh()
    assert trust.loaded.material.crls == (newest,)


def test_a_list_that_only_bears_a_known_name_is_left_out(folders: Folders) -> None:
    folders.make([root()])
    folders.put("crls/root.crl", crl(forged(root()), NOW))
    trust = TrustFolders(folders.settings)
    assert trust.loaded.material.crls == ()
    assert trust.loaded.crl_issued == {}
    assert whys(trust) == [("root.crl", Why.FORGED)]


def test_a_list_of_a_ca_that_is_not_at_hand_is_kept_for_signatures_that_bring_it(
    folders: Folders,
) -> None:
    folders.make([root()])
    content = crl(intermediate())
    folders.put("crls/sub.crl", content)
    loaded = load(folders.settings)
    assert loaded.material.crls == (content,)
    assert loaded.lists[0].listed.authority is None


def test_a_list_that_is_removed_is_no_longer_in_force(folders: Folders) -> None:
    folders.make([root()])
    file = folders.put("crls/root.crl", crl(root()))
    trust = TrustFolders(folders.settings)
    file.unlink()
    assert trust.refresh()
    assert trust.loaded.material.crls == ()


def test_nothing_is_reloaded_while_nothing_changes(folders: Folders) -> None:
    folders.make([root()])
    folders.put("crls/root.crl", crl(root()))
    trust = TrustFolders(folders.settings)
    before = trust.loaded
    assert not trust.refresh()
    assert trust.loaded is before


def test_a_file_that_is_still_being_copied_under_a_hidden_name_is_not_looked_at(
    folders: Folders,
) -> None:
    folders.make([root()])
    folders.put("crls/.root.crl.123", b"half")
    folders.put("crls/.root.crl", b"half")
    assert load(folders.settings).problems == ()


def test_an_anchor_that_cannot_be_read_stops_the_start(folders: Folders) -> None:
    folders.make([root()])
    folders.put("anchors/cong_vu/x.pem", b"-----BEGIN CERTIFICATE-----\nAAAA")
    with pytest.raises(UserError, match="ends too early"):
        load(folders.settings)


def test_an_anchor_that_breaks_while_running_leaves_the_old_state_and_is_looked_at_again(
    folders: Folders,
) -> None:
    folders.make([root()])
    trust = TrustFolders(folders.settings)
    before = trust.loaded
    broken = folders.put("anchors/cong_vu/x.pem", b"nothing")
    with pytest.raises(UserError):
        trust.refresh()
    with pytest.raises(UserError):
        trust.refresh()
    assert trust.loaded is before
    broken.unlink()
    assert not trust.refresh()


def test_a_broken_intermediate_is_left_out_and_the_others_stay(folders: Folders) -> None:
    folders.make([root()], [intermediate()])
    file = folders.put("intermediates/x.pem", b"nothing")
    loaded = load(folders.settings)
    assert [a.certificate.der for a in loaded.intermediates] == [intermediate().der]
    assert loaded.problems == (Problem(file, Why.MALFORMED),)


@pytest.mark.parametrize("encoding", [PEM, DER])
def test_a_pkcs7_bundle_gives_its_certificates(
    folders: Folders, encoding: serialization.Encoding
) -> None:
    folders.make()
    folders.put("intermediates/both.p7b", bundle(root(), intermediate(), encoding=encoding))
    found = {a.certificate.der for a in load(folders.settings).intermediates}
    assert found == {root().der, intermediate().der}


def test_the_folder_gives_an_anchor_its_class_and_a_pin_its_days(folders: Folders) -> None:
    folders.make([root()])
    folders.pin(("mot", root(), "cong_vu"), extra="trusted_until = 2020-12-31\n")
    anchor = load(folders.settings).material.anchors[0]
    assert anchor.trust_class.value == "cong_vu"
    assert anchor.trusted_until is not None
    assert anchor.trusted_until.isoformat() == "2020-12-31"
    assert anchor.trusted_from is None


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    Pki.create(1, NOW).write(folder, NOW)
    return folder


def demo_certificate(demo: Path, part: str) -> bytes:
    return next((demo / part).rglob("*.pem")).read_bytes()


def test_a_demo_anchor_never_enters_a_real_store(folders: Folders, demo: Path) -> None:
    folders.make()
    folders.put("anchors/cong_vu/demo.pem", demo_certificate(demo, "anchors"))
    with pytest.raises(UserError, match="demo province"):
        load(folders.settings, real=True)


def test_a_demo_anchor_cannot_stand_beside_a_real_one(folders: Folders, demo: Path) -> None:
    folders.make([root()])
    folders.put("anchors/cong_vu/demo.pem", demo_certificate(demo, "anchors"))
    with pytest.raises(UserError, match="demo province"):
        load(folders.settings)


def test_a_demo_intermediate_is_left_out_of_a_real_store(folders: Folders, demo: Path) -> None:
    folders.make([root()])
    folders.put("intermediates/demo.pem", demo_certificate(demo, "intermediates"))
    loaded = load(folders.settings)
    assert loaded.intermediates == ()
    assert [problem.why for problem in loaded.problems] == [Why.DEMO]


def test_a_folder_that_is_not_there_is_named_with_its_setting(folders: Folders) -> None:
    with pytest.raises(UserError, match=r"verify\.anchors: .*congvu trust import"):
        load(folders.settings)


def test_a_list_touched_without_a_change_of_content_changes_nothing(folders: Folders) -> None:
    folders.make([root()])
    file = folders.put("crls/root.crl", crl(root()))
    trust = TrustFolders(folders.settings)
    os.utime(file, (1, 1))
    assert not trust.refresh()


def test_the_shipped_pins_are_those_that_ban_co_yeu_and_the_ministry_published() -> None:
    known = {pin.sha256[:8]: (pin.trust_class.value, pin.role.value) for pin in Pins.load().pins}
    assert known == {
        "f7bc8905": ("cong_vu", "anchor"),
        "f04ba4b4": ("cong_vu", "anchor"),
        "75e969c0": ("cong_vu", "intermediate"),
        "d8cab7a4": ("cong_vu", "intermediate"),
        "ca918d63": ("cong_cong", "anchor"),
        "bac8bf60": ("cong_cong", "anchor"),
    }

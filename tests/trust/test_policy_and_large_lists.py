"""What the trust folders hand on beside certificates: rules of strength, indexes of large lists."""

from datetime import date
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.material.loading import TrustFolders, load
from monitor.model import DigestRule, TrustMaterial
from monitor.settings import VerifySettings
from monitor.verify import crl
from monitor.verify.certificate import certificate
from monitor.verify.revocation import State
from monitor.verify.trust import TrustStore
from tests.verify import making as make
from tests.verify.list_making import Revoked, listing

RULES = (
    '[digest.sha1]\nuntil = 2020-01-02\nsource = "x"\n'
    '[[key]]\nfamily = "rsa"\nbits = 2048\nsource = "x"\n'
)


def folders(tmp_path: Path) -> dict[str, Path]:
    made = {name: tmp_path / name for name in ("anchors", "crls")}
    for folder in made.values():
        folder.mkdir()
    (made["anchors"] / "root.cer").write_bytes(make.root().der)
    return made


def test_the_rules_that_the_settings_name_go_to_the_children(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(RULES)
    found = load(VerifySettings(policy=file)).material.policy
    assert found is not None
    assert found.digests == (DigestRule(name="sha1", until=date(2020, 1, 2)),)
    assert load(VerifySettings()).material.policy is None


def test_changed_rules_come_into_force_and_broken_ones_do_not(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(RULES)
    watched = TrustFolders(VerifySettings(policy=file))
    file.write_text(RULES.replace("2020-01-02", "2021-01-02 "))
    assert watched.refresh()
    kept = watched.loaded.material.policy
    assert kept is not None
    assert kept.digests[0].until == date(2021, 1, 2)
    file.write_text("[digest.sha1]")
    with pytest.raises(UserError, match="sha1"):
        watched.refresh()
    assert watched.loaded.material.policy == kept


def test_rules_that_are_not_there_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        load(VerifySettings(policy=tmp_path / "absent.toml"))


def test_a_large_list_is_handed_on_as_an_index_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crl, "INDEXED_FROM_BYTES", 400)
    made = folders(tmp_path)
    revoked, good = (make.issue(make.name(n), make.root()) for n in ("Revoked", "Good"))
    large = listing(make.root(), [Revoked(revoked) for _ in range(20)])
    (made["crls"] / "large.crl").write_bytes(large)
    material = load(VerifySettings(**made)).material
    assert material.crls == ()
    (index,) = material.indexed
    assert len(index.entries) == 20 * 13
    sent = TrustMaterial.model_validate_json(material.model_dump_json())
    store = TrustStore(sent)
    for who, state in ((revoked, State.REVOKED), (good, State.GOOD)):
        assert store.assess(certificate(who.der), make.NOW).revocation is state

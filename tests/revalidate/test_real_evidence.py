"""The real examiner: from signatures to rows and back, with nothing of the file but evidence."""

import secrets

import pytest

from monitor.examine import Examiner
from monitor.model import (
    Channel,
    DocumentClaim,
    Examined,
    ItemHeader,
    KeptEvidence,
    Limits,
    Moment,
    PayloadKind,
    Revocation,
    TrustMaterial,
    Verdict,
)
from monitor.record import judging
from monitor.revalidate import fingerprints
from tests.revalidate.scripted import Scene
from tests.support.outcomes import mail
from tests.verify import making as make
from tests.verify.making import DAY, NOW


def material(*crls: bytes) -> TrustMaterial:
    return make.material(
        intermediates=[make.intermediate()],
        crls=[make.crl(make.root()), *crls],
        revocation=Revocation.REQUIRE,
    )


def examined(trust: TrustMaterial, data: bytes) -> Examined:
    header = ItemHeader(
        item_id=secrets.token_hex(16), kind=PayloadKind.DOCUMENT, source="folder",
        channel=Channel.DOCSYS, received_at=NOW, size=len(data),
        claim=DocumentClaim(agency="so-mot", file_name="a.pdf"),
    )  # fmt: skip
    return Examiner(trust, Limits()).examine(header, data, Moment(now=NOW, receipt=NOW))


def without_a_name(said: Verdict) -> Verdict:
    return said.model_copy(update={"path": ""})


@pytest.mark.parametrize("leaf_only", [True, False])
def test_the_same_material_says_the_same_of_evidence_as_of_the_file(leaf_only: bool) -> None:
    data = make.sign_pdf(make.page(), leaf_only=leaf_only)
    [document] = examined(material(), data).documents
    kept = document.judgement.kept
    assert kept
    again = Examiner(material(), Limits()).rejudge(kept, "", Moment(now=NOW, receipt=NOW))
    assert again == without_a_name(document.judgement.verdict)
    assert judging.digest(again) == judging.digest(document.judgement.verdict)


@pytest.fixture(scope="module")
def signed() -> bytes:
    """Made outside of any event loop: pyHanko runs one of its own."""
    return make.sign_pdf(make.page(), leaf_only=True)


async def test_stored_evidence_is_judged_by_lists_that_came_later(
    scene: Scene, signed: bytes
) -> None:
    stale = make.crl(make.intermediate(), this_update=NOW - 3 * DAY, next_update=NOW - 2 * DAY)
    scene.trust = await scene.store.trust(*fingerprints(material(stale)))
    before = examined(material(stale), signed)
    await scene.write(mail("1", before.documents, at=NOW))
    assert await scene.verdicts() == [("indeterminate", False)]
    scene.now = NOW + DAY / 2

    async def lists_arrive(*crls: bytes) -> None:
        trust = material(*crls)
        examiner = Examiner(trust, Limits())

        async def rejudge(kept: KeptEvidence, name: str, moment: Moment) -> Verdict:
            return examiner.rejudge(kept, name, moment)

        scene.children.rejudge = rejudge  # type: ignore[method-assign]  # the real one
        scene.trust = await scene.store.trust(*fingerprints(trust))
        await scene.revalidate()

    await lists_arrive(make.crl(make.intermediate()))
    assert await scene.verdicts() == [("valid", True)]
    revoked = (make.officer(), NOW - DAY / 2)
    await lists_arrive(make.crl(make.intermediate(), revoked, this_update=NOW + DAY / 4))
    assert await scene.verdicts() == [("invalid", False)]
    assert [why for _, _, why in await scene.history()] == [
        "revocation_data", "certificate_revoked"
    ]  # fmt: skip


def test_a_fingerprint_tells_contents_apart_and_lists_from_all_else() -> None:
    old, new = make.crl(make.intermediate()), make.crl(make.intermediate(), this_update=NOW)
    first = fingerprints(material(old))
    assert fingerprints(material(old)) != fingerprints(material(old), "another version")
    assert fingerprints(material(new)).whole != first.whole
    assert fingerprints(material(new)).basis == first.basis
    trust = material(old, new)
    turned = trust.model_copy(update={"crls": trust.crls[::-1]})
    assert fingerprints(trust) == fingerprints(turned)
    strict = trust.model_copy(update={"revocation": Revocation.SOFT})
    assert fingerprints(strict).basis != fingerprints(trust).basis

"""Usage rights (ISO 32000-1 12.8.2.3) are granted by an application's maker, not signed for."""

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import cms_embedder

from monitor.model import Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make


def verdict(data: bytes) -> Verdict:
    return Judge(make.material()).judge(data, "a.pdf", make.moment()).verdict


def granted(monkeypatch: pytest.MonkeyPatch, method: str) -> bytes:
    """A page with a reference of a transform method in a signature field's signature."""

    def reference(*_: object) -> generic.DictionaryObject:
        found = generic.DictionaryObject()  # type: ignore[no-untyped-call]  # no annotations there
        found[generic.pdf_name("/TransformMethod")] = generic.pdf_name(method)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(cms_embedder, "docmdp_reference_dictionary", reference)
        return make.sign_pdf(make.page(), make.stranger(), certify=MDPPerm.FILL_FORMS)


@pytest.mark.parametrize("method", ["/UR3", "/UR"])
def test_usage_rights_in_a_form_field_do_not_count(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    rights = granted(monkeypatch, method)
    assert verdict(rights).overall is Overall.UNSIGNED
    signed = verdict(make.sign_pdf(rights))
    assert [each.counts for each in signed.signatures] == [False, True]
    assert signed.overall is Overall.VALID


def test_any_other_reference_in_a_form_field_is_a_signature(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = granted(monkeypatch, "/UR4")
    assert [each.counts for each in verdict(data).signatures] == [True]
    assert all(each.counts for each in verdict(make.sign_pdf(data)).signatures)

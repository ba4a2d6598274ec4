"""An item that is not drawn for verification is extracted, by the same children."""

from monitor.isolate.events import ItemUnexamined
from monitor.model import Finding, Overall
from tests.isolate.rigging import MakeRig, mail_header


async def test_nothing_of_it_is_judged_nor_timed_as_if_it_were(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        extracted = await rig.pool.extract(mail_header(), b"extractable\n")
        await rig.hear("echo verified")
    assert extracted.verdict.path == "unjudged"
    assert extracted.findings == (Finding.NOT_SAMPLED,)
    assert len(rig.durations) == 1


async def test_what_cannot_even_be_extracted_is_unreadable_and_not_lost(
    make_rig: MakeRig,
) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        extracted = await rig.pool.extract(mail_header(), b"rubbish\n")
        assert await rig.hear("echo next") == "next 0 None"
    assert extracted.verdict.overall is Overall.UNREADABLE
    assert Finding.VERIFIER_FAULT in extracted.findings
    assert rig.observer.of(ItemUnexamined)


async def test_whoever_extracted_an_item_verifies_it_if_it_can(make_rig: MakeRig) -> None:
    async with make_rig(children=3) as rig:
        await rig.pool.start()
        for number in range(6):
            await rig.pool.extract(mail_header(number), b"extractable\n")
            (child,) = rig.pool._extracted.values()
            examined = await rig.tell("count", number=number)
            assert examined.verdict.path.split()[0] == str(child.pid)


async def test_who_extracted_items_that_were_not_drawn_is_forgotten(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        for number in range(20):
            await rig.pool.extract(mail_header(number), b"extractable\n")
        assert len(rig.pool._extracted) <= rig.pool.capacity

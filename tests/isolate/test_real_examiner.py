"""The real examiner says the same in a sealed child as outside: nothing it needs is shut out."""

import asyncio
from email.message import EmailMessage

from monitor.examine import Examiner
from monitor.isolate.events import ItemUnexamined, PartUnexamined
from monitor.model import ItemHeader, Limits, Moment, TrustMaterial
from tests.extract.archive_samples import attached, rar, tar_gzip, tnef
from tests.isolate.rigging import NOW, MakeRig, Rig, mail_header
from tests.support.corpus import corpus, with_corpus

REAL = {"target": "monitor.examine:Examiner", "memory_bytes": 2 * 1024**3, "children": 2}
MOMENT = Moment(now=NOW, receipt=NOW)


def mails() -> list[bytes]:
    """One mail for each way in which a library may reach for a module or file late."""
    made = []
    for charset in ("windows-1258", "utf-7", "iso-2022-jp", "gb18030", "x-unheard-of", "idna"):
        start = f"Subject: =?{charset}?B?Y2jDoG8=?=\r\nFrom: a@b.example\r\n"
        kind = f"Content-Type: text/plain; charset={charset}\r\nDate: Mon, 2 Mar 2026 08:00 +0700"
        made.append(f"{start}{kind}\r\n\r\nnội dung\r\n".encode())
    message = EmailMessage()
    message["Subject"], message["From"] = "Công văn", "a@b.example"
    message.set_content("Kính gửi")
    for name, data in (("a.pdf", b"%PDF-1.7\n"), ("a.zip", b"PK\x03\x04"), ("a.xml", b"<a/>")):
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    packed = (
        ("a.rar", rar({"a.pdf": b"%PDF-1.7\n"})),
        ("a.tgz", tar_gzip({"văn bản.pdf": b"%PDF-1.7\n"})),
        ("winmail.dat", tnef(attached(b"%PDF-1.7\n", "a.pdf"))),
    )
    for name, data in packed:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    message.add_attachment(b"0\x80", maintype="application", subtype="pkcs7-mime")
    return [*made, message.as_bytes()]


def faults(rig: Rig) -> list[object]:
    return [*rig.observer.of(ItemUnexamined), *rig.observer.of(PartUnexamined)]


async def test_mails_of_every_charset_read_the_same_in_a_child(make_rig: MakeRig) -> None:
    examiner = Examiner(TrustMaterial(), Limits())
    header: ItemHeader = mail_header(received_at=NOW)
    async with make_rig(**REAL) as rig:
        await rig.pool.start()
        for raw in mails():
            assert await rig.pool.examine(header, raw) == examiner.examine(header, raw, MOMENT)
    assert faults(rig) == []


@with_corpus
async def test_the_corpus_reads_the_same_in_a_child(make_rig: MakeRig) -> None:
    files = sorted(path for path in (corpus() / "files").rglob("*") if path.is_file())
    examiner = Examiner(TrustMaterial(), Limits())
    async with make_rig(**REAL) as rig:
        await rig.pool.start()
        room = asyncio.Semaphore(rig.pool.capacity)

        async def differs(number: int) -> str | None:
            data = files[number].read_bytes()
            async with room:
                there = await rig.pool.judge_file(str(number), data, MOMENT)
            here = examiner.judge_file(str(number), data, MOMENT)
            return None if there == here else files[number].name

        found = await asyncio.gather(*map(differs, range(len(files))))
    assert [name for name in found if name] == []
    assert faults(rig) == []

"""A whole daemon on a folder of the axis: messages are recorded, what means harm costs itself."""

import time
from pathlib import Path

from monitor.record.axis import axis_uid
from tests.daemon.conftest import Start
from tests.extract import edxml_making as edxml
from tests.extract.test_edxml_hostile import LAUGHS, bomb, declared
from tests.verify import making as make

REGISTRY = """
[[agencies]]
code = "so-y-te"
name = "Sở Y tế"
level = "department"
organ_codes = ["H53.31.20"]

[[agencies]]
code = "ubnd"
name = "UBND tỉnh"
level = "province"
organ_codes = ["000.00.00.H41"]
"""
UID = axis_uid("H53.31.20", edxml.DOCUMENT_ID)


def harmful() -> dict[str, bytes]:
    many = "".join(f"<To><OrganId>X{n}</OrganId></To>" for n in range(100_000))
    other = edxml.HEADER.replace(edxml.ID, "<DocumentId>other</DocumentId>")
    return {
        "laughs.edxml": declared(f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>'),
        "external.xml": declared('<!DOCTYPE a SYSTEM "file:///etc/passwd">'),
        "bomb.edxml": edxml.message("<From><OrganId>G1</OrganId></From>",
                                    attachments=edxml.attached("../../a.zip", bomb())),
        "many.edxml": edxml.message(other + many),
        "none.edxml": b"\0\xff no message",
        "empty.xml": b"",
        "page.xml": make.page(),
        "large.edxml": edxml.message("<From><OrganId>G2</OrganId></From>",
                                     attachments=edxml.attached("a.pdf", bytes(60_000_000))),
        "bomb.zip": bomb(),
    }  # fmt: skip


def test_messages_and_statuses_are_recorded_beside_what_means_harm(
    daemon: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "truc"
    (folder / "2026-11-16").mkdir(parents=True)
    section = {"name": "truc", "path": str(folder), "poll_seconds": 0.5, "settle_seconds": 0.5}
    running = daemon(start=False, axis=section)
    (running.folder / "agencies.toml").write_text(REGISTRY, encoding="utf-8")
    running.start()
    document = edxml.message(attachments=edxml.attached("a.pdf", make.signed_page()))
    harm = harmful()
    for name, data in harm.items():
        (folder / name).write_bytes(data)
    (folder / "2026-11-16" / "arrived.edxml").write_bytes(edxml.status("01"))
    for name in ("a.edxml", "2026-11-16/again.xml"):
        (folder / name).write_bytes(document)
    day = edxml.zipped({"a.edxml": document, "b.edxml": edxml.status("06", "17/11/2026 08:00")})
    (folder / "day.zip").write_bytes(day)

    def taken() -> bool:
        return not [path for path in folder.rglob("*") if path.is_file() and _waits(path)]

    running.wait_for(taken, "an empty folder", 120)
    running.wait_drained()
    assert not (folder / "rejected").exists()
    assert running.sql("SELECT count(*) FROM item") == [(len(harm) + 3,)]
    assert running.sql(
        "SELECT a.code, m.documents, m.copies FROM axis_message m "
        f"JOIN agency a ON a.agency_id = m.sender_agency_id WHERE axis_uid = '{UID}'"
    ) == [("so-y-te", 1, 1)]
    assert running.sql(
        "SELECT channel, counted, integrity, file_name FROM axis_document "
        f"JOIN document USING (document_uid) WHERE axis_uid = '{UID}'"
    ) == [("axis", True, "intact", "a.pdf")]
    assert running.sql("SELECT max(count) FROM (SELECT count(*) FROM axis_recipient "
                       "GROUP BY axis_uid) each") == [(5000,)]  # fmt: skip
    statuses = "SELECT axis_uid, status FROM axis_status ORDER BY at"
    assert running.sql(statuses) == [(UID, "arrived"), (UID, "done")]
    look = 'congvu_source_last_look_timestamp_seconds{source="truc"}'
    assert running.metrics()[look] > time.time() - 60
    assert running.stop() == 0


def _waits(path: Path) -> bool:
    return "done" not in path.parts and "rejected" not in path.parts

"""What a match teaches of documents: which are appendixes and copies, and who says so.

What its source or container said stays. Else the register's word goes first (an entry that is a
copy makes its files copies), then the document's own notation, then a file name, which is believed
only beside the document itself: at the same entry, in the same message, under the same number.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from monitor.model import DocumentClass, DocumentRole
from monitor.model.document_roles import declared_role, named_appendix
from monitor.record.columns import columns
from monitor.record.connection import Connection
from monitor.register.numbers import read_number
from monitor.register.statements import sql

BESIDE_DAYS = 7
"""Days within which documents of one number lie beside each other."""
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one document's role."""

    asked: bool
    file_name: str | None
    number: str | None
    notation: str | None
    document_class: str
    role: str
    role_by: str | None
    entry_role: str | None
    message_type: str | None
    """Type of the document in the axis message that it came in."""

    @property
    def settled(self) -> bool:
        """Its source or its container said it: nothing else is asked."""
        return self.role_by in {"source", "container"}

    @property
    def own(self) -> tuple[str, str] | None:
        """What its message, the register or its notation says, and which of them."""
        if role := declared_role(self.message_type, None):
            return role.value, "container"
        if self.entry_role:
            return self.entry_role, "register"
        role = declared_role(None, _notation(self.number, self.notation))
        return (role.value, "notation") if role else None

    @property
    def appendix_by_name(self) -> bool:
        return bool(self.file_name) and named_appendix(self.file_name or "")

    @property
    def is_a_document(self) -> bool:
        """Can an appendix belong to it?"""
        appendix = self.settled and self.role == DocumentRole.APPENDIX
        return (
            self.document_class == DocumentClass.FORMAL
            and not appendix
            and (self.settled or not self.appendix_by_name)
        )

    def judged(self, beside_a_document: bool) -> tuple[str, str | None]:
        """Its role and who says so."""
        if self.settled:
            return self.role, self.role_by
        if self.own:
            return self.own
        if self.appendix_by_name and beside_a_document:
            return DocumentRole.APPENDIX.value, "file_name"
        return DocumentRole.MAIN.value, None


async def teach_roles(connection: Connection) -> int:
    """Correct the roles of what was matched and of what lies beside; gives how many changed."""
    await connection.execute(sql("match_role_first"), timeout=PATIENCE)
    await connection.execute("ANALYZE match_role")
    await connection.execute(sql("match_beside"), BESIDE_DAYS, timeout=PATIENCE)
    await connection.execute(sql("match_role_beside"), timeout=PATIENCE)
    said = await _said(connection)
    named = {
        uid for uid, each in said.items()
        if each.appendix_by_name and not each.settled and not each.own
    }  # fmt: skip
    beside = await _beside_a_document(connection, said, named)
    changes = []
    for uid, each in said.items():
        role, role_by = each.judged(uid in beside)
        if (role, role_by) != (each.role, each.role_by):
            changes.append((uid, role, role_by))
    if not changes:
        return 0
    taught: int = await connection.fetchval(sql("match_teach"), *columns(sorted(changes)))
    return taught


async def _said(connection: Connection) -> dict[UUID, Said]:
    rows = await connection.fetch(sql("match_role_words"), timeout=PATIENCE)
    return {row["document_uid"]: Said(*list(row)[1:]) for row in rows}


async def _beside_a_document(
    connection: Connection, said: dict[UUID, Said], named: Collection[UUID]
) -> set[UUID]:
    """Those of the named that lie beside what an appendix can belong to; completes `said`."""
    further = sorted(uid for uid in named if not said[uid].asked)
    if further:
        await connection.execute(sql("match_role_ask"), further)
        await connection.execute(sql("match_beside"), BESIDE_DAYS, timeout=PATIENCE)
        await connection.execute(sql("match_role_beside"), timeout=PATIENCE)
        for uid, each in (await _said(connection)).items():
            said.setdefault(uid, each)
    if not named:
        return set()
    rows = await connection.fetch(
        "SELECT together, document_uid FROM match_beside WHERE together IN ("
        "SELECT together FROM match_beside WHERE document_uid = ANY ($1::uuid[]))",
        sorted(named),
        timeout=PATIENCE,
    )
    # What retention has removed may still be named by what it was sent with.
    documents = {uid for uid, each in said.items() if each.is_a_document}
    of_a_document = {row["together"] for row in rows if row["document_uid"] in documents}
    found = {row["document_uid"] for row in rows if row["together"] in of_a_document}
    return found & set(named)


def _notation(number: str | None, notation: str | None) -> str | None:
    try:
        return read_number(number, notation).notation
    except ValueError:
        return None

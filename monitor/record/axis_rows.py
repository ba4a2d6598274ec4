"""Rows of the exchange axis; field names are column names."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class AxisMessageRow(NamedTuple):
    """One copy of a document message; `copies` and `documents` are added by the statement."""

    axis_uid: UUID
    sender_code: str
    sender_name: str | None
    sender_agency_id: int
    document_ref: str
    number: str | None
    notation: str | None
    issued_on: date | None
    document_type: str | None
    business: str | None
    paper: bool | None
    due_on: date | None
    sent_at: datetime | None
    first_received_at: datetime
    documents: int
    container: str
    findings: str
    """Joined by commas: a column of lists of unequal length is no array of PostgreSQL."""
    sealed_subject: bytes | None
    sealed_signer: bytes | None
    base_uid: UUID | None
    version: bytes


class AxisRecipientRow(NamedTuple):
    axis_uid: UUID
    organ_code: str
    agency_id: int
    name: str | None


class AxisStatusRow(NamedTuple):
    axis_uid: UUID
    organ_code: str
    status: str
    at: datetime
    agency_id: int
    received_at: datetime


class AxisRelationRow(NamedTuple):
    axis_uid: UUID
    of_uid: UUID
    business: str


@dataclass(frozen=True, slots=True)
class AxisRows:
    """What one edXML message says: a document that is sent, or a status of one."""

    message: AxisMessageRow | None = None
    recipients: tuple[AxisRecipientRow, ...] = ()
    relations: tuple[AxisRelationRow, ...] = ()
    status: AxisStatusRow | None = None

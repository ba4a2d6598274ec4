"""One message that several servers journaled is one row, with all who received it."""

from uuid import uuid4

from monitor.extract.journal import read_journal
from monitor.extract.mail import read_mail
from monitor.model import Limits, MailFacts, Outcome
from monitor.record import Database, Recorder
from tests.extract.journal_samples import PARTNER, journal, original, report
from tests.support.outcomes import mail


def outcome(facts: MailFacts) -> Outcome:
    found = mail("journaled")
    header = found.header.model_copy(update={"item_id": uuid4().hex})
    examined = found.examined.model_copy(update={"mail": facts})
    return found.model_copy(update={"header": header, "examined": examined})


async def test_reports_of_several_servers_and_a_gateways_copy_are_one_message(
    database: Database, recorder: Recorder
) -> None:
    texts = (
        report(f"To: {PARTNER}"),
        report("Bcc: hai@so.tinh.gov.vn"),
        report("To: ba@so.tinh.gov.vn, Expanded: tat-ca@so.tinh.gov.vn"),
    )
    facts = [read_journal(journal(text=text), Limits()).facts for text in texts]
    facts.append(read_mail(original(), None, Limits()).facts)
    await recorder.write([outcome(each) for each in facts])
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT copies, recipients FROM message")
    assert [(row["copies"], len(row["recipients"])) for row in rows] == [(4, 3)]

"""Certificates in use that end soon: whose they are is not in a report, only how many."""

from monitor.report.content.facts import Facts
from monitor.report.content.names import Names
from monitor.report.model import Column, Heading, Row, Table
from monitor.report.words import Words


def table(facts: Facts, names: Names, say: Words) -> Table:
    """The soonest first."""
    rows = [
        Row(
            (
                number, names.agency(each.code), say.of("signer_kind", each.signer_kind or "none"),
                say.of("trust_class", each.trust_class or "none"), each.ends_on,
                (each.ends_on - facts.last).days, each.certificates, each.last_used,
                each.signatures,
            ),
            code=each.code,
        )
        for number, each in enumerate(facts.certificates, 1)
    ]  # fmt: skip
    return Table(
        id="certificates", title=say("certificates.title"), sheet=say("certificates.sheet"),
        headings=(
            Heading("ordinal", say("column.ordinal"), Column.ORDINAL),
            Heading("agency", say("column.agency"), Column.WIDE),
            Heading("holder", say("certificates.holder"), Column.TEXT),
            Heading("class", say("certificates.class"), Column.TEXT),
            Heading("ends_on", say("certificates.ends_on"), Column.DATE),
            Heading("days_left", say("certificates.days_left"), Column.COUNT),
            Heading("certificates", say("certificates.certificates"), Column.COUNT),
            Heading("last_used", say("certificates.last_used"), Column.DATE),
            Heading("signatures", say("certificates.signatures"), Column.COUNT),
        ),
        rows=rows, notes=(say("certificates.note"),) if rows else (),
        empty=say("certificates.empty"), landscape=True,
    )  # fmt: skip

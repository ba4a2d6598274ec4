"""The documents of a period that do not count as signed, and why."""

from collections.abc import Iterator

from monitor.explain import to_do
from monitor.explain.reason import decide
from monitor.explain.vocabulary import Reason
from monitor.measure.period.windows import Span
from monitor.measure.statements import sql
from monitor.model import Overall, Verdict
from monitor.record.connection import Connection

TIMEOUT_SECONDS = 900.0
AT_ONCE = 5_000
NOT_ISSUER = "rule:not_issuer"
"""Validly signed, but by nobody of the issuing agency."""


async def documents(connection: Connection, span: Span, closing_id: int) -> None:
    """Store them. Documents of the same verdict have the same reasons, so that few are decided."""
    await connection.execute(sql("period_document_tables"))
    await connection.execute(sql("period_documents"), *span, timeout=TIMEOUT_SECONDS)
    rows = await connection.fetch("SELECT DISTINCT verdict FROM period_document ORDER BY verdict")
    verdicts = [row["verdict"] for row in rows]
    for start in range(0, len(verdicts), AT_ONCE):
        some = verdicts[start : start + AT_ONCE]
        await connection.execute(
            "INSERT INTO period_reason SELECT v, string_to_array(r, ' ')"
            " FROM unnest($1::text[], $2::text[]) AS given (v, r)",
            some, [" ".join(reasons(Verdict.model_validate_json(each))) for each in some],
        )  # fmt: skip
    await connection.execute("ANALYZE period_document, period_reason")
    await connection.execute(sql("period_store_documents"), closing_id, timeout=TIMEOUT_SECONDS)
    await connection.execute("DROP TABLE period_document, period_reason")


def reasons(verdict: Verdict) -> Iterator[str]:
    """Words of the catalogue with their vocabulary before them, the one that decides first."""
    if verdict.overall is Overall.VALID:
        yield NOT_ISSUER
    for word in to_do(verdict):
        if not isinstance(word, Reason):
            yield f"finding:{word.value}"
            continue
        if verdict.overall is Overall.VALID:
            continue
        yield f"reason:{word.value}"
        deciding = decide(verdict).index
        sub_indication = (
            verdict.signatures[deciding].sub_indication if deciding is not None else None
        )
        if sub_indication:
            yield f"sub_indication:{sub_indication.value}"

"""PostgreSQL says why a check failed as `congvu posture` does."""

import json
import string
from collections.abc import AsyncIterator

import pytest

from grafana import posture_sql
from monitor.model import Language
from monitor.posture.explaining import posture_words
from monitor.posture.names import Why
from monitor.posture.words import Reason
from monitor.record import Database
from monitor.record.connection import Connection

WORDS = posture_words(Language.VI)
DOMAIN = "so-yt.tinh.gov.vn"


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    async with database.connection() as opened:
        yield opened


async def said(connection: Connection, reason: str, facts: dict[str, str]) -> str:
    return str(
        await connection.fetchval(
            f"{posture_sql.TEXTS} SELECT {posture_sql.sentence('p')}"
            " FROM (SELECT $1::text AS reason, $2::text AS domain, $3::jsonb AS facts) AS p",
            reason, DOMAIN, json.dumps(facts),
        )
    )  # fmt: skip


def facts_of(reason: Reason) -> dict[str, str]:
    """A value for every fact that the sentence names."""
    places = string.Formatter().parse(WORDS.template(reason).says)
    names = {name for _, name, _, _ in places if name and name != "domain"}
    return {name: Why.TIMEOUT if name == "why" else f"it's <{name}>" for name in names}


async def test_every_reason_is_the_same_sentence(connection: Connection) -> None:
    for reason in Reason:
        facts = facts_of(reason)
        expected = WORDS.explain(reason, DOMAIN, facts).says
        assert await said(connection, reason, facts) == expected, reason


async def test_days_and_what_systems_say_are_in_words(connection: Connection) -> None:
    for reason, facts in (
        (Reason.GATEWAY_EXPIRED, {"host": "mail.x.vn", "not_after": "2026-12-04"}),
        (Reason.GATEWAY_UNREACHABLE, {"host": "h", "port": "25", "error": "Connection refused"}),
        (Reason.SPF_GATEWAY_REFUSED, {"address": "1.2.3.4", "network": "n", "result": "softfail"}),
    ):
        assert await said(connection, reason, facts) == WORDS.explain(reason, DOMAIN, facts).says
    ended = {"host": "mail.x.vn", "not_after": "2026-12-04"}
    assert "hết hạn ngày 04/12/2026." in await said(connection, Reason.GATEWAY_EXPIRED, ended)


async def test_what_is_not_known_is_a_dash_and_braces_of_others_are_left(
    connection: Connection,
) -> None:
    assert "–" in await said(connection, Reason.UNANSWERED, {})
    told = await said(connection, Reason.UNANSWERED, {"why": "{domain}'; DROP TABLE x"})
    assert "{domain}'; DROP TABLE x" in told
    assert await said(connection, "of_tomorrow", {"a": "b"}) == "of_tomorrow"

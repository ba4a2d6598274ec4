"""Whether Grafana's role gets in, sees the views, and nothing else."""

import asyncio
from collections.abc import Iterator

from monitor.commands.observation import Observation
from monitor.commands.viewer import data_source
from monitor.errors import UserError
from monitor.record import viewer
from monitor.record.connection import Connection
from monitor.record.faults import FROM_THE_SERVER
from monitor.settings import Settings

WHAT = "Grafana's role"


def seen_by_grafana(settings: Settings) -> Iterator[Observation]:
    """By the role itself, on the embedded server; elsewhere its password is not here."""
    if settings.database.dsn or not settings.viewer.enabled:
        return
    try:
        yield asyncio.run(_tried(settings))
    except UserError as error:
        yield Observation(WHAT, "look", str(error), "run doctor by the account that runs congvu")
    except FROM_THE_SERVER as error:
        where = f"{viewer.HOST}:{settings.viewer.port}"
        advice = (
            "does congvu run, does another program have the port (viewer.port)? else "
            "congvu viewer password --new"
        )
        yield Observation(WHAT, "bad", f"does not get in on {where}: {error}", advice)


async def _tried(settings: Settings) -> Observation:
    found = data_source(settings)
    password = viewer.read_password(viewer.password_file(settings.state_dir))
    if password is None:
        return Observation(WHAT, "bad", "has no password yet", "start congvu run")
    connection = await viewer.session(found.port, found.database, password)
    try:
        views = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relkind = 'v'"
            " AND relnamespace = 'grafana'::regnamespace AND has_table_privilege(oid, 'SELECT')"
        )
        await connection.fetchval("SELECT count(*) FROM grafana.agency")
        if await _sees_more(connection):
            seen = "may read more than the views"
            return Observation(WHAT, "bad", seen, "restart congvu run; who granted it that?")
    finally:
        await connection.close()
    return Observation(WHAT, "ok", f"reads {views} views on {found.host}:{found.port}")


async def _sees_more(connection: Connection) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm')"
            " AND c.relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(c.oid, 'SELECT')) OR has_schema_privilege('public', 'USAGE')"
        )
    )

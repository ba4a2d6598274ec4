"""`congvu viewer`: what Grafana needs to read the record, and nothing more."""

import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg

from monitor.errors import UserError
from monitor.record import viewer
from monitor.record.embedded import ADMIN, DATABASE, running_dsn
from monitor.record.faults import FROM_THE_SERVER, unavailable
from monitor.settings import Settings

POSTGRES_PORT = 5432


@dataclass(frozen=True, slots=True)
class DataSource:
    """What Grafana's PostgreSQL data source asks for."""

    host: str
    port: int
    database: str
    user: str
    password_file: str | None
    """None where an administrator of the server has set it."""
    tls: str
    """Grafana's "TLS/SSL Mode"."""


def data_source(settings: Settings) -> DataSource:
    """Of these settings. Raises UserError where Grafana is not let in."""
    if settings.database.dsn:
        return _of_dsn(settings.database.dsn.get_secret_value())
    if not settings.viewer.enabled:
        raise UserError("viewer.enabled is not set: nothing listens for Grafana (docs/grafana.md)")
    where = str(viewer.password_file(settings.state_dir))
    return DataSource(viewer.HOST, settings.viewer.port, DATABASE, viewer.NAME, where, "disable")


def show(as_json: bool, settings: Settings) -> int:
    """Print what to enter in Grafana."""
    found = data_source(settings)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found)) + "\n")
        return 0
    password = (
        f"{found.password_file} (congvu viewer password)"
        if found.password_file
        else "as set by the server's administrator (congvu viewer sql)"
    )
    for name, value in (
        ("host", f"{found.host}:{found.port}"), ("database", found.database),
        ("user", found.user), ("password", password), ("TLS/SSL mode", found.tls),
    ):  # fmt: skip
        sys.stdout.write(f"{name:13} {value}\n")
    return 0


def print_sql(settings: Settings) -> int:
    """Print the statements that make the role, for psql as a superuser."""
    dsn = settings.database.dsn
    database, product = (
        (_of_dsn(dsn.get_secret_value()).database, _user_of(dsn.get_secret_value()))
        if dsn
        else (DATABASE, "congvu")
    )
    sys.stdout.write(
        f"-- psql --dbname={database}, as a superuser, once congvu has migrated the database.\n"
        "-- It may be run again at any time. What everybody may do by default and no reader needs\n"
        f"-- is left to {product}: other roles that use this database need grants of their own.\n"
    )
    lines = [*viewer.statements(database, product), viewer.GRANT.strip()]
    sys.stdout.write("".join(f"{line};\n" for line in lines))
    sys.stdout.write(f"\\password {viewer.NAME}\n")
    return 0


def password(new: bool, settings: Settings) -> int:
    """Print the password; with `new` a fresh one, in force at once."""
    if settings.database.dsn:
        raise UserError(
            "the database is another server's (database.dsn): its administrator sets the password "
            f"(\\password {viewer.NAME} in psql)"
        )
    path = viewer.password_file(settings.state_dir)
    if new:
        made = viewer.new_password(path)
        asyncio.run(_take_over(settings.state_dir, made))
    found = viewer.read_password(path)
    if found is None:
        raise UserError(f"{path}: is not there yet; set viewer.enabled and start congvu run")
    sys.stdout.write(f"{found}\n")
    return 0


async def _take_over(state_dir: Path, made: str) -> None:
    """Make the running server take the new password and end the sessions of the old one. Where none
    runs the next start does.
    """
    dsn = running_dsn(state_dir, ADMIN)
    if dsn is None:
        return
    try:
        connection = await asyncpg.connect(dsn, timeout=30)
        try:
            if await connection.fetchval("SELECT to_regrole($1) IS NOT NULL", viewer.NAME):
                async with connection.transaction():
                    await viewer.set_password(connection, made)
                await viewer.put_out(connection)
        finally:
            await connection.close()
    except FROM_THE_SERVER as error:
        raise unavailable(error) from error


def _of_dsn(dsn: str) -> DataSource:
    """Host, port and database of a DSN; what it leaves out is said by name."""
    parts = urlsplit(dsn)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = parts.hostname or query.get("host") or "localhost"
    return DataSource(
        unquote(host),
        parts.port or int(query.get("port", POSTGRES_PORT)),
        unquote(parts.path.lstrip("/")) or query.get("dbname") or _user_of(dsn),
        viewer.NAME,
        None,
        query.get("sslmode", "require"),
    )


def _user_of(dsn: str) -> str:
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    return unquote(parts.username or "") or query.get("user", ["congvu"])[-1]

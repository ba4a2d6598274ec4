"""The role that Grafana reads by: views of schema `grafana`, and nothing else (docs/grafana.md).

Migrations run by the product's own role, which makes no roles: on the embedded server its superuser
makes this one, elsewhere an administrator does, by the same statements.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from string import Template

import asyncpg

from monitor.errors import UserError
from monitor.record.account import Account
from monitor.record.connection import Connection
from monitor.record.place import write_private

NAME = "congvu_viewer"
HOST = "127.0.0.1"
PASSWORD_FILE = "viewer.password"  # noqa: S105 - its name
CONNECTIONS = 10
DEFAULTS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "'30s'",
    "lock_timeout": "'5s'",
    "idle_in_transaction_session_timeout": "'30s'",
    "temp_file_limit": "'1GB'",
    "search_path": "grafana",
    "timezone": "'Asia/Ho_Chi_Minh'",
    "jit": "off",
    "max_parallel_workers_per_gather": "1",
}
"""What its sessions begin with."""
PUBLIC_FUNCTIONS = r"^(pg_(try_)?advisory_|lo_|lowrite$|loread$|pg_notify$|pg_logical_emit_)"
"""Functions of the server that everybody may call by default and no reader needs: locks that could
hold up the daemon, objects that fill the disk, messages."""


def password_file(state_dir: Path) -> Path:
    """Where its password lies, on the machine of the embedded server."""
    return state_dir / PASSWORD_FILE


def read_password(path: Path) -> str | None:
    """The password, else None. Raises UserError when this account may not read it."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except PermissionError:
        raise UserError(
            f"{path}: not readable by this account; use the one that runs congvu"
        ) from None


def new_password(path: Path) -> str:
    """Write a new password into a 0600 file of whoever owns the folder; gives it."""
    password = secrets.token_urlsafe(24)
    owner = path.parent.stat()
    write_private(
        path, f"{password}\n",
        Account("", owner.st_uid, owner.st_gid, switch=os.geteuid() == 0),
    )  # fmt: skip
    return password


def statements(database: str, product: str) -> Sequence[str]:
    """What a superuser runs in that database to make the role what it is to be; idempotent.

    `product` is the role that congvu connects by. The password is set apart from it.
    """
    attributes = (
        "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS "
        f"CONNECTION LIMIT {CONNECTIONS}"
    )
    return [
        f"DO $$ BEGIN IF to_regrole('{NAME}') IS NULL THEN CREATE ROLE {NAME}; END IF; END $$",
        f"ALTER ROLE {NAME} {attributes}",
        # Its own settings and password a role may always change: each start puts them right.
        f"ALTER ROLE {NAME} RESET ALL",
        f"ALTER ROLE {NAME} IN DATABASE {_name(database)} RESET ALL",
        *(f"ALTER ROLE {NAME} SET {name} = {value}" for name, value in DEFAULTS.items()),
        f"REVOKE TEMPORARY ON DATABASE {_name(database)} FROM PUBLIC",
        f"GRANT TEMPORARY ON DATABASE {_name(database)} TO {_name(product)}",
        f"GRANT CONNECT ON DATABASE {_name(database)} TO {NAME}",
        f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {NAME}",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {_name(product)}",
        _functions(product),
    ]


FUNCTIONS = Template("""DO $$$$ DECLARE f regprocedure; BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ $names
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', f, $product);
    END LOOP;
END $$$$""")


def _functions(product: str) -> str:
    return FUNCTIONS.substitute(names=_text(PUBLIC_FUNCTIONS), product=_text(product))


GRANT = f"""
DO $$ BEGIN
    IF to_regrole('{NAME}') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA grafana TO {NAME};
        GRANT SELECT ON ALL TABLES IN SCHEMA grafana TO {NAME};
    END IF;
END $$
"""
"""Run by the product's own role, which owns the views."""


async def make(connection: Connection, database: str, product: str, password: str) -> None:
    """Make the role and set its password; `connection` is a superuser's, to that database."""
    async with connection.transaction():
        for statement in statements(database, product):
            await connection.execute(statement)
        await set_password(connection, password)


async def set_password(connection: Connection, password: str) -> None:
    """From now on; whoever is connected stays (`put_out`)."""
    await connection.execute("SET LOCAL log_statement = 'none'")
    await connection.execute(f"ALTER ROLE {NAME} PASSWORD {_text(password)}")


async def lock_out(connection: Connection) -> None:
    """Nobody gets in by the role any more, if there is one."""
    if await connection.fetchval("SELECT to_regrole($1) IS NOT NULL", NAME):
        await connection.execute(f"ALTER ROLE {NAME} NOLOGIN")
        await put_out(connection)


async def put_out(connection: Connection) -> None:
    """End the sessions of the role."""
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", NAME
    )


async def grant(connection: Connection) -> None:
    """Let the role, where there is one, read the views."""
    await connection.execute(GRANT)


async def session(port: int, database: str, password: str) -> Connection:
    """A connection as the role, as Grafana has it."""
    return await asyncpg.connect(
        host=HOST, port=port, user=NAME, password=password, database=database, timeout=10
    )


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

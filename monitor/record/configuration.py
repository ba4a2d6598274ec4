"""The embedded server's configuration files, written anew at every start."""

from monitor.record import viewer
from monitor.record.place import Place

LOG_KEPT = 5
LOG_MEGABYTES = 10


def postgresql_conf(place: Place, port: int, *, listening: bool) -> str:
    """Local socket, beside it at most a loopback listener; durable commits, modest memory, no
    values of rows in the log. `port` names the socket too.
    """
    settings = {
        "listen_addresses": _quoted(viewer.HOST if listening else ""),
        "port": port,
        "unix_socket_directories": _quoted(str(place.socket)),
        "unix_socket_permissions": "0700",
        "max_connections": 80,
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": "'128MB'",
        "work_mem": "'16MB'",
        "maintenance_work_mem": "'64MB'",
        "jit": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_compression": "on",
        "max_wal_size": "'1GB'",
        "min_wal_size": "'80MB'",
        "checkpoint_timeout": "'10min'",
        "max_wal_senders": 0,
        "wal_level": "'minimal'",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C'",
        "logging_collector": "on",
        "log_directory": _quoted(str(place.log)),
        "log_filename": "'postgres-%Y%m%d-%H%M%S.log'",
        "log_rotation_size": f"'{LOG_MEGABYTES}MB'",
        "log_rotation_age": 0,
        "log_file_mode": "0600",
        # Messages of errors may quote rows: statements, details and parameters stay out.
        "log_error_verbosity": "'terse'",
        "log_min_error_statement": "'panic'",
        "log_parameter_max_length_on_error": 0,
        "log_checkpoints": "off",
    }
    return "".join(f"{key} = {value}\n" for key, value in settings.items())


def pg_hba(database: str, *, listening: bool) -> str:
    """Who may come in: over the socket, which only our own account reaches, the product's roles;
    over the listener the viewer alone, to this database alone.
    """
    lines = [f"local all {viewer.NAME} reject", "local all all scram-sha-256"]
    if listening:
        lines.append(f"host {database} {viewer.NAME} {viewer.HOST}/32 scram-sha-256")
    return "".join(f"{line}\n" for line in [*lines, "host all all all reject"])


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def prune_logs(place: Place) -> None:
    """Keep the newest few log files: with the rotation by size the log is bounded."""
    files = sorted(place.log.glob("postgres-*.log"))
    for old in files[:-LOG_KEPT]:
        old.unlink(missing_ok=True)

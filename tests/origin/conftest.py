from tests.support.database import database, postgres_server, recorder

__all__ = ["database", "postgres_server", "recorder"]

"""The record: PostgreSQL as the only truth, written idempotently in batches.

`EmbeddedPostgres` supervises the bundled server, `Database` opens and migrates any server,
`Recorder` writes outcomes, `queries` read them back. SQL lives in `migrations/` and `sql/`.
"""

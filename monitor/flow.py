"""The loop between the spool and the record: take, examine, attribute, record, let go."""

-- Exact where it is cheap (the narrow key tables), else from this month on.
SELECT (SELECT count(*) FROM message_key) AS messages,
       (SELECT count(*) FROM document_key) AS documents,
       (SELECT count(*) FROM agency WHERE listed) AS agencies,
       (SELECT max(recorded_at) FROM item WHERE day >= $1) AS last_recorded_at,
       (SELECT max(received_at) FROM item WHERE day >= $1) AS last_received_at,
       (SELECT max(month) FROM record_month) AS partitions_until,
       (SELECT count(*) FROM sealing_key) AS sealing_keys,
       (SELECT value FROM meta WHERE name = 'mode') AS mode,
       pg_database_size(current_database()) AS bytes

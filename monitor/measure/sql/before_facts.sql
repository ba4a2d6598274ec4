-- $$1 days
INSERT INTO before_$table SELECT * FROM $table WHERE day = ANY ($$1::date[])

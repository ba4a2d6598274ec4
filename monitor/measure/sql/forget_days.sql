DELETE FROM day_fact WHERE day = ANY ($1::date[])

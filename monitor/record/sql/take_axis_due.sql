DELETE FROM axis_due WHERE ctid = ANY (ARRAY(SELECT ctid FROM axis_due LIMIT $1))
RETURNING axis_uid

SELECT at, reason, epoch, old_overall, old_cause, old_trust, new_overall, new_cause, new_trust
FROM verdict_change WHERE uid = $1
ORDER BY at, change_id

-- $1 days
-- Facts of domains stay where retention has removed the looks that they were made of.
DELETE FROM day_fact
WHERE day = ANY ($1::date[]) AND (indicator <> 'domain_posture' OR day >= kept_since('posture'))

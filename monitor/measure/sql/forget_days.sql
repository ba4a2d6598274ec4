-- $1 days
-- Facts of domains stay where retention has removed the looks that they were made of.
WITH origins AS (
    DELETE FROM mail_origin_day WHERE day = ANY ($1::date[])
)
DELETE FROM day_fact
WHERE day = ANY ($1::date[]) AND (indicator <> 'domain_posture' OR day >= kept_since('posture'))

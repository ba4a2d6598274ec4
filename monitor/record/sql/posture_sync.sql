-- Makes posture_domain hold these domains, and no more.
--
-- $1 $2 domains and codes of agencies, a pair a row   $3 when what is new, or another agency's, is
-- looked at
--
-- How a domain stands goes with it; its changes and days stay.
WITH given AS (
    SELECT domain, array_agg(code ORDER BY code) AS agencies
    FROM unnest($1::text[], $2::text[]) AS pair (domain, code) GROUP BY 1
), gone AS (
    DELETE FROM posture_domain d WHERE NOT EXISTS (SELECT FROM given g WHERE g.domain = d.domain)
), gone_checks AS (
    DELETE FROM posture_check c WHERE NOT EXISTS (SELECT FROM given g WHERE g.domain = c.domain)
), moved AS (
    UPDATE posture_check c SET agencies = g.agencies
    FROM given g WHERE g.domain = c.domain AND g.agencies <> c.agencies
)
INSERT INTO posture_domain AS d (domain, agencies, since, next_at)
SELECT domain, agencies, $3, $3 FROM given
ON CONFLICT (domain) DO UPDATE
    SET agencies = excluded.agencies, next_at = least(d.next_at, excluded.next_at)
    WHERE d.agencies <> excluded.agencies

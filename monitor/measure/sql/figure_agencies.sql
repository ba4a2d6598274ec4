-- agencies_signing: agencies that sign, of those that issued any document.
--
-- $1 indicators of which there is a last_month
--
-- An agency that issued only documents that nobody could decide is undecided itself. Below rate 1 the
-- figure is what is known, a lower bound: agencies of which a signed document was found. The interval
-- reaches up to where all sign that have a document that was not drawn.
INSERT INTO figure_estimate
WITH agency_sums AS (
    SELECT code, channel, document_class, base, window_name, sum(y) > 0 AS found, sum(x) AS checked,
           sum(x) > 0 OR coalesce(sum(units) > sum(drawn), false) AS issued, sum(v) > 0 AS undecided,
           coalesce(sum(units) > sum(drawn), false) AS more,
           sum(CASE WHEN rate = 1 THEN x + v ELSE units END) AS units,
           sum(CASE WHEN rate = 1 THEN x + v ELSE drawn END) AS drawn
    FROM figure_stratum WHERE indicator = 'document_signed' AND scope = 'agency'
        AND (window_name <> 'last_month' OR 'agencies_signing' = ANY ($1::text[]))
    GROUP BY 1, 2, 3, 4, 5
), grouped AS (
    SELECT g.scope, g.code, s.channel, s.document_class, s.base, s.window_name,
           count(*) FILTER (WHERE found) AS found,
           count(*) FILTER (WHERE issued) AS issued,
           count(*) FILTER (WHERE undecided AND NOT issued) AS undecided,
           count(*) FILTER (WHERE found OR more) AS most,
           count(*) FILTER (WHERE checked > 0) AS checked,
           sum(drawn) / nullif(sum(units), 0) AS fraction
    FROM agency_sums s JOIN figure_window w USING (window_name)
        JOIN figure_agency a USING (whose, code),
        LATERAL (VALUES ('level', a.level), ('province', 'province')) AS g (scope, code)
    WHERE g.code IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT 'agencies_signing', scope, code, channel, document_class, base, window_name, found, issued,
    undecided, found::float8 / nullif(issued, 0), found::float8 / nullif(issued, 0),
    most::float8 / nullif(issued, 0), checked, coalesce(fraction, 1)
FROM grouped

-- Figures that differ ($1 before, $2 after) although no fact, setting or agency behind them does.
WITH
-- :include differing_figures
, cause AS (
    SELECT c.code, c.channel, c.what, g.level
    FROM closed_change c LEFT JOIN closed_agency g
        ON g.code = c.code AND g.closing_id IN ($1, $2)
    WHERE c.closing_id = $2
)
SELECT about, panel, indicator, scope, code, channel, document_class, role, base
FROM differing f
WHERE about = 'period' AND panel = '' AND NOT EXISTS (
    SELECT FROM cause c
    WHERE c.what IN ('setting', 'definition') OR f.empty
       OR c.channel IN ('', f.channel)
          AND CASE f.scope WHEN 'agency' THEN c.code = f.code WHEN 'level' THEN c.level = f.code
                  ELSE true END
          AND (c.what IN ('agency', 'coverage') OR f.only_coverage AND c.what = 'register' OR CASE
              WHEN f.indicator LIKE 'accounts\_%' THEN c.what IN ('account', 'roster')
              WHEN f.indicator IN ('document_electronic', 'document_parallel_paper',
                                   'document_paperless') THEN c.what = 'register'
              WHEN f.indicator = 'mail_signed' THEN c.what = 'message'
              WHEN f.indicator = 'freemail' THEN c.what = 'correspondence'
              WHEN f.indicator = 'domain_posture' THEN false
              ELSE c.what = 'document' END))
ORDER BY about, panel, indicator, scope, code, channel, document_class, role, base

-- The figures that two closings ($1 before, $2 after) do not have in common, as each has them.
WITH
-- :include differing_figures
SELECT f.*, 'period' AS window_name, f.closing_id = $1 AS old
FROM differing d JOIN closed_figure f
    USING (about, panel, indicator, scope, code, channel, document_class, role, base)
WHERE f.closing_id IN ($1, $2)
ORDER BY about <> 'period', about, panel, indicator, scope, code, channel, document_class, role, base

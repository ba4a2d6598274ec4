-- The province's figures of a closing ($1) that may not be used as they are, and channels of which less
-- than $2 was captured.
SELECT indicator, channel, state, NULL::float8 AS coverage FROM closed_figure
WHERE closing_id = $1 AND about = 'period' AND panel = '' AND scope = 'province' AND role = ''
  AND base = '' AND document_class IN ('formal', '') AND state IN ('stale', 'insufficient')
UNION ALL
SELECT '', channel, '', min(coverage) FROM closed_figure
WHERE closing_id = $1 AND about = 'period' AND panel = '' AND scope = 'province' AND coverage < $2
GROUP BY channel
ORDER BY 1, 2

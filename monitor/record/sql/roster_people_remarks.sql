-- Who had left before the list's day, and since when he was there is not said, leaves no trace.
INSERT INTO remark SELECT 'left_before', at_row FROM plan WHERE at_row IS NOT NULL AND ends IS NULL;

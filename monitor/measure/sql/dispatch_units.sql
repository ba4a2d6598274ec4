(NOT relayed OR sampled_rate < 1) AND role = 'main' AND document_class <> 'archive'
    AND channel IN ('mail', 'docsys', 'axis')

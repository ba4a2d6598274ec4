s.indication = 'TOTAL-PASSED' AND s.signing_time_source = 'timestamp'
    AND s.signer_agency_id = d.agency_id AND s.signer_kind IS DISTINCT FROM 'stamp'

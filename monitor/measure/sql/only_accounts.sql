AND p.account_id IN (
    SELECT account_id FROM account_period WHERE agency_id = ANY ($agencies)
    UNION
    SELECT account_id FROM employment JOIN person_address USING (person_id)
    JOIN account_address USING (address_id)
    WHERE agency_id = ANY ($agencies))

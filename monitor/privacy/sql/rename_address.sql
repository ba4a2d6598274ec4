UPDATE address a SET pseudonym = n.pseudonym, sealed_address = n.sealed
FROM anew n WHERE a.address_id = n.id

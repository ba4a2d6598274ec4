UPDATE person p SET pseudonym = n.pseudonym, sealed_key = n.sealed, sealed_name = n.sealed_name
FROM anew n WHERE p.person_id = n.id

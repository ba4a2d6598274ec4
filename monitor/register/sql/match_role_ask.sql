UPDATE match_role SET asked = document_uid = ANY ($1::uuid[])

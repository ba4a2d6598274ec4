UPDATE document SET sealed_sender = NULL WHERE document_uid = ANY ($1::uuid[])

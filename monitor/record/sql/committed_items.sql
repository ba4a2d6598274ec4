SELECT DISTINCT item_id FROM item WHERE item_id = ANY($1::uuid[])

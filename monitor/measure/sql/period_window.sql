-- One window of a period: $1 its name, $2 to $3 its days; counted of $4, or where that is null of all
-- agencies in force on any day from $5 to $6, in the level of their last day in it.
WITH days AS (
    INSERT INTO figure_day (window_name, day, working)
    SELECT $1, d::date, is_working_day(d::date)
    FROM generate_series($2::date, $3::date, interval '1 day') AS d
), agencies AS (
    INSERT INTO figure_agency (whose, agency_id, code, level)
    SELECT DISTINCT ON (p.agency_id) $1, p.agency_id, a.code, p.level
    FROM agency_period p JOIN agency a USING (agency_id)
    WHERE p.first_day <= $6::date AND p.last_day >= $5::date AND p.agency_id <> 0
      AND ($4::integer[] IS NULL OR p.agency_id = ANY ($4))
    ORDER BY p.agency_id, p.first_day DESC
)
INSERT INTO figure_window (window_name, whose) VALUES ($1, $1)

-- Whose facts count in the windows of this moment: those in the registry now, in its levels. How alike
-- the units of a day are, the 25 working days of wd5 and wd20_prior say for all windows.
WITH listed AS (
    INSERT INTO figure_agency (whose, agency_id, code, level)
    SELECT 'listed', agency_id, code, level FROM agency WHERE listed AND agency_id <> 0
), alike AS (
    INSERT INTO figure_alike (window_name, stretch, day)
    SELECT w.window_name, d.window_name, d.day
    FROM (SELECT DISTINCT window_name FROM figure_day) AS w
    CROSS JOIN figure_day d WHERE d.window_name IN ('wd5', 'wd20_prior')
)
INSERT INTO figure_window (window_name, whose)
SELECT DISTINCT window_name, 'listed' FROM figure_day

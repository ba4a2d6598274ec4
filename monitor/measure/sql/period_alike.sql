-- How much the units of a day are alike, the working days of each week of a window say; of windows
-- of all agencies alone.
INSERT INTO figure_alike (window_name, stretch, day)
SELECT window_name, window_name || to_char(day, ':IYYY-IW'), day
FROM figure_day WHERE working AND window_name NOT LIKE '%/%'

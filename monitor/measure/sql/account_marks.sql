-- Counters of the server that move with every change of what accounts are measured from; they are
-- compared for being the same, so it does not matter what they count.
SELECT
    coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) FILTER (WHERE relname IN
        ('employment', 'person_address', 'account', 'account_address', 'account_period')), 0)::bigint
        AS rosters,
    coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del) FILTER (WHERE relname IN
        ('agency_period', 'agency_successor', 'calendar_day', 'address_activity', 'kept_since')
        OR relname LIKE 'activity\_month%'), 0)::bigint AS others
FROM pg_stat_user_tables

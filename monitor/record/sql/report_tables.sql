-- What a report is gathered in; all of it ends with the transaction.
CREATE TEMPORARY TABLE report_row (
    agency_id  integer NOT NULL,
    person_id  integer,
    address_id integer,
    together   integer,
    why        text,
    role       text,
    kind       text,
    state      text,
    source     text,
    day        date,
    days       integer,
    last_human date,
    last_other date,
    reported   date
) ON COMMIT DROP;

-- Personal accounts that nobody employed on the day has: of each, who had it last, and when that
-- person's employment ended (null: it goes on, begins later, or there was nobody).
CREATE TEMPORARY TABLE nobodys (
    address_id     integer NOT NULL,
    holder_id      integer NOT NULL,
    state          text NOT NULL,
    source         text NOT NULL,
    created_on     date,
    person_id      integer,
    left_agency_id integer,
    left_on        date,
    employed       boolean
) ON COMMIT DROP;

-- People employed on the day who may be there twice, with each mailbox they have: its account, or
-- the bare address.
CREATE TEMPORARY TABLE held (
    person_id  integer NOT NULL,
    holder_id  integer NOT NULL,
    role       text NOT NULL,
    source     text NOT NULL,
    address_id integer NOT NULL,
    account_id integer,
    state      text
) ON COMMIT DROP;

-- Accounts and the last days of activity under any of their addresses.
CREATE TEMPORARY TABLE used (
    account_id integer NOT NULL,
    last_human date,
    last_other date
) ON COMMIT DROP;

-- Of each source of accounts, since and until when somebody would have seen its accounts used: by
-- logs, or by the log-ons that the system itself reports with its lists.
CREATE TEMPORARY TABLE evidence (
    source    text PRIMARY KEY,
    from_day  date NOT NULL,
    until_day date NOT NULL
) ON COMMIT DROP;

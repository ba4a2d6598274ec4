-- What a list says, and what is to be done about it; gone with the transaction. Rows that the plan
-- has without at_row are of accounts that the list does not have.
CREATE TEMPORARY TABLE terms (as_of date, source text, ends_missing boolean) ON COMMIT DROP;

CREATE TEMPORARY TABLE listed (
    at_row integer, pseudonym bigint, sealed_key bytea,
    agency_id integer, kind text, state text, created_on date, since date, last_login date,
    owner bigint, says_aliases boolean
) ON COMMIT DROP;

-- People who get the address of an account by their staff number.
CREATE TEMPORARY TABLE owning (
    at_row integer, person_id integer, pseudonym bigint, address_id integer, first_day date
) ON COMMIT DROP;

-- Primary addresses and aliases.
CREATE TEMPORARY TABLE listed_address (
    at_row integer, pseudonym bigint, sealed_address bytea
) ON COMMIT DROP;

CREATE TEMPORARY TABLE left_out (pseudonym bigint) ON COMMIT DROP;

-- Rows of the list that are left out.
CREATE TEMPORARY TABLE bad (at_row integer) ON COMMIT DROP;

-- What is wrong with rows, and what is only worth knowing: `other_row` is the row, `day` the day and
-- `held_by` the source that it is about.
CREATE TEMPORARY TABLE conflict (
    kind text, at_row integer, other_row integer, day date, held_by text
) ON COMMIT DROP;

CREATE TEMPORARY TABLE remark (
    kind text, at_row integer, other_row integer, day date, held_by text
) ON COMMIT DROP;

CREATE TEMPORARY TABLE plan (
    at_row integer, pseudonym bigint, account_id integer, held_by text,
    agency_id integer, kind text, state text,
    old_first date, old_agency_id integer, old_kind text, old_state text,
    begins date, addresses_from date, what text,
    sealed_key bytea, created_on date, last_login date, says_aliases boolean
) ON COMMIT DROP;

CREATE TEMPORARY TABLE said (
    at_row integer, account_id integer, account_pseudonym bigint, state text,
    addresses_from date, pseudonym bigint, sealed_address bytea, address_id integer, begins date
) ON COMMIT DROP;

-- Periods of account_address that end; without a last day they never were.
CREATE TEMPORARY TABLE closing (
    account_id integer, address_id integer, first_day date, last_day date
) ON COMMIT DROP;

-- Periods of account_address by which another account has an address that is to be one's.
CREATE TEMPORARY TABLE held (
    at_row integer, account_id integer, address_id integer, first_day date,
    wanted_from date, is_free boolean, given_up boolean
) ON COMMIT DROP;

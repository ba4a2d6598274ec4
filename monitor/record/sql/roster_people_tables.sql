-- What a list says, and what is to be done about it; gone with the transaction. Rows that the plan
-- has without at_row are of people whom the list does not have.
CREATE TEMPORARY TABLE terms (as_of date, source text, ends_missing boolean) ON COMMIT DROP;

CREATE TEMPORARY TABLE listed (
    at_row integer, pseudonym bigint, sealed_key bytea, sealed_name bytea,
    agency_id integer, role text, first_day date, last_day date
) ON COMMIT DROP;

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
    at_row integer, pseudonym bigint, person_id integer, held_by text,
    agency_id integer, role text,
    old_first date, old_last date, old_agency_id integer, old_role text,
    begins date, ends date, addresses_from date, what text,
    sealed_key bytea, sealed_name bytea
) ON COMMIT DROP;

-- Addresses of people who are employed on the day of the list or will be.
CREATE TEMPORARY TABLE said (
    at_row integer, person_id integer, person_pseudonym bigint, addresses_from date,
    pseudonym bigint, sealed_address bytea, address_id integer, begins date
) ON COMMIT DROP;

-- Periods of person_address that end; without a last day they never were.
CREATE TEMPORARY TABLE closing (
    person_id integer, address_id integer, first_day date, last_day date
) ON COMMIT DROP;

-- Periods of person_address by which somebody else has an address that is to be someone's.
CREATE TEMPORARY TABLE held (
    at_row integer, person_id integer, address_id integer, first_day date,
    wanted_from date, held_until date
) ON COMMIT DROP;

"""an identity card number in a case's story is found by the whole number alone, as a phone is"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As backend/domain/identity_numbers.py knows a card: its province, its day of birth, its check digit (weights
# are powers of 2 modulo 11), none in 15 digits. What else is that long is the number of an order.
IS_CARD = """
create function is_card(number text) returns boolean language plpgsql as $$
declare
    born text := case length(number) when 18 then substr(number, 7, 8) else '19' || substr(number, 7, 6) end;
    year int := left(born, 4);
    month int := substr(born, 5, 2);
    day int := right(born, 2);
begin
    if number !~ '^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|9[0-9])'
        or year < 1850 or month not between 1 and 12
    then
        return false;
    end if;
    if day not between 1 and extract(day from make_date(year, month, 1) + interval '1 month -1 day') then
        return false;
    end if;
    return length(number) = 15 or right(number, 1) = (
        select substr('10x98765432', sum(substr(number, i, 1)::int * (1 << (18 - i)))::int % 11 + 1, 1)
        from generate_series(1, 17) i
    );
end
$$
"""

# What an older version wrote as words: each run of letters and digits outside of phones.
WORDS = r"""
create function words(told text) returns setof text language sql as $$
    select regexp_split_to_table(regexp_replace(
        told,
        '(?<!\d)([+]?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|[(]?0\d{2,3}[) -]{0,2}\d{3,4}[ -]?\d{4})(?!\d)',
        ' ', 'g'
    ), '[^a-z0-9]+')
$$
"""

# Of a card with spaces or hyphens in it that were its parts. So the words of the texts are compared with
# those of the texts without their cards. The hash is as backend/cases/search.py writes it.
HIDE = r"""
do $$
declare
    told record;
    rest text;
    pattern text;
    written text;
    bare text;
    hashed text;
begin
    for told in
        select * from (
            select c.id, lower(normalize(concat_ws(chr(10), c.number, c.summary, c.place, (
                select string_agg(p.name, chr(10)) from case_parties p where p.case_id = c.id
            )), nfkc)) as texts
            from cases c
        ) cases where texts ~ '([0-9][ -]?){14}[0-9]'
    loop
        rest := told.texts;
        hashed := '';
        for place in 1 .. length(rest) loop
            continue when substr(rest, place, 1) !~ '[1-9]' or substr(told.texts, place - 1, 1) ~ '[0-9]';
            foreach pattern in array array[
                '^([1-9]([ -]?[0-9]){16}[ -]?([0-9](?![0-9x])|x))', '^([1-9]([ -]?[0-9]){14})(?![0-9x])'
            ] loop
                written := substring(substr(rest, place, 36) from pattern);
                continue when written is null;
                bare := translate(written, ' -', '');
                if is_card(bare) then
                    rest := overlay(rest placing repeat(' ', length(written)) from place);
                    hashed := hashed || ' þ' || left(encode(sha256(convert_to(bare, 'UTF8')), 'hex'), 32);
                    exit;
                end if;
            end loop;
        end loop;
        continue when hashed = '';
        update cases set search = ts_delete(search, array(
            select words(told.texts) except select words(rest)
        )) || to_tsvector('simple', hashed || ' ' || array_to_string(array(
            select words(rest) except select words(told.texts)
        ), ' ')) where id = told.id;
    end loop;
end
$$
"""


def upgrade() -> None:
    op.execute(IS_CARD)
    op.execute(WORDS)
    op.execute(HIDE)
    op.execute("drop function is_card, words")


def downgrade() -> None:
    pass

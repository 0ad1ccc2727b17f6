"""a phone number in a case's story is found by the whole number alone, as a contact's is"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As backend/cases/search.py writes them: þ and the beginning of the number's hash.
    op.execute(
        r"""
        with found as (
            select c.id, t.lexeme from cases c, unnest(c.search) t (lexeme, positions, weights)
            where t.lexeme ~ '^(0\d{9,11}|1[3-9]\d{9})$'
        ), numbers as (
            select id, array_agg(lexeme) as bare,
                string_agg('þ' || left(encode(sha256(convert_to(lexeme, 'UTF8')), 'hex'), 32), ' ') as hashed
            from found group by id
        )
        update cases set search = ts_delete(search, bare) || to_tsvector('simple', hashed)
        from numbers where numbers.id = cases.id
        """
    )


def downgrade() -> None:
    pass

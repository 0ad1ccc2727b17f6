"""a message and all that its delivery needs are locked and read by one statement"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# The conversation before the message, as everybody locks them; each statement sees what was committed by then.
LOCK_DELIVERY = """
create function lock_delivery(p_outgoing_id bigint) returns table (
    user_id varchar, outgoing jsonb,
    conversation_id bigint, resident_id bigint, channel varchar, state jsonb, mode varchar,
    last_message_at timestamptz, privacy_version varchar, language varchar, prompt jsonb
) language plpgsql as $$
#variable_conflict use_column
declare
    place bigint;
begin
    select o.conversation_id into place from outgoing_messages o where o.id = p_outgoing_id;
    perform from conversations c where c.id = place for no key update;
    perform from outgoing_messages o where o.id = p_outgoing_id for no key update;
    return query
    select r.channel_user_id, to_jsonb(o),
        c.id, r.id, r.channel, c.state, c.mode, c.last_message_at, r.privacy_version, r.language, to_jsonb(p)
    from outgoing_messages o join conversations c on c.id = o.conversation_id
    join residents r on r.id = c.resident_id
    left join outgoing_messages p on p.id = c.prompt_id
    where o.id = p_outgoing_id;
end
$$
"""


def upgrade() -> None:
    op.execute(LOCK_DELIVERY)


def downgrade() -> None:
    op.execute("drop function lock_delivery")

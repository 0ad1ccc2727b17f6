"""a turn that only talks is one statement, kept when what it was decided on still stands (docs/decisions/0021)"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# `stands_at` is the transaction that wrote the conversation's row last: any change to it makes another.
# PostgreSQL judges the condition again on the newest row when it had to wait for the lock.
TALK = """
create function talk(
    p_conversation_id bigint, p_stands_at text, p_channel text, p_user text, p_now timestamptz,
    p_message_id text, p_kind text, p_text text, p_payload jsonb, p_privacy text,
    p_dialogue jsonb, p_parts jsonb, p_choices jsonb, p_purpose text, p_case_id bigint, p_round bigint,
    p_language text, p_state text, p_way text, p_due_at timestamptz, p_rendered text, p_sent_at timestamptz
) returns table (conversation_id bigint, incoming_id bigint, outgoing_id bigint) language plpgsql as $$
#variable_conflict use_column
declare
    place bigint;
    who bigint;
    heard bigint;
    said bigint;
begin
    if p_conversation_id is null then
        insert into residents (channel, channel_user_id, created_at) values (p_channel, p_user, p_now)
        on conflict do nothing returning id into who;
        if who is null then
            return;
        end if;
        insert into conversations (resident_id, created_at) values (who, p_now) returning id into place;
    else
        select c.id, c.resident_id into place, who from conversations c
        where c.id = p_conversation_id and c.xmin::text = p_stands_at for no key update;
        if place is null then
            return;
        end if;
    end if;
    insert into incoming_messages (conversation_id, message_id, kind, text, payload, at)
    values (place, p_message_id, p_kind, p_text, p_payload, p_now)
    on conflict do nothing returning id into heard;
    if heard is null then
        return query select place, i.id, null::bigint from incoming_messages i
        where i.conversation_id = place and i.message_id = p_message_id;
        return;
    end if;
    said := end_turn(place, p_dialogue, p_now, heard, p_parts, p_choices, p_purpose, p_case_id, p_round,
        p_language, p_state, p_way, p_due_at, p_rendered, p_sent_at);
    if p_privacy <> '' then
        update residents set privacy_version = p_privacy, privacy_at = p_now where id = who;
    end if;
    return query select place, heard, said;
end
$$
"""


def upgrade() -> None:
    op.execute(TALK)
    # What waits for a resident's next contact is asked for at every message, however long the conversation is.
    op.create_index(
        "ix_outgoing_messages_held",
        "outgoing_messages",
        ["conversation_id"],
        postgresql_where=sa.text("state = 'held'"),
    )


def downgrade() -> None:
    op.drop_index("ix_outgoing_messages_held", "outgoing_messages")
    op.execute("drop function talk")

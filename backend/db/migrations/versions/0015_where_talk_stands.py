"""a turn that only talks tells where the conversation stands afterwards (docs/decisions/0028)"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# The transaction that writes the conversation's row is this one: `xmin` is its number, without the epoch.
TALK_ON = """
create function talk_on(
    p_conversation_id bigint, p_stands_at text, p_channel text, p_user text, p_now timestamptz,
    p_message_id text, p_kind text, p_text text, p_payload jsonb, p_privacy text,
    p_dialogue jsonb, p_parts jsonb, p_choices jsonb, p_purpose text, p_case_id bigint, p_round bigint,
    p_language text, p_state text, p_way text, p_due_at timestamptz, p_rendered text, p_sent_at timestamptz
) returns table (
    conversation_id bigint, incoming_id bigint, outgoing_id bigint, resident_id bigint, stands_at text
) language plpgsql as $$
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
        return query select place, i.id, null::bigint, who, null from incoming_messages i
        where i.conversation_id = place and i.message_id = p_message_id;
        return;
    end if;
    said := end_turn(place, p_dialogue, p_now, heard, p_parts, p_choices, p_purpose, p_case_id, p_round,
        p_language, p_state, p_way, p_due_at, p_rendered, p_sent_at);
    if p_privacy <> '' then
        update residents set privacy_version = p_privacy, privacy_at = p_now where id = who;
    end if;
    return query select place, heard, said, who, pg_current_xact_id()::xid::text;
end
$$
"""


def upgrade() -> None:
    # `talk` stays for the listeners that still run when this is done.
    op.execute(TALK_ON)


def downgrade() -> None:
    op.execute("drop function talk_on")

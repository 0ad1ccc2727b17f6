"""a resident's turn begins and ends with one statement each (docs/decisions/0021)"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Each statement of these functions sees what was committed before it began, not before the function began.
BEGIN_TURN = """
create function begin_turn(
    p_channel text, p_user text, p_now timestamptz,
    p_message_id text, p_kind text, p_text text, p_payload jsonb
) returns table (
    incoming_id bigint, has_cases boolean, waits boolean,
    conversation_id bigint, resident_id bigint, channel varchar, state jsonb, mode varchar,
    last_message_at timestamptz, privacy_version varchar, language varchar, prompt jsonb
) language plpgsql as $$
#variable_conflict use_column
declare
    place bigint;
    who bigint;
    kept bigint;
begin
    for attempt in 1..2 loop
        select c.id, r.id into place, who from conversations c join residents r on r.id = c.resident_id
        where r.channel = p_channel and r.channel_user_id = p_user for no key update of c;
        exit when found;
        insert into residents (channel, channel_user_id, created_at) values (p_channel, p_user, p_now)
        on conflict do nothing;
        insert into conversations (resident_id, created_at)
        select r.id, p_now from residents r where r.channel = p_channel and r.channel_user_id = p_user
        on conflict do nothing;
    end loop;
    if p_message_id is not null then
        insert into incoming_messages (conversation_id, message_id, kind, text, payload, at)
        values (place, p_message_id, p_kind, p_text, p_payload, p_now)
        on conflict do nothing returning id into kept;
    end if;
    return query
    select kept, exists (select from cases where reporter_id = who), exists (
            select from outgoing_messages w
            where w.conversation_id = place and w.state = 'held' and w.reason = 'next_contact'
        ),
        c.id, r.id, r.channel, c.state, c.mode, c.last_message_at, r.privacy_version, r.language, to_jsonb(o)
    from conversations c join residents r on r.id = c.resident_id
    left join outgoing_messages o on o.id = c.prompt_id
    where c.id = place;
end
$$
"""

END_TURN = """
create function end_turn(
    p_conversation_id bigint, p_dialogue jsonb, p_now timestamptz, p_reply_to bigint,
    p_parts jsonb, p_choices jsonb, p_purpose text, p_case_id bigint, p_round bigint, p_language text,
    p_state text, p_way text, p_due_at timestamptz, p_rendered text, p_sent_at timestamptz
) returns bigint language plpgsql as $$
declare
    said bigint;
begin
    insert into outgoing_messages (conversation_id, reply_to, kind, parts, choices, purpose, case_id, round,
        language, state, way, due_at, rendered, created_at, sent_at)
    values (p_conversation_id, p_reply_to, 'reply', p_parts, p_choices, p_purpose, p_case_id, p_round,
        p_language, p_state, p_way, p_due_at, p_rendered, p_now, p_sent_at)
    returning id into said;
    update conversations set state = p_dialogue, last_message_at = p_now,
        prompt_id = case when p_purpose <> '' then said else prompt_id end
    where id = p_conversation_id;
    return said;
end
$$
"""


def upgrade() -> None:
    op.execute(BEGIN_TURN)
    op.execute(END_TURN)


def downgrade() -> None:
    op.execute("drop function end_turn")
    op.execute("drop function begin_turn")

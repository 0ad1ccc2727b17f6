"""Carry out what a dialogue decided, inside the transaction of the message that decided it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from backend.attachments.service import give_to_case
from backend.cases import queries, service
from backend.cases.views import Actor, Given, NewCase
from backend.conversations import alerts, entry, handover, languages
from backend.conversations.views import Opened
from backend.db.work import Work
from backend.domain.errors import CaseError
from backend.domain.lifecycle import SATISFIED_FROM, STATUS_NAMES, Action, Role
from backend.domain.rules import Rules
from backend.follow_ups import service as follow_ups
from dialogs import handover as handover_says
from dialogs import messages as m
from dialogs.messages import Say
from dialogs.texts import date_text
from handlers.briefs import progress
from handlers.guess import guess_of
from handlers.parts import Parts

URGE_AGAIN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Result:
    """What an effect has to tell; not `done` = it came too late, the dialogue around it ends."""

    says: tuple[Say, ...] = ()
    done: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an effect happens."""

    parts: Parts
    work: Work
    rules: Rules
    conversation: Opened
    incoming_id: int

    @property
    def actor(self) -> Actor:
        """The resident, as one who acts on cases."""
        return Actor(Role.RESIDENT, resident_id=self.conversation.resident_id)


async def carry_out(scene: Scene, effect: m.Effect) -> Result:
    """Do one effect. A case that moved on meanwhile is told, never raised."""
    try:
        match effect:
            case m.OpenCase():
                return await _open_case(scene, effect.draft)
            case m.Supplement():
                given = Given(text=effect.text, attachments=effect.attachments)
                return await _act(scene, effect.case_id, Action.SUPPLEMENT, "case.supplemented", given)
            case m.Urge():
                return await _urge(scene, effect.case_id)
            case m.Withdraw():
                return await _act(scene, effect.case_id, Action.WITHDRAW, "case.withdrawn")
            case m.ShowProgress():
                case = await queries.find_by_id(scene.work, effect.case_id, scene.actor)
                history = await queries.history(scene.work, case.id, internal=False)
                return Result((*progress(case, history, scene.rules), *_link(scene, case.id)))
            case m.Rate():
                return await _rate(scene, effect)
            case m.RateReason():
                given = Given(text=effect.text)
                return await _act(scene, effect.case_id, Action.SUPPLEMENT, "survey.reason_noted", given)
            case m.CallPerson():
                return await _call_person(scene, effect.reason)
            case m.LeaveQueue():
                return await _leave_queue(scene)
            case m.RaiseCrisis():
                await alerts.raise_alert(
                    scene.work, "crisis", scene.conversation.conversation_id, codes=effect.kinds
                )
                return Result()
            case m.PrivacyShown() | m.UseLanguage():
                return await _remember(scene, effect)
    except CaseError:
        return await _too_late(scene, effect)


async def _remember(scene: Scene, effect: m.PrivacyShown | m.UseLanguage) -> Result:
    resident_id = scene.conversation.resident_id
    if isinstance(effect, m.PrivacyShown):
        await entry.privacy_shown(scene.work, resident_id, effect.version)
    else:
        await languages.choose(scene.work, resident_id, effect.language)
    return Result()


def _link(scene: Scene, case_id: int) -> tuple[Say, ...]:
    conversation = scene.conversation
    url = scene.parts.progress_link(conversation.channel, case_id, conversation.resident_id)
    return (Say("progress.link", {"url": url}),) if url else ()


async def _open_case(scene: Scene, draft: m.Draft) -> Result:
    conversation = scene.conversation
    case = await service.open_case(
        scene.work,
        scene.rules,
        NewCase(
            reporter_id=conversation.resident_id,
            conversation_id=conversation.conversation_id,
            incoming_id=scene.incoming_id,
            category=draft.category,
            summary=draft.summary,
            place=draft.place,
            location=asdict(draft.location) if draft.location else None,
            since=draft.since,
            details=draft.details,
            crises=draft.crises,
            needs_review=draft.needs_review,
            reporter_name=draft.reporter_name,
            reporter_phone=draft.phone,
            other_party=draft.other_party,
            guess=guess_of(conversation.state, scene.work.now),
        ),
    )
    await give_to_case(scene.work, draft.attachments, case.id, conversation.conversation_id)
    accept_by = date_text(case.due_at) if case.due_at else ""
    return Result((Say("case.registered", {"number": case.number, "accept_by": accept_by}),))


async def _act(scene: Scene, case_id: int, action: Action, key: str, given: Given = Given()) -> Result:
    case = await service.act(scene.work, scene.rules, case_id, action, scene.actor, given)
    return Result((Say(key, {"number": case.number}),))


async def _urge(scene: Scene, case_id: int) -> Result:
    case = await queries.find_by_id(scene.work, case_id, scene.actor)
    if case.urged_at and scene.work.now - case.urged_at < URGE_AGAIN_AFTER:
        return Result((Say("case.urged_recently", {"number": case.number}),))
    key = "case.urged" if case.unit_name else "case.urged_centre"
    urged = await _act(scene, case_id, Action.URGE, key)
    await alerts.raise_alert(scene.work, "urged", case.conversation_id, case_id=case_id)
    return urged


async def _rate(scene: Scene, effect: m.Rate) -> Result:
    case = await service.rate(
        scene.work, scene.rules, effect.case_id, effect.round, effect.rating, scene.actor
    )
    if effect.rating >= SATISFIED_FROM:
        return Result((Say("survey.thanks", {"number": case.number}),))
    await alerts.raise_alert(
        scene.work,
        "dissatisfied",
        case.conversation_id,
        codes=[f"rating:{effect.rating}"],
        case_id=case.id,
    )
    due = date_text(case.due_at) if case.due_at else ""
    return Result((Say("survey.reopened", {"number": case.number, "round": str(case.round), "due": due}),))


async def _call_person(scene: Scene, reason: str) -> Result:
    """Call an officer, and say whether one is there; somebody in danger may be waiting already."""
    conversation_id = scene.conversation.conversation_id
    is_new = await handover.request(scene.work, conversation_id, reason)
    await follow_ups.schedule_for_conversation(
        scene.work,
        follow_ups.Kind.HANDOVER_UNCLAIMED,
        conversation_id,
        scene.work.now + scene.parts.live_chat_wait,
        # Who asks again while waiting must not put off the moment at which they are told that nobody came.
        keep_earlier=not is_new,
    )
    on_duty = await handover.anyone_on_duty(scene.work)
    if reason == "crisis":
        return Result((handover_says.alerted() if on_duty else handover_says.alone(),))
    return Result((handover_says.queued() if on_duty else handover_says.off_duty(),))


async def _leave_queue(scene: Scene) -> Result:
    conversation_id = scene.conversation.conversation_id
    await handover.leave_queue(scene.work, conversation_id)
    for kind in (follow_ups.Kind.HANDOVER_UNCLAIMED, follow_ups.Kind.HANDOVER_STILL_UNCLAIMED):
        await follow_ups.cancel_for_conversation(scene.work, kind, conversation_id)
    return Result((handover_says.left(),))


async def _too_late(scene: Scene, effect: m.Effect) -> Result:
    case_id = getattr(effect, "case_id", None)
    if case_id is None:
        return Result((Say("error.try_again"),), done=False)
    try:
        case = await queries.find_by_id(scene.work, case_id, scene.actor)
    except CaseError:
        return Result((Say("error.try_again"),), done=False)
    if isinstance(effect, m.Rate):
        return Result((Say("survey.moved_on", {"number": case.number}),), done=False)
    params = {"number": case.number, "status": STATUS_NAMES[case.status]}
    return Result((Say("case.not_now", params),), done=False)

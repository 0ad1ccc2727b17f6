"""A resident's world in memory: carries out effects as handlers do, keeps cases, prompts and the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from backend.domain.lifecycle import OPEN, SATISFIED_FROM, STATUS_NAMES, Status
from backend.domain.rules import Category
from dialogs import handover, router, unsubmitted
from dialogs.languages import DEFAULT_LANGUAGE
from dialogs.messages import (
    CallPerson,
    CaseBrief,
    Context,
    Effect,
    LeaveQueue,
    Message,
    OpenCase,
    PrivacyShown,
    Prompt,
    RaiseCrisis,
    Rate,
    RateReason,
    Say,
    ShowProgress,
    State,
    Supplement,
    Understanding,
    Urge,
    UseLanguage,
    Withdraw,
)
from dialogs.texts import PRIVACY_VERSION, date_text, render

NAMES = ("物业", "劳资", "家事", "邻里", "其他")
CODES = ("property", "labour", "family", "neighbour", "other")
CATEGORIES = tuple(Category(code, name, "unit", 7) for code, name in zip(CODES, NAMES, strict=True))
START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def understood(intent: str = "", confidence: float = 0.0, **more: object) -> Understanding:
    """What a model would answer: the intent, and the categories ranked around it."""
    top = intent if intent in NAMES else "其他"
    share = confidence if intent in NAMES else 0.3
    others = [name for name in NAMES if name != top]
    step = 0.001 if intent in NAMES else 0
    rest = tuple((name, (1 - share) / 4 - place * step) for place, name in enumerate(others))
    return Understanding(intent, confidence, ((top, share), *rest), source="rasa", **more)  # type: ignore[arg-type]


@dataclass
class World:
    """One conversation and what it can reach."""

    now: datetime = START
    state: State = field(default_factory=dict)
    mode: str = "bot"
    privacy_version: str = PRIVACY_VERSION
    language: str = DEFAULT_LANGUAGE
    prompts: list[Prompt] = field(default_factory=list)
    last_message_at: datetime | None = None
    cases: list[CaseBrief] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    said: list[tuple[str, ...]] = field(default_factory=list)
    """The keys of each reply."""
    reminded: set[datetime] = field(default_factory=set)
    """When the complaints were begun that the resident was reminded of."""
    on_duty: bool = True
    fails: type | None = None
    """An effect that comes too late."""

    @property
    def context(self) -> Context:
        return Context(
            now=self.now,
            categories=CATEGORIES,
            cases=tuple(reversed(self.cases)),
            prompt=self.prompts[-1] if self.prompts else None,
            last_message_at=self.last_message_at,
            mode=self.mode,  # type: ignore[arg-type]
            privacy_version=self.privacy_version,
            language=self.language,
        )

    def say(self, text: str, understanding: Understanding | None = None, **message: object) -> str:
        """A text of the resident; the model is asked only when the dialogue needs it."""
        kind = message.pop("kind", "text")
        return self.send(Message(kind, self.now, text, **message), understanding)  # type: ignore[arg-type]

    def send(self, message: Message, understanding: Understanding | None = None) -> str:
        """Any message of the resident; the reply as one text."""
        meaning = understanding or understood()
        if not router.needs_model(self.state, message, self.context):
            meaning = Understanding(crises=meaning.crises)
        turn = router.turn(self.state, message, meaning, self.context)
        state, says, after = turn.state, list(turn.says), turn.after
        for effect in turn.effects:
            self.effects.append(effect)
            told, done = self._carry_out(effect)
            says += told
            if not done:
                state, after = router.drop_form(state), ()
        self.state, self.last_message_at = state, self.now
        return self.show((*says, *after))

    def show(self, says: Sequence[Say]) -> str:
        """Say something to the resident; a question becomes the prompt."""
        self.said.append(tuple(say.key for say in says))
        questions = [say for say in says if say.purpose]
        assert len(questions) <= 1, "one question at a time"
        choices = questions[-1].choices if questions else ()
        for say in questions:
            prompt = Prompt(len(self.prompts) + 1, say.purpose, choices, say.case_id, say.round, self.now)
            self.prompts.append(prompt)
        return render([(say.key, say.params) for say in says], choices, language=self.language)

    def remind(self) -> str:
        """What somebody who went silent hears: once for each complaint."""
        due = unsubmitted.reminder(self.state, self.context)
        if due is None or due.began in self.reminded:
            return ""
        self.reminded.add(due.began)
        return self.show(due.says)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def add_case(self, category: str, status: Status, summary: str = "楼上漏水") -> CaseBrief:
        number = f"FQ2026-{123 + len(self.cases):06d}"
        due = self.now + timedelta(days=10)
        unit = "住建局" if status not in (Status.RECEIVED, Status.ACCEPTED) else ""
        case = CaseBrief(len(self.cases) + 1, number, category, summary, status, 1, unit, due)
        self.cases.append(case)
        return case

    def change(self, case_id: int, **fields: object) -> CaseBrief:
        changed = replace(self.cases[case_id - 1], **fields)  # type: ignore[arg-type]
        self.cases[case_id - 1] = changed
        return changed

    def _carry_out(self, effect: Effect) -> tuple[tuple[Say, ...], bool]:
        if self.fails and isinstance(effect, self.fails):
            return (Say("error.try_again"),), False
        match effect:
            case OpenCase(draft):
                name = dict(zip(CODES, NAMES, strict=True))[draft.category]
                case = self.add_case(name, Status.RECEIVED, draft.summary)
                accept_by = date_text(self.now + timedelta(days=2))
                return (Say("case.registered", {"number": case.number, "accept_by": accept_by}),), True
            case CallPerson("crisis"):
                self.mode = "waiting"
                return (handover.alerted() if self.on_duty else handover.alone(),), True
            case CallPerson():
                self.mode = "waiting"
                return (handover.queued() if self.on_duty else handover.off_duty(),), True
            case LeaveQueue():
                self.mode = "bot"
                return (handover.left(),), True
            case UseLanguage(language):
                self.language = language
                return (), True
            case PrivacyShown(version):
                self.privacy_version = version
                return (), True
            case RaiseCrisis():
                return (), True
        return self._on_case(effect), True

    def _on_case(
        self, effect: Supplement | Urge | Withdraw | ShowProgress | Rate | RateReason
    ) -> tuple[Say, ...]:
        if not 0 < effect.case_id <= len(self.cases):
            return (Say("error.try_again"),)
        case = self.cases[effect.case_id - 1]
        number = {"number": case.number}
        match effect:
            case Rate(case_id, round_, rating) if rating >= SATISFIED_FROM:
                self.change(case_id, status=Status.CLOSED)
                return (Say("survey.thanks", number),)
            case Rate(case_id, round_, rating):
                self.change(case_id, status=Status.ASSIGNED, round=round_ + 1)
                return (Say("survey.reopened", {"round": str(round_ + 1), "due": date_text(self.now)}),)
            case ShowProgress():
                params = {**number, "category": case.category_name, "unit": case.unit_name, "due": "12月1日"}
                params |= {"accept_by": "11月24日", "result": "已修好", "reason": "不归这里管"}
                return (Say(f"progress.{case.status.value}", params),)
            case Withdraw() if case.status in OPEN:
                self.change(case.id, status=Status.WITHDRAWN)
                return (Say("case.withdrawn", number),)
            case Withdraw():
                return (Say("case.not_now", {**number, "status": STATUS_NAMES[case.status]}),)
            case Supplement():
                return (Say("case.supplemented", number),)
            case RateReason():
                return (Say("survey.reason_noted"),)
        return (Say("case.urged" if case.unit_name else "case.urged_centre", number),)

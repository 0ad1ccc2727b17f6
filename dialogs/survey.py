"""The satisfaction survey (满意度评价): its question, what a rating does, and why it was a low one."""

from __future__ import annotations

from datetime import timedelta

from backend.domain.lifecycle import SATISFIED_FROM, Status
from dialogs import definition, form, slots
from dialogs.definition import Form, Heard, Question, Reading
from dialogs.filling import Filling
from dialogs.memory import Memory, Reply
from dialogs.messages import CaseBrief, Choice, Context, Prompt, Rate, RateReason, Say, Supplement
from dialogs.readers import letters
from dialogs.words import label_of

PURPOSE = "survey"
RATINGS = tuple(Choice(str(rating), f"choice.rating_{rating}") for rating in range(5, 0, -1))

SATISFIED, DISSATISFIED = 4, 2
"""What praise and blame in free words count as: the milder grade of each, as nobody chose the extreme."""
REASON_LETTERS = 8
"""From here blame in free words says why as well."""


def ask(case: CaseBrief, result_text: str) -> Say:
    """Ask how satisfied the resident is with this round's result."""
    return _question("survey.ask", case, result=result_text)


def remind(case: CaseBrief) -> Say:
    """Ask once more, for the same round."""
    return _question("survey.remind", case)


def _question(key: str, case: CaseBrief, **params: str) -> Say:
    return Say(key, {"number": case.number, **params}, RATINGS, PURPOSE, case.id, case.round)


def answer(memory: Memory, prompt: Prompt, rating: int, context: Context, reason: str = "") -> Reply:
    """What rating the prompt's round does; a low rating without its reason asks for it."""
    case = next((case for case in context.cases if case.id == prompt.case_id), None)
    if case is None:
        return Reply(memory, (Say("form.expired"),))
    if case.status is not Status.RESOLVED or case.round != prompt.round:
        return Reply(memory, (Say("survey.moved_on", {"number": case.number}),))
    rate = Rate(case.id, case.round, rating)
    if rating >= SATISFIED_FROM:
        return Reply(memory, effects=(rate,))
    if reason:
        return Reply(memory, effects=(rate, RateReason(case.id, reason)))
    return Reply(memory.begin(form.begin(REASON, context.now, {"case_id": case.id})), effects=(rate,))


def rating_in(heard: Heard) -> int | None:
    """The rating that free words give, None when they give none."""
    if label := label_of("ratings", heard.text):
        return int(label)
    if heard.means("satisfied"):
        return SATISFIED
    return DISSATISFIED if heard.means("dissatisfied") else None


def reason_in(heard: Heard) -> str:
    """The words themselves when they are long enough to say why, else empty."""
    return heard.text if letters(heard.text) >= REASON_LETTERS else ""


def _ask_reason(_: Filling, __: Context) -> tuple[Say, ...]:
    return (Say("survey.ask_reason", purpose=definition.PURPOSE),)


def _read_reason(filling: Filling, heard: Heard) -> Reading | None:
    if letters(heard.text) == 0:
        return None
    return Reading(effects=(RateReason(filling.slots["case_id"], heard.text),), ends=True)


def _wordless(filling: Filling, heard: Heard) -> Reading | None:
    """A picture of what was not solved goes to the case; the question stays."""
    says = (Say("form.voice"),) if heard.message.kind == "voice" else ()
    if not heard.message.attachments:
        return Reading(says=says, answers=False) if says else None
    case_id = filling.slots["case_id"]
    return Reading(says=says, effects=(Supplement(case_id, "", heard.message.attachments),), answers=False)


REASON = Form(
    name="survey_reason",
    version=1,
    slots={"case_id": slots.is_id},
    questions=(Question("reason", _ask_reason, _read_reason, optional=True, verbatim=True),),
    wordless=_wordless,
    needs="case_id",
    cancelled="survey.reason_skipped",
    lapses=timedelta(days=1),
)

"""Plays a transcript through a whole installation, by one channel's phone instead of the router alone."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.cases import service
from backend.cases.views import NewCase
from backend.conversations import handover
from backend.domain.lifecycle import Action, Status
from backend.follow_ups import service as follow_ups
from backend.organisation import accounts
from backend.workbench import chat_desk
from handlers.unsubmitted import remind
from tests.channels.installation import OFFICER, Installation
from tests.channels.phone import FILM, RECORDING, Act, picture
from tests.channels.talk import Talk
from tests.dialogs.transcript import KINDS, STATUSES, Mismatch, Player
from tests.dialogs.world import understood

_NUMBER = re.compile(r"FQ\d{4}-\d{6}")
_DATE = re.compile(r"\d{1,2}月\d{1,2}日|\d{1,2} [A-Z][a-z]{2,}|\d{1,2} сарын \d{1,2}")
_CONTENT = {"image": picture(), "voice": RECORDING, "video": FILM, "file": picture()}

_WAY_TO = {
    Status.RECEIVED: (),
    Status.ACCEPTED: (Action.ACCEPT,),
    Status.ASSIGNED: (Action.ACCEPT, Action.ASSIGN),
    Status.IN_PROGRESS: (Action.ACCEPT, Action.ASSIGN, Action.START),
    Status.RESOLVED: (Action.ACCEPT, Action.ASSIGN, Action.RESOLVE),
    Status.CLOSED: (Action.ACCEPT, Action.ASSIGN, Action.RESOLVE, Action.CLOSE),
    Status.WITHDRAWN: (Action.WITHDRAW,),
    Status.REFUSED: (Action.REFUSE,),
}
_REACHED = {
    Action.ASSIGN: Status.ASSIGNED,
    Action.START: Status.IN_PROGRESS,
    Action.RESOLVE: Status.RESOLVED,
    Action.CLOSE: Status.CLOSED,
}
_GIVEN: dict[Action, dict[str, str]] = {
    Action.ASSIGN: {"unit": "zhujian"},
    Action.RESOLVE: {"text": "已修好"},
    Action.CLOSE: {"reason": "已核实"},
    Action.WITHDRAW: {"reason": "不办了"},
    Action.REFUSE: {"reason": "不归这里管"},
    Action.REOPEN: {"reason": "没有办好"},
}
_ACTIONS = {
    "受理": Action.ACCEPT,
    "不予受理": Action.REFUSE,
    "交办": Action.ASSIGN,
    "开始办理": Action.START,
    "告知": Action.NOTE,
    "办结": Action.RESOLVE,
    "销号": Action.CLOSE,
    "重新办理": Action.REOPEN,
}
_KINDS = KINDS | {
    "改": "edit",
    "联系人": "contact",
    "联系人他": "contact",
    "点击": "choice",
    "打开": "open",
    "位置": "location",
}
NOT_KEPT = "没存下"
SILENT = timedelta(hours=13)
"""How far `[没提交]` looks back: not at everybody who ever wrote to the installation."""


def needs(file: Path) -> frozenset[str]:
    """What a phone must be able to send for a transcript; `caption`: a picture with words."""
    found = set()
    for how, words in re.findall(r"^居民\[([^\]]*)\][:：]? ?(.*)$", file.read_text("utf-8"), re.MULTILINE):
        plain = how.rstrip("0123456789")
        found |= {_KINDS[plain]} if plain in _KINDS else set()
        if plain == "图片" and words and words != NOT_KEPT:
            found.add("caption")
    return frozenset(found)


def hears_first(file: Path) -> bool:
    """Whether the resident is written to before having written."""
    before = file.read_text("utf-8").partition("\n居民")[0]
    return bool(re.search(r"^\[(回访|提醒|受理|交办|办结|告知)", before, re.MULTILINE))


class ChannelPlayer(Player):
    """Case numbers and days in a transcript stand for the real ones; `结果` is the router's business."""

    def __init__(self, installation: Installation, channel: str) -> None:
        super().__init__()
        self.installation = installation
        self.channel = channel
        self.talk: Talk
        self.numbers: list[str] = []
        """The numbers of this resident's cases, the first of which a transcript calls FQ2026-000123."""
        self.sent: dict[str, Act] = {}
        """What was written, by its words, to be changed later."""
        self.left_out = False
        """The last line was not acted out: what is answered to it is not looked at."""
        self._steps: list[tuple[str, Any]] = []

    async def run(self, file: Path) -> None:
        """Play a file; raises Mismatch."""
        text = file.read_text("utf-8")
        phone = await self.installation.phone(self.channel)
        self.talk = Talk(self.installation, phone)
        await self._duty(True)
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.startswith("##"):
                continue
            # The base class reads lines; what happens in the world is collected and done here.
            self._steps.clear()
            try:
                self._line(line.strip())
                for name, value in self._steps:
                    await getattr(self, name)(value)
            except AssertionError as wrong:
                where = f"{self.channel} {file.name}:{number}: {line}"
                raise Mismatch(f"{where}\n{wrong}\nreply was:\n{self.reply}") from wrong

    # --- the lines ---------------------------------------------------------------------------------------

    def _resident(self, how: str, words: str) -> None:
        self._steps.append(("_send", (how, words)))

    def _event(self, name: str, rest: str = "") -> None:
        self.position = 0
        self._steps.append(("_happen", (name, rest)))

    def _check(self, who: str, words: str) -> None:
        if who != "结果" and not self.left_out:
            super()._check(who, _DATE.sub("某日", words))

    # --- the resident ------------------------------------------------------------------------------------

    async def _send(self, step: tuple[str, str]) -> None:
        how, words = step
        act = await self._tapped(how, words) if how.startswith("点击") else self._act(how, words)
        self.left_out = act is None
        self.installation.model.next = self.understanding or understood()
        self.understanding, self.position = None, 0
        if act is not None:
            reply = await self.talk.send(act, after=0 if how == "马上" else 10)
            self.reply = await self._as_written(reply)
        self.installation.model.next = None

    def _act(self, how: str, words: str) -> Any:
        phone = self.talk.phone
        if how in ("", "马上"):
            self.sent[words] = act = phone.written(self._real(words))
            return act
        if how.startswith("改"):
            before, after = words.split(" ⇒ ")
            self.sent[after] = self.sent[before]
            return phone.edited(self.sent[before], after)
        if how.startswith("联系人"):
            number, _, name = words.partition(" ")
            return phone.contact(number, name, own=how == "联系人")
        if how == "打开":
            return phone.opened("chaoyang" if words else "")
        if how == "位置":
            return phone.position(28.1, 112.9, words)
        kind = KINDS[how]
        if words == NOT_KEPT:
            return None
        if kind == "subscribe":
            return phone.followed()
        if kind == "sticker":
            return phone.sticker()
        return phone.file(kind, _CONTENT[kind], "photo.jpg", words)

    async def _tapped(self, how: str, words: str) -> Act:
        """A tap on a choice of one of the last questions, whether or not it can still be answered."""
        phone, back = self.talk.phone, int(how.removeprefix("点击") or 1)
        asked = [view for view in (await self.installation.timeline(phone)).outgoing if view.purpose]
        shown = phone.shown(asked[-back].id)
        return phone.tapped(next(choice for choice in shown.choices if choice.label == words), shown)

    # --- what happens besides ----------------------------------------------------------------------------

    async def _happen(self, step: tuple[str, str]) -> None:
        name, rest = step
        words, installation = rest.split(), self.installation
        self.left_out = False
        match name:
            case "等待":
                unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}[rest[-1]]
                installation.clock.advance(seconds=float(rest[:-1]) * unit)
            case "没提交":
                await remind(installation.parts, installation.clock() - SILENT)
                self.reply = await self._as_written(await self.talk.wait())
            case "首次":
                opened = await installation.opened(self.talk.phone)
                forget = "update residents set privacy_version = '' where id = :id"
                await installation.execute(forget, id=opened.resident_id)
            case "已有":
                await self._add_case(words[0], STATUSES[words[1]])
            case "下班":
                await self._duty(False)
            case "没人来":
                await self._come_due("handover_unclaimed")
            case "接入":
                await self._duty(True, officer=rest)
                await self._chat(chat_desk.take)
            case "交还":
                await self._chat(chat_desk.hand_back)
            case "回访":
                await self._come_due("survey", int(words[0]))
            case "提醒":
                await self._come_due("survey_reminder", int(words[0]))
            case _:
                await self._staff_acts(_ACTIONS[name], int(words[0]), words[1:])

    async def _staff_acts(self, action: Action, case: int, words: list[str]) -> None:
        given = dict(_GIVEN.get(action, {}))
        if words and action is not Action.ASSIGN:
            given["text" if action in (Action.NOTE, Action.RESOLVE) else "reason"] = words[0]
        number = self.numbers[case - 1]
        [found] = [case for case in await self.installation.cases(self.talk.phone) if case.number == number]
        # In a transcript staff may leave steps out.
        before = _WAY_TO[_REACHED[action]][:-1] if action in _REACHED else ()
        for step in before[len(_WAY_TO[found.status]) :]:
            await self.installation.act(number, step, **_GIVEN.get(step, {}))
        await self.installation.act(number, action, **given)
        await self._see()

    async def _come_due(self, kind: str, case: int | None = None) -> None:
        """What a timer does, whenever it was to be."""
        opened = await self.installation.opened(self.talk.phone)
        cases = await self.installation.cases(self.talk.phone)
        case_id = cases[case - 1].id if case else None
        if case and kind == "survey_reminder":
            async with self.installation.parts.database.work() as work:
                reminder, now = follow_ups.Kind.SURVEY_REMINDER, self.installation.clock()
                await follow_ups.schedule_for_case(work, reminder, case_id or 0, cases[case - 1].round, now)
                await work.commit()
        await self.installation.execute(
            "update follow_ups set due_at = :now where kind = :kind and state = 'waiting'"
            " and (case_id = :case or conversation_id = :conversation)",
            now=self.installation.clock(),
            kind=kind,
            case=case_id,
            conversation=None if case else opened.conversation_id,
        )
        self.reply = await self._as_written(await self.talk.wait())

    async def _add_case(self, category: str, status: Status) -> None:
        opened = await self.installation.opened(self.talk.phone)
        async with self.installation.parts.database.work() as work:
            rules = await self.installation.parts.rules.current(work)
            code = next(found.code for found in rules.categories if found.name == category)
            new = NewCase(opened.resident_id, opened.conversation_id, None, code, "楼上漏水")
            case = await service.open_case(work, rules, new)
            await work.commit()
        self.numbers.append(case.number)
        for action in _WAY_TO[status]:
            await self.installation.act(case.number, action, **_GIVEN.get(action, {}))
        await self.talk.wait()

    async def _chat(self, move: Any) -> None:
        opened = await self.installation.opened(self.talk.phone)
        async with self.installation.parts.database.work() as work:
            [member] = [one for one in await accounts.list_staff(work) if one.username == OFFICER]
            # An officer may come without having been called.
            await handover.request(work, opened.conversation_id, "asked")
            if move is chat_desk.hand_back and opened.mode == "waiting":
                await chat_desk.take(work, opened.conversation_id, member)
            assert await move(work, opened.conversation_id, member)
            await work.commit()
        self.reply = await self._as_written(await self.talk.wait())

    async def _duty(self, on: bool, officer: str = "李敏") -> None:
        await self.installation.execute(
            "update staff set on_duty = :on, name = :name where username = :username",
            name=officer,
            on=on,
            username=OFFICER,
        )

    async def _see(self) -> None:
        await self.talk.phone.look()
        self.reply = await self._as_written(self.talk.news())

    # --- numbers and days --------------------------------------------------------------------------------

    def _real(self, words: str) -> str:
        """The words with the real numbers of this resident's cases."""

        def real(found: re.Match[str]) -> str:
            place = int(found[0].partition("-")[2]) - 123
            return self.numbers[place] if 0 <= place < len(self.numbers) else found[0]

        return _NUMBER.sub(real, words)

    async def _as_written(self, reply: str) -> str:
        """A reply with the numbers and days that a transcript has."""
        if set(_NUMBER.findall(reply)) - set(self.numbers):
            own = [case.number for case in await self.installation.cases(self.talk.phone)]
            self.numbers += [number for number in own if number not in self.numbers]
        names = {number: f"FQ2026-{123 + place:06d}" for place, number in enumerate(self.numbers)}
        reply = _NUMBER.sub(lambda found: names.get(found[0], found[0]), reply)
        return _DATE.sub("某日", reply)

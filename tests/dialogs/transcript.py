"""Plays a conversation written as text, see tests/transcripts/README.md for what a line can be."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from backend.domain.lifecycle import STATUS_NAMES, Action, Status
from dialogs import danger, handover, memory, router, survey
from dialogs.messages import Contact, Location, Matter, Message, Understanding
from dialogs.notices import notice
from dialogs.texts import label
from tests.dialogs.world import World, understood

KINDS = {
    "图片": "image",
    "语音": "voice",
    "视频": "video",
    "文件": "file",
    "表情": "sticker",
    "关注": "subscribe",
}
ENTITIES = {
    "地点": "place",
    "金额": "amount",
    "人数": "people",
    "时间": "since",
    "电话": "phone",
    "对方": "other_party",
}
STATUSES = {name: status for status, name in STATUS_NAMES.items()}
_LINE = re.compile(r"(居民|小助手不说|小助手|结果)(?:\[([^\]]*)\])?(?:[:：]\s*(.*))?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Mismatch(AssertionError):
    """The assistant said something else."""


def _meaning(words: list[str]) -> Understanding:
    """物业 0.95 地点=恒大名都"""
    entities = tuple((ENTITIES[key], said) for key, _, said in (word.partition("=") for word in words[2:]))
    return understood(words[0], float(words[1]), entities=entities)


class Player:
    """Plays one transcript, line by line."""

    def __init__(self) -> None:
        self.world = World()
        self.reply = ""
        self.position = 0
        self.understanding: Understanding | None = None
        self.attachments = 0
        self.device = ""

    def play(self, file: Path) -> None:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("##"):
                continue
            try:
                self._line(line.strip())
            except AssertionError as wrong:
                raise Mismatch(f"{file.name}:{number}: {line}\n{wrong}\nreply was:\n{self.reply}") from wrong

    def _line(self, line: str) -> None:
        if line.startswith("#"):
            self._note(line.lstrip("# "))
        elif line.startswith("["):
            self._event(*line.strip("[]").split(" ", 1))
        else:
            found = _LINE.fullmatch(line)
            assert found, "not a line of a transcript"
            who, how, words = (group or "" for group in found.groups())
            if who == "居民":
                self._resident(how, words)
            else:
                self._check(who, words)

    def _note(self, note: str) -> None:
        name, value = re.split(r"[:：]\s*", note, maxsplit=1)
        now = self.understanding or understood()
        words = value.split()
        if name == "理解":
            self.understanding = replace(_meaning(words), crises=now.crises, matters=now.matters)
        elif name == "一件":
            meaning, part = re.split(r"\s*／\s*", value)
            one = Matter(part, _meaning(meaning.split()))
            known = now if now.matters else replace(one.meaning, crises=now.crises)
            self.understanding = replace(known, matters=(*now.matters, one))
        elif name == "危险":
            self.understanding = replace(now, crises=tuple(words))
        else:
            assert name == "来源", name
            self.understanding = replace(now, source=value)  # type: ignore[arg-type]

    def _resident(self, how: str, words: str) -> None:
        self.world.wait(0 if how == "马上" else 10)
        message = Message("text", self.world.now, words, language=self.device)
        if how == "位置":
            message = replace(message, kind="location", text="", location=Location(28.1, 112.9, words))
        elif how.startswith("联系人"):
            number, _, name = words.partition(" ")
            contact = Contact(number, name, own=how == "联系人")
            message = replace(message, kind="contact", text=f"{name} {number}", contact=contact)
        elif how.startswith("改"):
            before, after = words.split(" ⇒ ")
            told_in = int(how.removeprefix("改") or 0) or None
            message = replace(message, kind="edit", text=after, before=before, told_in=told_in)
        elif how == "打开":
            message = replace(message, kind="open", text="", region=words)
        elif how.startswith("点击"):
            message = self._click(int(how.removeprefix("点击") or 1), words)
        elif how in KINDS:
            stored = how not in ("表情", "关注") and "没存下" not in words
            self.attachments += stored
            attachments = (self.attachments,) if stored else ()
            message = replace(message, kind=KINDS[how], attachments=attachments, text=words if stored else "")
        self.reply = self.world.send(message, self.understanding)
        self.understanding, self.position = None, 0

    def _click(self, back: int, words: str) -> Message:
        prompt = self.world.prompts[-back]
        language = self.world.language
        choice = next(choice for choice in prompt.choices if label(choice, language) == words)
        return Message("choice", self.world.now, choice=choice.id, prompt=prompt)

    def _check(self, who: str, words: str) -> None:
        if who == "小助手不说":
            assert words not in self.reply, "should not be said"
        elif who == "结果":
            assert words in str(self.world.effects), f"not done: {self.world.effects}"
        elif words == "（沉默）":
            assert not self.reply, "should be silent"
        else:
            at = self.reply.find(words, self.position)
            assert at >= 0, "not said, or in another order"
            self.position = at + len(words)

    def _event(self, name: str, rest: str = "") -> None:
        world, words = self.world, rest.split()
        self.position = 0
        match name:
            case "等待":
                world.wait(float(rest[:-1]) * _UNITS[rest[-1]])
            case "已有":
                world.add_case(words[0], STATUSES[words[1]], *words[2:])
            case "下班":
                world.on_duty = False
            case "没人来":
                crises = memory.load(world.state, world.now).crises
                advice = danger.advice(crises, world.now)
                self.reply = world.show((handover.nobody_came(advice, online=world.on_duty),))
            case "接入":
                world.mode = "person"
                self.reply = world.show((handover.taken(rest),))
            case "交还":
                world.mode = "bot"
                self.reply = world.show((handover.back(), *router.resume(world.state, world.context)))
            case "没提交":
                self.reply = world.remind()
            case "首次":
                world.privacy_version = ""
            case "手机语言":
                self.device = rest
            case "失败":
                world.fails = getattr(__import__("dialogs.messages").messages, rest)
            case "回访" | "提醒":
                case = world.cases[int(words[0]) - 1]
                question = survey.ask(case, words[1]) if name == "回访" else survey.remind(case)
                self.reply = world.show((question,))
            case _:
                self._staff(name, int(words[0]), words[1:])

    def _staff(self, action: str, case_id: int, words: list[str]) -> None:
        steps = {
            "受理": (Action.ACCEPT, Status.ACCEPTED, {}),
            "不予受理": (Action.REFUSE, Status.REFUSED, {"reason": words[0] if words else ""}),
            "交办": (Action.ASSIGN, Status.ASSIGNED, {}),
            "开始办理": (Action.START, Status.IN_PROGRESS, {}),
            "告知": (Action.NOTE, None, {"text": words[0] if words else ""}),
            "办结": (Action.RESOLVE, Status.RESOLVED, {"text": words[0] if words else ""}),
            "销号": (Action.CLOSE, Status.CLOSED, {}),
            "重新办理": (Action.REOPEN, Status.ASSIGNED, {}),
        }
        step, status, facts = steps[action]
        case = self.world.cases[case_id - 1]
        status = status or case.status
        round_ = case.round + (action == "重新办理")
        due = self.world.now + timedelta(days=10)
        unit = "住建局" if action == "交办" else case.unit_name
        case = self.world.change(case_id, status=status, round=round_, due_at=due, unit_name=unit)
        said = notice(step, case, facts)
        self.reply = self.world.show((said,)) if said else ""

"""Whatever is sent, in whatever order: no error, one question at a time, one case a form, no matter lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backend.domain.lifecycle import Status
from dialogs import handover, router, survey
from dialogs.messages import Location, Matter, OpenCase, Understanding
from dialogs.unsubmitted import AFTER
from tests.dialogs.world import NAMES, World, understood

TYPED_OFTEN = """
1 2 3 4 5 9 一 选2 对 不对 是的 不 没有 不知道 满意 不满意 完成 提交 修改 地点 类别 啊
取消 上一步 跳过 人工 进度 补充 催办 撤回 菜单 帮助 继续 反映问题 不等了 留言登记 你好 谢谢
恒大名都8号楼 三万二 两万多 1381 FQ2026-000123 催办FQ2026-000124 😀 ？ 物业费涨了没人同意 他们来看了一下就走了
"""
WORDS = [*TYPED_OFTEN.split(), "", " ", "13812345678 王芳", "楼上漏水" * 10]
DIALOGUE = """
yes no skip back cancel person progress supplement urge withdraw menu help greeting thanks
satisfied dissatisfied faq_materials faq_cost
"""
INTENTS = [*NAMES, *DIALOGUE.split(), ""]
CRISES = ["self_harm", "violence", "domestic_violence", "minors", "gathering", "unheard_of"]
TYPED = st.sampled_from(WORDS) | st.text(max_size=30)
UNDERSTANDINGS = st.builds(
    understood,
    st.sampled_from(INTENTS),
    st.sampled_from([0.3, 0.72, 0.95]),
    crises=st.just(()) | st.just(()) | st.lists(st.sampled_from(CRISES), max_size=2).map(tuple),
    entities=st.lists(
        st.tuples(st.sampled_from(["place", "amount", "phone", "other"]), st.text(max_size=5)), max_size=2
    ).map(tuple),
)


LET_GO = {"complaint.cancelled", "matters.left", "matters.cancelled", "complaint.not_registered"}
"""Sentences that tell somebody that what they said is not registered: they chose it, or can say it again."""


OUT_OF_DATE = {"form.expired", "form.nothing_pending"}


class Conversation(RuleBasedStateMachine):
    """A resident who does anything, and a centre that does anything too."""

    @initialize(first=st.booleans(), on_duty=st.booleans())
    def begin(self, first: bool, on_duty: bool) -> None:
        self.world = World(privacy_version="" if first else "2026-1", on_duty=on_duty)
        self.told = 0
        self.named: set[str] = set()

    @rule(
        names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True),
        sure=st.sampled_from([0.5, 0.95]),
        wait=st.sampled_from([0, 10]),
    )
    def matters(self, names: list[str], sure: float, wait: int) -> None:
        """Several disputes in one message, each with words that are its own."""
        self.told += 1
        parts = [f"{name}的第{self.told}桩烦心事没有人管" for name in names]
        matters = tuple(Matter(part, understood(n, sure)) for n, part in zip(names, parts, strict=True))
        self.world.wait(wait)
        self.world.say(" 另外".join(parts), understood(names[0], 0.9, matters=matters))
        self.named |= {part for part in parts if part in str(list(_kept_matters(self.world.state)))}

    @rule(text=TYPED, meaning=UNDERSTANDINGS, wait=st.sampled_from([0, 10]))
    def text(self, text: str, meaning: Understanding, wait: int) -> None:
        self.world.wait(wait)
        self.world.say(text, meaning)

    @rule(
        kind=st.sampled_from(["image", "voice", "video", "file", "location", "sticker", "subscribe", "open"]),
        stored=st.booleans(),
        caption=st.sampled_from(["", "漏水的地方"]),
    )
    def other(self, kind: str, stored: bool, caption: str) -> None:
        location = Location(28.1, 112.9, caption) if kind == "location" else None
        self.world.say(caption, kind=kind, attachments=(1,) * stored, location=location)

    @rule(back=st.integers(1, 4), which=st.integers(0, 5))
    def click(self, back: int, which: int) -> None:
        if len(self.world.prompts) >= back and (choices := self.world.prompts[-back].choices):
            choice = choices[which % len(choices)].id
            self.world.say("", kind="choice", choice=choice, prompt=self.world.prompts[-back])

    @rule(choice=st.sampled_from(["report", "progress", "menu", "nonsense"]))
    def menu(self, choice: str) -> None:
        self.world.say("", kind="choice", choice=choice)

    @rule(status=st.sampled_from(list(Status)))
    def staff_act(self, status: Status) -> None:
        if self.world.cases:
            self.world.change(1, status=status)
        else:
            self.world.add_case("物业", status)

    @rule()
    def survey(self) -> None:
        if self.world.cases:
            self.world.show((survey.ask(self.world.cases[-1], "修好了"),))

    @rule(mode=st.sampled_from(["bot", "person"]))
    def officer(self, mode: str) -> None:
        self.world.mode = mode
        if mode == "bot":
            self.world.show((handover.back(), *router.resume(self.world.state, self.world.context)))

    @rule(answer=st.sampled_from(["1", "2", "继续"]))
    def silence(self, answer: str) -> None:
        """Half an hour later the question that waits is asked again: a number answers that one."""
        self.world.wait(AFTER.total_seconds())
        if self.world.remind() and self.world.prompts[-1].choices:
            self.world.wait(10)
            self.world.say(answer)
            assert not OUT_OF_DATE & set(self.world.said[-1]), self.world.said[-2:]

    @rule(hours=st.sampled_from([0.2, 1, 30]))
    def time_passes(self, hours: float) -> None:
        self.world.now += timedelta(hours=hours)

    @invariant()
    def the_state_is_json(self) -> None:
        if hasattr(self, "world"):
            assert json.loads(json.dumps(self.world.state)) == self.world.state

    @invariant()
    def no_matter_is_lost(self) -> None:
        """Whatever was named ends as a case, with the resident's own no, or is still kept."""
        if not hasattr(self, "world"):
            return
        there = json.dumps(self.world.state, ensure_ascii=False) + str(self.world.effects)
        lost = {matter for matter in self.named if matter not in there}
        said = set(self.world.said[-1]) if self.world.said else set()
        rewritten = any("complaint.tell_again" in keys for keys in self.world.said[-2:])
        assert not lost or said & LET_GO or rewritten, lost
        self.named -= lost

    @invariant()
    def each_form_opens_one_case(self) -> None:
        if hasattr(self, "world"):
            opened = [effect.draft for effect in self.world.effects if isinstance(effect, OpenCase)]
            assert all(draft.summary for draft in opened)


def _kept_matters(state: object) -> Iterator[object]:
    if isinstance(state, Mapping):
        yield from state.get("matters") or ()
        for value in state.values():
            yield from _kept_matters(value)
    elif isinstance(state, list):
        for value in state:
            yield from _kept_matters(value)


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.lists(st.sampled_from(["1", "提交", "对", "2", "3", "修改"]), max_size=8))
def test_a_form_opens_at_most_one_case(answers: list[str]) -> None:
    world = World()
    world.say("物业费涨了没人同意", understood("物业", 0.9))
    for _ in range(4):
        world.say("跳过")
    for answer in answers:
        world.say(answer)
    assert sum(isinstance(effect, OpenCase) for effect in world.effects) <= 1
    assert len(world.cases) <= 1

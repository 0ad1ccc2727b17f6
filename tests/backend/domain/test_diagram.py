"""The picture and the table of the docs say exactly what the life cycle's table says."""

from __future__ import annotations

from backend.domain.diagram import action_table, state_diagram
from backend.domain.lifecycle import ACTION_NAMES, LIFECYCLE, Action, Status


def test_every_move_is_an_arrow_and_nothing_else_is() -> None:
    arrows = [line.strip() for line in state_diagram().splitlines() if "-->" in line]
    moves = {
        f"{status} --> {step.next}: {ACTION_NAMES[action]} {action}"
        for (status, action), step in LIFECYCLE.items()
        if step.next is not status
    }
    assert set(arrows) == moves | {"[*] --> received"}
    assert len(arrows) == len(moves) + 1


def test_every_step_is_in_the_table() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in action_table().splitlines()[2:]]
    told = set()
    for name, sources, target, who, _ in rows:
        action = Action(name.split("`")[1])
        statuses = list(Status) if sources == "any" else [Status(source) for source in sources.split(", ")]
        for status in statuses:
            step = LIFECYCLE[status, action]
            assert target == ("(stays)" if step.next is status else step.next)
            assert set(who.split(", ")) == set(step.who)
            told.add((status, action))
    assert told == set(LIFECYCLE)

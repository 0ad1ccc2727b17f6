"""The life cycle as a picture and a table in Markdown, so that the docs cannot tell another story."""

from __future__ import annotations

from backend.domain.lifecycle import ACTION_NAMES, LIFECYCLE, STAFF_FIELDS, STATUS_NAMES, Action, Role, Status


def state_diagram() -> str:
    """A Mermaid state diagram of every step that moves a case; what leaves it where it stands is left out."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{STATUS_NAMES[status]}<br/>{status}" as {status}' for status in Status]
    lines.append(f"    [*] --> {Status.RECEIVED}")
    lines += [
        f"    {status} --> {step.next}: {ACTION_NAMES[action]} {action}"
        for status in Status
        for action in Action
        if (step := LIFECYCLE.get((status, action))) and step.next is not status
    ]
    return "\n".join(lines)


def action_table() -> str:
    """A Markdown table of every step: where from and to, who may take it, what staff must give with it."""
    lines = ["| action | from | to | who may | staff give |", "|---|---|---|---|---|"]
    for action in Action:
        steps: dict[tuple[str, frozenset[Role]], list[Status]] = {}
        for status in Status:
            if step := LIFECYCLE.get((status, action)):
                target = "(stays)" if step.next is status else step.next.value
                steps.setdefault((target, step.who), []).append(status)
        for (target, who), sources in steps.items():
            cells = (
                f"`{action}` {ACTION_NAMES[action]}",
                "any" if len(sources) == len(Status) else ", ".join(sources),
                target,
                ", ".join(role for role in Role if role in who),
                ", ".join(f"`{field}`" for field in sorted(STAFF_FIELDS.get(action, ()))) or "—",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)

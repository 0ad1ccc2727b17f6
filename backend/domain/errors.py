"""What can go wrong with a case, said once: the API turns each into a status, pages into a sentence."""

from __future__ import annotations


class CaseError(Exception):
    """Base of the errors that a person's request can cause."""

    code = "case_error"

    def __init__(self, **facts: str | int) -> None:
        super().__init__(self.code)
        self.facts = facts


class NotFound(CaseError):
    """There is no such case, or it is not yours to see."""

    code = "not_found"


class NotYours(CaseError):
    """Somebody else may do this, you may not."""

    code = "not_yours"


class NotAllowed(CaseError):
    """Nobody may do this while the case stands where it does."""

    code = "not_allowed"


class MissingField(CaseError):
    """The action needs a field that was not given."""

    code = "missing_field"


class BadValue(CaseError):
    """A field holds something that does not exist here: an unknown unit, category or rating."""

    code = "bad_value"


class StaleVersion(CaseError):
    """The case changed since the version that the person acted on."""

    code = "stale_version"

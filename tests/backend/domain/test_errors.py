"""The family of errors: each has its own code and carries facts, never text of a person."""

from __future__ import annotations

from backend.api.errors import STATUS
from backend.domain import errors
from backend.domain.errors import CaseError


def family() -> list[type[CaseError]]:
    return CaseError.__subclasses__()


def test_codes_are_distinct() -> None:
    codes = [kind.code for kind in family()]
    assert len(codes) == len(set(codes)) == 6


def test_each_has_its_place_in_the_one_table() -> None:
    assert set(STATUS) == set(family())
    assert STATUS[errors.StaleVersion] == 409
    assert STATUS[errors.NotAllowed] == STATUS[errors.MissingField] == STATUS[errors.BadValue] == 422
    assert STATUS[errors.NotYours] == 403
    assert STATUS[errors.NotFound] == 404


def test_facts_travel() -> None:
    error = errors.StaleVersion(version=1, current=2)
    assert (str(error), error.facts) == ("stale_version", {"version": 1, "current": 2})

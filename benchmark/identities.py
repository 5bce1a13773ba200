"""Who is in the cases of a split, as far as it says: what statistics cluster cases by."""

from collections.abc import Iterable

from benchmark.splits.case import Case


def identities(cases: Iterable[Case]) -> dict[str, list[str]]:
    """Return ``[person of the portrait, driving person]`` by case.

    The name that the layout gave, or, where it gave none, the content of the file: then only the
    same file is known to be the same person. In a self case the portrait is the first driving
    frame, whatever it is called.
    """
    return {case.id: _of(case) for case in cases}


def _of(case: Case) -> list[str]:
    origins = case.origins
    driving = _person(origins.driving.identity if origins else "", case.sha256.driving)
    if case.protocol == "self":
        return [driving, driving]
    return [_person(origins.source.identity if origins else "", case.sha256.source), driving]


def _person(identity: str, sha256: str) -> str:
    return f"person {identity}" if identity else f"file {sha256[:16]}"

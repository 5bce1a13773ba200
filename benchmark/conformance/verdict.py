"""What a rule of the conformance run comes to."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """Whether a rule holds."""

    HELD = "held"
    BROKEN = "broken"
    UNTESTABLE = "not testable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and what was found.

    Attributes:
        rule: Its name.
        verdict: Whether it holds.
        said: What was seen, in one sentence with its numbers.
    """

    rule: str
    verdict: Verdict
    said: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "verdict": str(self.verdict)}


def held(rule: str, said: str) -> Finding:
    """A rule that holds."""
    return Finding(rule, Verdict.HELD, said)


def broken(rule: str, said: str) -> Finding:
    """A rule that does not hold."""
    return Finding(rule, Verdict.BROKEN, said)


def untestable(rule: str, said: str) -> Finding:
    """A rule that this method gives no way to test."""
    return Finding(rule, Verdict.UNTESTABLE, said)

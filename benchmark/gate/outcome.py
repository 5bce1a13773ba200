"""What a gate can end in: every outcome has its own name and its exit code."""

from collections.abc import Iterable
from enum import Enum

from benchmark.errors import BenchError, ExitCode


class Outcome(Enum):
    """An outcome: what machines read, what people read, the exit code it asks for.

    Only `PASS` says that something was held against the baseline and found good enough.
    """

    PASS = ("pass", "pass", ExitCode.OK)
    NOT_JUDGED = ("not-judged", "not judged", ExitCode.OK)
    """Nobody asked for it and it cannot be judged here; does not count as a pass."""
    REGRESSION = ("regression", "REGRESSION", ExitCode.FAILED)
    FAILED_CASES = ("failed-cases", "FAILED CASES", ExitCode.FAILED)
    LOWER_COVERAGE = ("lower-coverage", "LOWER COVERAGE", ExitCode.FAILED)
    DISAPPEARED = ("disappeared", "DISAPPEARED", ExitCode.FAILED)
    NO_BASELINE = ("no-baseline", "no baseline", ExitCode.USAGE)
    UNREADABLE = ("unreadable", "unreadable", ExitCode.USAGE)
    OTHER_SPLIT = ("other-split", "other split", ExitCode.NOT_COMPARABLE)
    OTHER_PROTOCOL = ("other-protocol", "other protocol", ExitCode.NOT_COMPARABLE)
    OTHER_COHORT = ("other-cohort", "other cohort", ExitCode.NOT_COMPARABLE)
    OTHER_CASES = ("other-cases", "other cases", ExitCode.NOT_COMPARABLE)
    FEWER_CASES = ("fewer-cases", "fewer cases", ExitCode.NOT_COMPARABLE)
    UNFINISHED = ("unfinished", "unfinished", ExitCode.NOT_COMPARABLE)
    OTHER_DEFINITION = ("other-definition", "other definition", ExitCode.NOT_COMPARABLE)
    NOT_IN_BASELINE = ("not-in-baseline", "not in baseline", ExitCode.NOT_COMPARABLE)
    OTHER_MACHINE = ("other-machine", "other machine", ExitCode.NOT_COMPARABLE)
    NOTHING_MEASURED = ("nothing-measured", "nothing measured", ExitCode.NOT_COMPARABLE)
    ABSENT_HERE = ("absent-here", "absent here", ExitCode.ENVIRONMENT)
    """The candidate could not measure it on its machine: weights or a library are missing."""
    ENVIRONMENT = ("environment", "environment", ExitCode.ENVIRONMENT)

    def __init__(self, key: str, title: str, code: ExitCode) -> None:
        self.key, self.title, self.code = key, title, code


_OF_ERRORS = {
    ExitCode.NOT_COMPARABLE: Outcome.OTHER_PROTOCOL,
    ExitCode.ENVIRONMENT: Outcome.ENVIRONMENT,
}


def of_error(error: BenchError) -> Outcome:
    """Return the outcome of a gate that could not read what it was given."""
    return _OF_ERRORS.get(error.exit_code, Outcome.UNREADABLE)


_FIRST = (ExitCode.FAILED, ExitCode.ENVIRONMENT, ExitCode.NOT_COMPARABLE, ExitCode.USAGE)
"""A loss that was shown is the news, whatever else could not be compared."""


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the exit code of a gate with these outcomes; without one pass it is never 0."""
    found = list(outcomes)
    codes = {outcome.code for outcome in found}
    for code in _FIRST:
        if code in codes:
            return code
    return ExitCode.OK if Outcome.PASS in found else Outcome.NOTHING_MEASURED.code

"""What a user sees when something is wrong: one sentence, the remedy, an exit code.

Every mistake that a user can make ends in a `BenchError`; the command line prints it without a
traceback and exits with its code. Anything else that escapes is a bug of ours.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every ``bench`` command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_COMPARABLE = 3
    ENVIRONMENT = 4


class BenchError(Exception):
    """A condition that the user can understand and change.

    Args:
        problem: One sentence: what is wrong, with the value that is wrong.
        remedy: What to do about it; may span lines. Empty when the problem says it already.
    """

    exit_code: ExitCode = ExitCode.USAGE

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class UsageProblem(BenchError):
    """Wrong arguments, unreadable input, a path that cannot be used."""


class NotComparable(BenchError):
    """Things that must not be put side by side."""

    exit_code = ExitCode.NOT_COMPARABLE


class EnvironmentProblem(BenchError):
    """Something this machine lacks: weights, a library, disk, permission."""

    exit_code = ExitCode.ENVIRONMENT

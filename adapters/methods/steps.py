"""Runs several commands one after the other: ``steps.py COMMAND ... --then COMMAND ...``.

The first that fails ends it, with its exit code. Standard library only, Python 3.8.
"""

from __future__ import annotations

import subprocess
import sys

THEN = "--then"


def split(words: list[str]) -> list[list[str]]:
    """Return the argument list of each step."""
    steps: list[list[str]] = [[]]
    for word in words:
        if word == THEN:
            steps.append([])
        else:
            steps[-1].append(word)
    return steps


def main() -> None:
    """Run the steps."""
    for step in split(sys.argv[1:]):
        code = subprocess.run(step, check=False).returncode  # noqa: S603 - argument lists
        if code:
            sys.exit(code if code > 0 else 128 - code)


if __name__ == "__main__":
    main()

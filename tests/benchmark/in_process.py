"""``bench`` in the process of the test: as a user sees it, without the half second of starting."""

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def bench(*arguments: str | Path, **variables: str) -> Done:
    """Run a command at 80 columns, without colours; fails the test on anything but an exit code."""
    from benchmark.cli.main import main

    out, error = io.StringIO(), io.StringIO()
    environment = {"COLUMNS": "80", "NO_COLOR": "1", **variables}
    code: object = 0
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "argv", ["bench", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(error),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return Done(int(str(code or 0)), out.getvalue(), error.getvalue())

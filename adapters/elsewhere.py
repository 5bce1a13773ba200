"""Ending what runs elsewhere on a method's behalf: a container outlives the client that we end.

A container's processes belong to its engine. They are below no process of ours, in no group of ours
and without our marks, so that only the engine can end them: by the command in
``environment.stop``, which names the container by ``{job}``.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

from adapters.description import Invocation
from adapters.home import home_from, known_early, variables_of
from adapters.words import filled_all

_OUTSIDE = ("adapters.command:", "adapters.resident:")
_PATIENCE_S = 60.0


def stop_elsewhere(target: str, options: Mapping[str, Any], job: str) -> str:
    """Run the method's stop command, if it has one.

    Its exit code and what it prints say nothing: mostly there is no container left to stop.

    Args:
        target: The class that runs the method; one that is not run outside has no such command.
        options: Arguments of that class.
        job: The name of the process that the method ran for.

    Returns:
        Why it could not be run, in a sentence; empty if it was, or if there is none.
    """
    if not target.startswith(_OUTSIDE):
        return ""
    how, home = Invocation.model_validate(options["how"]), home_from(options["home"])
    if not how.environment.stop:
        return ""
    words = filled_all(how.environment.stop, known_early(how, home, job))
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list, no shell
            words,
            cwd=home.repository or None,
            env=variables_of(how, 0, known_early(how, home, job)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # no pipe: what it starts may hold one open, or fill it
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # a NUL in an argument is a ValueError
        why = error.strerror if isinstance(error, OSError) else error
        return f"cannot run {words[0]} to stop it: {why}"
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        return f"{words[0]} did not stop it within {_PATIENCE_S:g} s"
    finally:
        if process.poll() is None:  # not waited for yet: the group is its own
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return ""

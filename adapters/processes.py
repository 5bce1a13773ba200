"""Ending what a method started: its process group, its descendants, and whoever left both.

A method may start workers, make them leaders of sessions of their own, and end before they do.
Three things find them, each where the others do not reach:

- the process group, everywhere;
- descent: `adopt_orphans` makes this process the one that orphans are handed to, so that every
  process below it stays below it (Linux);
- a mark in the environment, `JOB` or `CASE`, which children inherit: it finds them when the
  process that would have adopted them is gone too (Linux).

What escapes is a process that clears its environment *and* outlives its adopter, and what runs
elsewhere on its behalf (a container's processes belong to the container engine).
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

JOB = "PORTRAITBENCH_JOB"
"""Environment variable that names the worker which a process belongs to."""

CASE = "PORTRAITBENCH_CASE"
"""Environment variable that names the case which a process belongs to."""

_PROC = Path("/proc")

FOLLOWS = _PROC.is_dir()
"""Whether processes can be followed out of their process group here. Where they cannot, what is
started has to stay in the group of the process that starts it, to be ended with it."""

_SET_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
_ROUNDS = 200
_PAUSE_S = 0.01


def adopt_orphans() -> bool:
    """Make this process the parent of descendants whose own parent ends; say whether it worked.

    Works on Linux only; elsewhere nothing happens.
    """
    if not _PROC.is_dir():
        return False
    import ctypes

    try:
        done: int = ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (OSError, AttributeError):
        return False
    return done == 0


def descendants(pid: int) -> set[int]:
    """Return every process below ``pid`` that has not ended; empty where ``/proc`` is absent."""
    below: dict[int, list[int]] = {}
    for child, parent, state in _table():
        if state not in "ZX":
            below.setdefault(parent, []).append(child)
    found: set[int] = set()
    todo = [pid]
    while todo:
        children = [c for c in below.get(todo.pop(), []) if c not in found]
        found.update(children)
        todo += children
    return found


def marked(mark: str) -> set[int]:
    """Return every process whose environment holds ``mark``, a whole ``NAME=value``.

    This process itself is never among them.
    """
    entry = mark.encode()
    found = set()
    for pid, _, state in _table():
        if state in "ZX" or pid == os.getpid():
            continue
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if entry in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.add(pid)
    return found


def end_tree(pid: int, mark: str, *, ended: bool = False) -> None:
    """Kill ``pid``, its group, everything below it and everything that carries ``mark``.

    It is stopped first, so that it starts nothing more; then rounds of killing go on until nothing
    is found, since a process can fork while it is looked for. The caller waits for ``pid``.

    Args:
        pid: A child of this process that leads its own process group.
        mark: What its environment holds, ``NAME=value``.
        ended: It was waited for already, and its number may be another's by now; its group keeps
            the number as long as it has members.
    """
    if not ended:
        _send(pid, signal.SIGSTOP)
        _until_none_left(lambda: descendants(pid))
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _until_none_left(lambda: marked(mark) - {pid})


def end_others(spared: set[int], mark: str) -> None:
    """Kill everything below this process, except ``spared``, and everything that carries ``mark``.

    For a process that called `adopt_orphans`: what its children leave behind is below it.
    """
    _until_none_left(lambda: (descendants(os.getpid()) | marked(mark)) - spared)
    reap(spared)


def reap(spared: set[int]) -> None:
    """Collect children of this process that ended and that nobody waits for; not ``spared``."""
    for pid, parent, state in _table():
        if parent == os.getpid() and state == "Z" and pid not in spared:
            with suppress(OSError):
                os.waitpid(pid, os.WNOHANG)


def _until_none_left(find: Callable[[], set[int]]) -> None:
    for _ in range(_ROUNDS):
        left = find()
        if not left:
            return
        for pid in left:
            _send(pid, signal.SIGKILL)
        time.sleep(_PAUSE_S)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _table() -> list[tuple[int, int, str]]:
    """Return ``(pid, parent, state)`` of every process, where ``/proc`` tells."""
    rows = []
    try:
        names = os.listdir(_PROC)  # noqa: PTH208 - a list of names, at once
    except OSError:
        return []
    for name in names:
        if not name.isdigit():
            continue
        with suppress(OSError, ValueError, IndexError):
            # The program's name, in brackets, may hold blanks and brackets itself.
            fields = (_PROC / name / "stat").read_text().rpartition(")")[2].split()
            rows.append((int(name), int(fields[1]), fields[0]))
    return rows

"""What several ``bench data`` commands lend to the working code: face trackers and progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.base import Face, FaceTracker, Frame
    from benchmark.tracker import FaceSource


class TrackerPool:
    """Several trackers as one: a call takes one that is free."""

    def __init__(self, trackers: "list[FaceTracker]") -> None:
        self._free: SimpleQueue[FaceTracker] = SimpleQueue()
        for tracker in trackers:
            self._free.put(tracker)

    def __call__(self, frame: "Frame", max_faces: int) -> "list[Face]":
        """Find faces, see `adapters.base.FaceTracker`."""
        tracker = self._free.get()
        try:
            return tracker(frame, max_faces)
        finally:
            self._free.put(tracker)


@contextmanager
def tracker(jobs: int = 1) -> "Iterator[FaceTracker]":
    """Lend a tracker that ``jobs`` threads can use at the same time.

    Raises:
        EnvironmentProblem: If no face model is to be had.
    """
    from benchmark.tracker import LentTracker

    found = _source()
    with ExitStack() as stack:
        trackers = (LentTracker(found.model, found.backend) for _ in range(jobs))
        yield TrackerPool([stack.enter_context(closing(one)) for one in trackers])


def tracker_id() -> str:
    """Return what identifies the tracker: its definition, its engine and the library's version.

    Engines that share a definition agree within bounds, not to the bit, and a crop is rounded to
    pixels: work that was begun with one is not taken up again with another.

    Raises:
        EnvironmentProblem: If no face model is to be had.
    """
    from benchmark.signals import fingerprint
    from benchmark.tracker import MOST_FACES, face_definition

    backend = _source().backend
    definition = fingerprint(face_definition(MOST_FACES, backend).as_dict())
    return f"{definition}-{backend.name}-{backend.package}"


@cache
def _source() -> "FaceSource":
    """Decide once what finds faces: the embedded engine where the official model is missing."""
    from benchmark.tracker import face_source

    return face_source(None, lambda text: print(text, file=sys.stderr))


@contextmanager
def bar() -> Iterator[Callable[[str, int, int], None]]:
    """Draw progress with the time left on a terminal; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as drawn:

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = drawn.add_task(step, total=total)
            drawn.update(tasks[step], completed=done, total=total)

        yield progress

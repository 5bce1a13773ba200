"""Progress of a run on the terminal: cases done, the stage under way, frames, time left."""

from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmark.names import printable
from benchmark.plan import Plan
from benchmark.splits.manifest import Case
from benchmark.store import Outcome


class RunProgress:
    """Draws on a terminal; on anything else prints one line a case.

    Each case counts twice its frames: once generated, once measured.
    """

    def __init__(self, console: Console, plan: Plan, target: Path) -> None:
        self._console = console
        self._plan = plan
        self._target = target
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._frames = 2 * plan.total_frames
        self._task = self._bars.add_task(f"{plan.spec.name}", total=self._frames)
        self._cases = 0
        self._base = 0.0
        self._stage_done = 0

    def resumed(self, cases: int) -> None:
        """Cases that an earlier call has generated are not run again: say so."""
        if cases:
            self._console.print(
                f"{self._plan.spec.name}: {cases} of {len(self._plan.cases)} cases are taken from "
                f"{self._target}, where an earlier call made them",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )

    def stage(self, case: Case, what: str, frames: int) -> None:
        """A stage of a case begins."""
        name = case.id if len(case.id) <= 24 else case.id[:23] + "…"
        self._bars.update(self._task, description=f"{self._plan.spec.name}: {what} {name}")
        half = 0 if what == "generate" else case.n_frames
        done = sum(c.n_frames for c in self._plan.cases[: self._cases])
        self._base = 2 * done + half
        self._stage_done = 0
        self._bars.update(self._task, completed=self._base)

    def frames(self, done: int) -> None:
        """Frames of the current stage: a running total while generating, one more otherwise."""
        self._stage_done = done if done > 1 else self._stage_done + 1
        self._bars.update(self._task, completed=self._base + self._stage_done)

    def finished(self, case: Case, outcome: Outcome, reason: str) -> None:
        """A case is through."""
        self._cases = 1 + self._plan.cases.index(case)
        if outcome is not Outcome.OK or not self._console.is_terminal:
            text = f"{self._plan.spec.name}: {case.id} {outcome.value}"
            self._console.print(
                printable(f"{text}: {reason}" if reason else text), highlight=False, markup=False
            )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

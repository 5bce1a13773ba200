"""Speed of two versions on one machine, measured alternately: what drifts, drifts for both.

Heat, clocks and neighbours change a machine within minutes by more than a release changes a method.
So base and head take turns, each round the other one first, and what is judged is the difference
within rounds. Rounds are repeated measurements of one thing, unlike people in a split, so that a
handful is enough for Student's t.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

from benchmark.errors import BenchError, EnvironmentProblem, UsageProblem
from benchmark.gate.comparable import Remark
from benchmark.gate.config import Limits
from benchmark.gate.effect import Effect
from benchmark.gate.outcome import Outcome, of_error
from benchmark.gate.side import Side
from benchmark.gate.verdict import Test
from benchmark.stats.estimate import Estimate

LEAST_ROUNDS = 3
Timer = Callable[[], float]
"""Measures frames a second once."""


@dataclass(frozen=True, slots=True)
class Turns:
    """How versions are measured alternately.

    Attributes:
        rounds: How often each, at least `LEAST_ROUNDS`.
        device: ``cpu``, ``cuda`` or ``cuda:N``; ``None`` for the first GPU where there is one.
    """

    rounds: int = 5
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """Frames a second of both versions, measured one after the other."""

    base: float
    head: float


def alternate(base: Timer, head: Timer, rounds: int) -> list[Round]:
    """Measure both versions in turns.

    Args:
        base: The version that the baseline is of.
        head: The candidate's.
        rounds: How often, at least `LEAST_ROUNDS`.

    Raises:
        UsageProblem: If there are too few rounds.
        BenchError: From a measurement that does not count.
    """
    if rounds < LEAST_ROUNDS:
        raise UsageProblem(f"--rounds must be {LEAST_ROUNDS} or more, got {rounds}")
    found = []
    for number in range(rounds):
        if number % 2:
            later = head()
            found.append(Round(base(), later))
        else:
            earlier = base()
            found.append(Round(earlier, head()))
    return found


def verdict(rounds: Sequence[Round], limits: Limits) -> Remark:
    """Return what comes of the rounds: a regression, or a pass.

    Args:
        rounds: At least two.
        limits: Of FPS: a loss must exceed both the percentage and the amount.
    """
    losses = [one.base - one.head for one in rounds]
    before, after = fmean(one.base for one in rounds), fmean(one.head for one in rounds)
    error = stdev(losses) / len(losses) ** 0.5
    loss = Estimate(before - after, len(losses), error)
    test = Test(Effect(before, after, loss, "paired"), limits)
    low, high = loss.interval() or (0.0, 0.0)
    said = (
        f"{before:.1f} → {after:.1f} frames a second in {len(losses)} rounds, {-loss.value:+.1f} "
        f"[{-high:+.1f}, {-low:+.1f}]; {test.tolerated:.1f} tolerated"
    )
    if (finds := test.detectable(1)) is not None:
        said += f", finds {finds:.1f}"
    lost = test.lost(test.p_value)
    return Remark(Outcome.REGRESSION if lost else Outcome.PASS, f"speed, interleaved: {said}")


def interleaved(
    names: tuple[str, str], sides: tuple[Side, Side], turns: Turns, limits: Limits
) -> Remark:
    """Measure the baseline's and the candidate's method in turns and judge them.

    Args:
        names: Under which they are known here (bench.toml), the baseline's first.
        sides: Baseline and candidate; what is measured must be what they were made with.
        turns: How often, and where.
        limits: Of FPS.
    """
    try:
        pairs = zip(names, sides, strict=True)
        base, head = (_timer(name, side, turns.device) for name, side in pairs)
        return verdict(alternate(base, head, turns.rounds), limits)
    except BenchError as error:
        said = f"{error.problem}: {error.remedy}" if error.remedy else error.problem
        return Remark(of_error(error), f"speed, interleaved: {said}")


def _timer(name: str, side: Side, device: str | None) -> Timer:
    """Return what measures a method as the run of a side had it.

    Raises:
        UsageProblem: If there is no such method, or it is another than the run's.
    """
    from benchmark.config import read_config
    from benchmark.method_content import method_content
    from benchmark.methods import find_method
    from benchmark.speed.device import find_device, load_library
    from benchmark.speed.plan import PerfOptions
    from benchmark.speed.run import Measuring, measure_all

    settings, folder = read_config(None)
    spec = find_method(name, settings, folder)
    if method_content(spec) != side.method.content:
        raise UsageProblem(
            f"the method '{name}' here is not the one that {side.run_id} was made with",
            "name both versions in bench.toml: --interleave BASE, and the candidate's own name",
        )
    what = Measuring(spec, settings, PerfOptions(), find_device(device, load_library()))

    def once() -> float:
        record = measure_all(what, Path("runs") / "interleaved.log", _quiet, _quiet)
        (point,) = record.points
        if point.figures is None or point.flaws:
            raise EnvironmentProblem(f"{name}: the measurement does not count", _why(point.flaws))
        return point.figures.fps

    return once


def _why(flaws: Sequence[str]) -> str:
    return "; ".join(flaws) or "no figures"


def _quiet(_: object) -> None:
    """Say nothing: a gate prints its verdict."""

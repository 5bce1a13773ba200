"""How much of what the drivers do a method reaches, and in which cases it collapses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.points import DRIVING, RESULT, Strand
from metrics.manifold import Reach, reach

BALL = 5
"""Neighbours of a driving point that make its ball, as in the paper."""


@dataclass(frozen=True, slots=True)
class RunReach:
    """What one run reaches in one channel.

    Attributes:
        run: Its label.
        channel: The signal.
        points: Frames of the result.
        whole: Against all driving frames.
        spread: Variance of the results around the mean of their case and person, over that of their
            drivers, both summed; 0 is a frozen result. What differs between portraits is not in it.
        cases: Of each case and person against their own driver, lowest coverage first.
    """

    run: str
    channel: str
    points: int
    whole: Reach
    spread: float
    cases: Sequence[tuple[str, Reach]]


def reaches(strands: Sequence[Strand], channels: Sequence[str]) -> Iterator[RunReach]:
    """Yield what runs reach, by channel; a driver with too few frames is passed over.

    Args:
        strands: Drivers and results, thinned as they are drawn.
        channels: The signals.
    """
    drivers = {s.driver: s for s in strands if s.part == DRIVING and len(s.frames) > BALL}
    runs: dict[str, list[Strand]] = {}
    for strand in strands:
        if strand.part == RESULT:
            runs.setdefault(strand.run, []).append(strand)
    for channel in channels:
        if not drivers:
            return
        real = np.concatenate([one.features[channel] for one in drivers.values()])
        for run, made in runs.items():
            points = np.concatenate([one.features[channel] for one in made])
            cases = [
                (
                    _name(one),
                    reach(drivers[one.driver].features[channel], one.features[channel], BALL),
                )
                for one in made
                if one.driver in drivers
            ]
            cases.sort(key=lambda case: (case[1].coverage, case[0]))
            whole = reach(real, points, BALL)
            spread = _spread([(drivers[s.driver], s) for s in made if s.driver in drivers], channel)
            yield RunReach(run, channel, len(points), whole, spread, cases)


def _spread(pairs: Sequence[tuple[Strand, Strand]], channel: str) -> float:
    """Return the summed variance of results over that of their drivers; NaN if those are still."""
    drove = sum(float(driver.features[channel].var(axis=0).sum()) for driver, _ in pairs)
    made = sum(float(result.features[channel].var(axis=0).sum()) for _, result in pairs)
    return made / drove if drove > 0.0 else float("nan")


def _name(strand: Strand) -> str:
    return f"{strand.case}, person {strand.person}" if strand.person else strand.case

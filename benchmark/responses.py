"""How much of its full motion a method makes at each setting of its dial.

Of a series (one portrait, one driver, several settings s) with the result's signal x_s(t), rows
over the frames that all settings share, the response is the coefficient of least squares

    r(s) = sum_t <x_s(t) - x_0(t), x_1(t) - x_0(t)> / sum_t |x_1(t) - x_0(t)|^2

where 0 and 1 stand for the lowest and the highest setting: r is 0 and 1 there, and s in between for
a method that interpolates linearly (PortraitDirector, supplement, equation 1, asks for that of its
latents). Our definition; no paper prints a response.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UsageProblem
from benchmark.points import CHANNELS, RESULT, Strand, delivered, signals
from benchmark.run_case import Say
from benchmark.store import RunRecord

STILL = 1e-9
"""Mean square of a full motion below which there is none."""


@dataclass(frozen=True, slots=True)
class Responses:
    """The answers of one run in one channel.

    Attributes:
        run: Its label.
        channel: ``expression`` or ``pose``.
        dial: Name of the dial.
        series: By series: pairs of setting and response, by rising setting.
    """

    run: str
    channel: str
    dial: str
    series: Mapping[str, Sequence[tuple[float, float]]]


def responses(records: Mapping[str, RunRecord], data: Path | None, say: Say) -> list[Responses]:
    """Return the responses of runs of an interpolation split.

    Args:
        records: Runs by label.
        data: Dataset folder of the runs; ``None`` for ``BENCH_DATA``, or mini.
        say: Told what is left out.

    Raises:
        UsageProblem: If the split has no dial or several, or nothing answers.
        BenchError: As `benchmark.points.signals`.
    """
    cases = {one.case.id: one.case for _, one in delivered(records, data)}
    dials = sorted({name for case in cases.values() for name in case.dials})
    if len(dials) != 1:
        raise UsageProblem(
            f"the split turns {' and '.join(dials)}" if dials else "the split turns no dial",
            "bench data import --protocol interpolation makes a split with one",
        )
    settings = {case.id: (case.series, case.dials[dials[0]]) for case in cases.values()}
    groups: dict[tuple[str, str], dict[float, Strand]] = {}
    for strand in signals(records, data, say):
        if strand.part == RESULT:
            series, setting = settings[strand.case]
            name = f"{series}, {strand.person}" if strand.person else series
            groups.setdefault((strand.run, name), {})[setting] = strand
    complete = _complete(groups, say)
    found = []
    for run in records:
        for channel in CHANNELS:
            answers = _channel(complete, run, channel, say)
            if answers:
                found.append(Responses(run, channel, dials[0], answers))
    if not found:
        raise UsageProblem(
            "no series of these runs answers the dial", "bench look shows what they made"
        )
    return found


def response(still: NDArray[np.float64], made: NDArray[np.float64], full: NDArray[np.float64]
) -> float | None:  # fmt: skip
    """Return r of one setting, see the module; ``None`` if the full motion is none.

    Args:
        still: ``(T, D)`` at the lowest setting.
        made: ``(T, D)`` at this setting.
        full: ``(T, D)`` at the highest.
    """
    whole = full - still
    power = float((whole * whole).sum())
    if power / max(1, len(whole)) < STILL:
        return None
    return float(((made - still) * whole).sum()) / power


def _complete(
    groups: Mapping[tuple[str, str], Mapping[float, Strand]], say: Say
) -> dict[tuple[str, str], Mapping[float, Strand]]:
    """Return the series that have every setting."""
    every = {setting for one in groups.values() for setting in one}
    if len(every) < 2:
        raise UsageProblem("the runs hold one setting of the dial", "run all cases of the split")
    for (run, name), one in groups.items():
        if set(one) != every:
            say(f"left out: {run}, {name}: {len(every - set(one))} settings are missing")
    return {key: one for key, one in groups.items() if set(one) == every}


def _channel(
    groups: Mapping[tuple[str, str], Mapping[float, Strand]], run: str, channel: str, say: Say
) -> dict[str, list[tuple[float, float]]]:
    found = {}
    for (owner, name), one in groups.items():
        if owner != run:
            continue
        shared = set.intersection(*(set(strand.driven.tolist()) for strand in one.values()))
        ordered = sorted(one)
        rows = [_rows(one[setting], sorted(shared), channel) for setting in ordered]
        answers = [response(rows[0], row, rows[-1]) for row in rows]
        if any(answer is None for answer in answers):
            say(f"left out: {run}, {name}, {channel}: nothing moves at the highest setting")
            continue
        found[name] = [(s, a) for s, a in zip(ordered, answers, strict=True) if a is not None]
    return found


def _rows(strand: Strand, driven: Sequence[int], channel: str) -> NDArray[np.float64]:
    """Return the values at driving frames; of several results of a frame, of the first."""
    place = {frame: row for row, frame in reversed(list(enumerate(strand.driven.tolist())))}
    return strand.features[channel][[place[frame] for frame in driven]]

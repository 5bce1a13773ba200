"""Who moves how: for each clip and person another course, smooth, without period, from rest."""

import random
from collections.abc import Mapping, Sequence

import numpy as np

from benchmark.splits.mini.rig import DIALS, Dials

N_FRAMES = 32
_RISE = 6  # frames in which movement sets in, so that the first frame is neutral
_DRAWS = 400
_STEP = (5.0, 10.0)  # frames between two turning points of a dial, on average

_RANGES: Mapping[str, tuple[float, float]] = {
    "yaw": (-12.0, 12.0),
    "pitch": (-6.0, 6.0),
    "roll": (-8.0, 8.0),
    "gaze_yaw": (-20.0, 20.0),
    "gaze_pitch": (-5.0, 5.0),
    "mouth": (0.0, 0.5),
    "smile": (0.0, 1.0),
    "brow": (0.0, 0.6),
}
_OWN_RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "hopper": {"brow": (0.0, 0.35)},  # more would bend the rims of her glasses
}
_HEAD = ("yaw", "pitch", "roll")
_FACE = ("blink", "mouth", "smile", "brow")
_BLINK_SHAPE = (
    0.35,
    0.85,
    1.0,
    1.0,
    0.8,
    0.5,
    0.2,
)  # a blink, frame by frame: shut fast, open slow


def course(clip: str, person: str) -> list[Dials]:
    """Return what a person does in a clip, one entry a frame, the first one neutral.

    The names seed the course: the same names give the same course on every machine. Of many
    courses the one is taken in which the head turns most independently of what the face does, so
    that in a measurement the one is not taken for the other.
    """
    chance = random.Random(f"mini/{clip}/{person}")  # noqa: S311
    ranges = {**_RANGES, **_OWN_RANGES.get(person, {})}
    best = min((_curves(chance, ranges) for _ in range(_DRAWS)), key=_dependence)
    return [Dials(**{name: round(best[name][t], 4) for name in DIALS}) for t in range(N_FRAMES)]


def _curves(
    chance: random.Random, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, list[float]]:
    curves = {name: _curve(chance, low, high) for name, (low, high) in ranges.items()}
    curves["blink"] = _blinks(chance)
    return curves


def _dependence(curves: Mapping[str, Sequence[float]]) -> float:
    """Return the largest correlation, without sign, of a turn of the head with an expression."""
    table = np.abs(np.corrcoef([curves[name] for name in (*_HEAD, *_FACE)]))
    return round(float(table[: len(_HEAD), len(_HEAD) :].max()), 9)


def _curve(chance: random.Random, low: float, high: float) -> list[float]:
    """Return a smooth course through random turning points on alternating sides of the range."""
    times, values = [0.0], [0.0]
    upper, step = chance.random() < 0.5, chance.uniform(*_STEP)
    while times[-1] < N_FRAMES:
        times.append(times[-1] + step * chance.uniform(0.7, 1.3))
        part = chance.uniform(0.65, 1.0) if upper else chance.uniform(0.0, 0.35)
        values.append(low + part * (high - low))
        upper = not upper
    return [_smooth(times, values, t) * min(t / _RISE, 1.0) for t in range(N_FRAMES)]


def _smooth(times: Sequence[float], values: Sequence[float], now: float) -> float:
    """Return the value at ``now`` with no speed at the turning points."""
    k = max(i for i, time in enumerate(times) if time <= now)
    if k == len(times) - 1:
        return values[k]
    x = (now - times[k]) / (times[k + 1] - times[k])
    return values[k] + (values[k + 1] - values[k]) * x * x * (3.0 - 2.0 * x)


def _blinks(chance: random.Random) -> list[float]:
    """Return two blinks, well apart."""
    shut = [0.0] * N_FRAMES
    for start in (chance.randint(4, 9), chance.randint(18, 23)):
        for offset, amount in enumerate(_BLINK_SHAPE):
            shut[start + offset] = amount
    return shut

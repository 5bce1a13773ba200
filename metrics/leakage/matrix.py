"""Everybody against everybody: raw distances and weights, to be looked at, not scored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.leakage.fit import Clip, weights
from metrics.leakage.motion import CHANNELS, Channel
from metrics.signals.face import FaceTrack


@dataclass(frozen=True, slots=True)
class LeakageMatrix:
    """One kind of motion of a case: rows are people of the portrait, columns driving people.

    Attributes:
        channel: `Channel.name`.
        unit: Unit of the distances.
        pairs: Portrait rank and driving rank of each pair; other cells are leaks.
        distances: ``P`` rows of ``M``: mean absolute distance over the frames in which both are
            measured; ``None`` where there is none. The constant difference between two people is
            in it: small is not followed, and large is not unfollowed.
        weights: ``P`` rows of ``M`` of `fit.weights`: shares of each driver's motion; ``None``
            where there is no fit. People whom nobody drives have a row, too.
    """

    channel: str
    unit: str
    pairs: tuple[tuple[int, int], ...]
    distances: tuple[tuple[float | None, ...], ...]
    weights: tuple[tuple[float | None, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for a record."""
        return asdict(self)


def matrices(
    generated: Sequence[FaceTrack],
    drivers: Sequence[FaceTrack],
    pairs: tuple[tuple[int, int], ...],
    scored: NDArray[np.bool_],
    fps: float,
) -> tuple[LeakageMatrix, ...]:
    """Return one matrix a channel; arguments as in `fit.leakage`, as tracks."""
    return tuple(
        _matrix(c, generated, drivers, pairs, Clip(scored, fps, c.still)) for c in CHANNELS
    )


def _matrix(
    channel: Channel,
    generated: Sequence[FaceTrack],
    drivers: Sequence[FaceTrack],
    pairs: tuple[tuple[int, int], ...],
    clip: Clip,
) -> LeakageMatrix:
    columns = [channel.motion(driver) for driver in drivers]
    rows = [weights(channel.motion(face), columns, clip)[0] for face in generated]
    distances = [[_mean(channel.distance(g, d)[clip.scored]) for d in drivers] for g in generated]
    return LeakageMatrix(
        channel.name,
        channel.unit,
        pairs,
        tuple(tuple(row) for row in distances),
        tuple(tuple(float(w) if np.isfinite(w) else None for w in row) for row in rows),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None

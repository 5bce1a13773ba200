"""What the metrics of several people are computed from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card
from metrics.crowd.tracks import Tracks
from metrics.score import NotMeasured, Score
from metrics.signals.face import FaceSignal, FaceTrack
from metrics.signals.face_check import check_track

WHOLE = -1
"""Stands for the whole case where a score is asked for by person."""

ONE_PERSON = NotMeasured("the portrait shows one person", of_input=True)


@dataclass(frozen=True, slots=True)
class CrowdEvidence:
    """A case with its people, by driving frame.

    Attributes:
        portrait: Faces of the portrait, one frame.
        result: Faces of the result, by its own frames.
        made: The people of the portrait in the result, ranked as in the portrait; ``None`` where
            nothing says who is who.
        drivers: The driving people by rank, ``(N,)`` frames each; ``None`` likewise.
        pairs: Who drives whom: portrait rank and driving rank.
        place: ``(N,)`` result frame of each driving frame, -1 where there is none.
        scored: ``(N,)`` which driving frames count.
        fps: Frames a second of the driving clip.

    Raises:
        ValueError: If arrays do not belong together, a track is out of range, or a pair names
            somebody who is not there.
    """

    portrait: FaceSignal
    result: FaceSignal
    made: Tracks | None
    drivers: list[FaceTrack] | None
    pairs: tuple[tuple[int, int], ...]
    place: NDArray[np.intp]
    scored: NDArray[np.bool_]
    fps: float

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        length, frames = len(self.place), len(self.result.count)
        if self.scored.shape != (length,) or self.scored.dtype != np.bool_:
            raise ValueError(f"expected {length} booleans, got {self.scored.shape}")
        if length and not -1 <= int(self.place.min()) <= int(self.place.max()) < frames:
            raise ValueError(f"places reach out of the {frames} frames of the result")
        if len(self.portrait.count) != 1:
            raise ValueError(f"expected one frame of portrait, got {len(self.portrait.count)}")
        if not self.fps > 0.0:
            raise ValueError(f"expected frames a second above 0, got {self.fps}")
        for track in self.drivers or ():
            check_track(track, length)
        if self.made is not None and self.made.slots.shape[1:] != (frames,):
            raise ValueError(f"tracks of {self.made.slots.shape[1:]} frames for {frames}")
        self._check_pairs()

    def _check_pairs(self) -> None:
        made = 64 if self.made is None else self.made.people
        drivers = 64 if self.drivers is None else len(self.drivers)
        for source, driving in self.pairs:
            if not (0 <= source < made and 0 <= driving < drivers):
                raise ValueError(f"pair {source}, {driving}: there are {made} and {drivers} people")

    def by_driving(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values of result frames, ``(T, ...)``, by driving frame; NaN without a result."""
        taken = values[self.place].astype(np.float64)
        taken[self.place < 0] = np.nan
        return taken

    def generated(self) -> list[FaceTrack] | None:
        """Return the people of the portrait in the result, ``(N,)`` frames each."""
        if self.made is None:
            return None
        return [track.take(self.place) for track in self.made.faces(self.result)]


@dataclass(frozen=True, slots=True)
class CrowdFamily:
    """Metrics of all people of a case together that come from one computation.

    Attributes:
        cards: Their cards.
        scores: Returns for each card, in their order, one score for each person it judges, by
            portrait rank, or one for `WHOLE`.
    """

    cards: tuple[Card, ...]
    scores: Callable[[CrowdEvidence], tuple[Mapping[int, Score], ...]]


def lost(evidence: CrowdEvidence) -> NotMeasured | None:
    """Say why nothing about the people of a case can be measured, if so."""
    if evidence.drivers is None:
        return NotMeasured("no driving frame shows all driving people at once", of_input=True)
    if evidence.made is None:
        return NotMeasured("no frame of the result shows all people of the portrait at once")
    if not evidence.scored.any():
        return NotMeasured("no frame is scored: there is only the first one", of_input=True)
    return None

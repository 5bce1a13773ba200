"""From values per frame to one score: the only place where frames are averaged."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card
from metrics.score import Measured, NotMeasured, Score
from metrics.signals.face import FaceTrack
from metrics.signals.face_check import check_track

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """One person in a result beside the person who drove them, aligned by the frame map.

    Attributes:
        generated: ``(N,)`` frames of the result.
        driver: The driving frames they came from, also ``(N,)``.
        scored: ``(N,)``: which frames count. Frames that do not (the source frame in
            self-reenactment) may still serve as the baseline of relative metrics.
        source: The person in the portrait, one frame; ``None`` where it was not looked at.
        fps: Frames a second of the driving clip.
    """

    generated: FaceTrack
    driver: FaceTrack
    scored: BoolArray
    source: FaceTrack | None = None
    fps: float = 25.0

    def __post_init__(self) -> None:
        """Refuse tracks of a wrong type, shape or range, with `ValueError`."""
        for track in (self.generated, self.driver):
            check_track(track, len(self.scored))
        if self.source is not None:
            check_track(self.source, 1)


@dataclass(frozen=True, slots=True)
class FrameValues:
    """What a metric says about each frame.

    Attributes:
        values: ``(N,)`` float64; NaN where the result could not be measured.
        judgeable: ``(N,)``: whether the input allows a judgement at all.
        baseline: Frame that is zero by construction and therefore not scored, if there is one.
        absent: What to say when no judgeable frame could be measured.
    """

    values: FloatArray
    judgeable: BoolArray
    baseline: int | None = None
    absent: str = "the face was not found in any frame of the result"

    def counted(self) -> FloatArray:
        """Return ``(N,)`` with NaN wherever a frame does not enter a score even if it is scored.

        Those are frames that cannot be judged or were not measured, and the baseline.
        """
        values = np.where(self.judgeable & np.isfinite(self.values), self.values, np.nan)
        if self.baseline is not None:
            values[self.baseline] = np.nan
        return values


@dataclass(frozen=True, slots=True)
class FaceMetric:
    """A metric of one person's face track against their driver's."""

    card: Card
    per_frame: Callable[[FaceEvidence], FrameValues]

    def frames(self, evidence: FaceEvidence) -> FrameValues | NotMeasured:
        """Return the values of each frame, or why this person cannot be judged at all."""
        return self.per_frame(evidence)

    def __call__(self, evidence: FaceEvidence) -> Score:
        """Score one person of one case."""
        found = self.frames(evidence)
        return found if isinstance(found, NotMeasured) else reduce_frames(found, evidence.scored)


def reduce_frames(result: FrameValues, scored: BoolArray) -> Score:
    """Average over the scored, judgeable frames that could be measured.

    Returns:
        The mean in float64 with its coverage, or `NotMeasured` where nothing was left.
    """
    if result.baseline is not None:
        scored = scored.copy()
        scored[result.baseline] = False
    judgeable = result.judgeable & scored
    measured = judgeable & np.isfinite(result.values)
    total, frames = int(judgeable.sum()), int(measured.sum())
    if not scored.any():
        return NotMeasured("no frame is scored: there is only the first one", of_input=True)
    if total == 0:
        return NotMeasured("the driving clip cannot be judged in any scored frame", of_input=True)
    if frames == 0:
        return NotMeasured(result.absent)
    value = float(np.mean(result.values[measured], dtype=np.float64))
    return Measured(value, frames, total, unjudged=int(scored.sum()) - total)


def both_present(evidence: FaceEvidence) -> BoolArray:
    """Return ``(N,)``: frames in which driver and result both have the face."""
    return evidence.generated.present & evidence.driver.present


def baseline(evidence: FaceEvidence) -> int | None:
    """Return the first frame in which both faces are found, the zero of relative metrics."""
    found = np.flatnonzero(both_present(evidence))
    return int(found[0]) if len(found) else None


def absolute(distance: Callable[[FaceTrack, FaceTrack], FloatArray], card: Card) -> FaceMetric:
    """Make the metric ``distance(generated_t, driver_t)``."""

    def per_frame(evidence: FaceEvidence) -> FrameValues:
        return FrameValues(distance(evidence.generated, evidence.driver), evidence.driver.present)

    return FaceMetric(card, per_frame)


def relative(distance: Callable[[FaceTrack, FaceTrack, int], FloatArray], card: Card) -> FaceMetric:
    """Make the metric of motion since the baseline frame, which itself is not scored.

    Args:
        distance: Takes generated, driver and the baseline index; values before it are ignored.
        card: The metric's card.
    """

    def per_frame(evidence: FaceEvidence) -> FrameValues:
        start = baseline(evidence)
        length = len(evidence.scored)
        if start is None:
            return FrameValues(np.full(length, np.nan), evidence.driver.present)
        values = distance(evidence.generated, evidence.driver, start)
        values[:start] = np.nan
        return FrameValues(values, evidence.driver.present, baseline=start)

    return FaceMetric(card, per_frame)

"""From the evidence of a case to its scores, per person and for the whole case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.measure import CaseEvidence
from benchmark.splits.manifest import REENACTMENT, Case, Pair, Protocol
from benchmark.store import CaseScore
from metrics import speed
from metrics.crowd import left_to_right, people_in, track_people
from metrics.frames import FaceEvidence, FrameValues, reduce_frames
from metrics.registry import CARDS, FACE_METRICS, PIXEL_METRICS
from metrics.score import Measured, NotMeasured, Score
from metrics.signals.face import FaceSignal, FaceTrack
from metrics.temporal import FLICKER, flicker

WHOLE_CASE = -1


@dataclass(frozen=True, slots=True)
class Timing:
    """Generation times of a case and why they may not count."""

    timings: Mapping[str, Any]
    n_frames: int
    excluded: str


def score_case(
    case: Case, evidence: CaseEvidence, timing: Timing, protocol: Protocol = REENACTMENT
) -> list[CaseScore]:
    """Return every score of a case, in table order, persons before the whole.

    Args:
        case: The case.
        evidence: What was measured of it.
        timing: What was timed of it.
        protocol: The rules of its split.
    """
    scored = _scored_frames(case, evidence, protocol)
    by_metric: dict[str, list[tuple[int, Score]]] = {}
    for metric_id, score in _pixel_scores(evidence, scored):
        by_metric[metric_id] = [(WHOLE_CASE, score)]
    for metric_id, persons in _face_scores(case, evidence, scored).items():
        whole = (WHOLE_CASE, combine([score for _, score in persons]))
        by_metric[metric_id] = [*persons, whole] if len(persons) > 1 else [whole]
    by_metric[FLICKER.id] = [(WHOLE_CASE, _flicker(evidence, scored))]
    time = speed.GenerationTime(
        timing.timings["total_s"], timing.timings["frames_s"], timing.n_frames, timing.excluded
    )
    by_metric[speed.FPS.id] = [(WHOLE_CASE, speed.fps(time))]
    by_metric[speed.LATENCY.id] = [(WHOLE_CASE, speed.latency(time))]
    return [
        CaseScore(case.id, case.protocol, metric_id, person, score)
        for metric_id, card in CARDS.items()
        if case.protocol in card.protocols
        for person, score in by_metric[metric_id]
    ]


def combine(scores: list[Score]) -> Score:
    """Average over the persons of a case.

    A person whom the input does not allow to judge is left out, for every method alike, and their
    frames count as unjudged. A person whom the method lost leaves the case unmeasured: averaging
    over the others would reward losing a face.
    """
    values = [score for score in scores if isinstance(score, Measured)]
    absent = [score for score in scores if isinstance(score, NotMeasured)]
    lost = next((score for score in absent if not score.of_input), None)
    if lost or not values:
        first = lost or absent[0]
        reason = first.reason if len(scores) == 1 else f"one person: {first.reason}"
        return NotMeasured(reason, first.of_input)
    per_person = values[0].total + values[0].unjudged
    return Measured(
        float(np.mean([score.value for score in values])),
        sum(score.frames for score in values),
        sum(score.total for score in values),
        unjudged=sum(score.unjudged for score in values) + per_person * len(absent),
    )


def _scored_frames(case: Case, evidence: CaseEvidence, protocol: Protocol) -> NDArray[np.bool_]:
    """Return which driving frames count.

    In self-reenactment the first is the source: the protocol says whether it does.
    """
    scored = np.ones(len(evidence.driver.face.count), dtype=np.bool_)
    scored[0] = case.protocol != "self" or protocol.first_frame != "excluded"
    return scored


def _result_of(evidence: CaseEvidence) -> NDArray[np.intp]:
    """Return for each driving frame the first result frame that came from it, or -1.

    Everything is scored by driving frame: one that no result came from is missing from the
    coverage, and one that many came from counts once.
    """
    result = np.full(len(evidence.driver.face.count), -1, dtype=np.intp)
    result[evidence.frame_map[::-1]] = np.arange(len(evidence.frame_map))[::-1]
    return result


def _pixel_scores(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Iterator[tuple[str, Score]]:
    place = _result_of(evidence)
    for metric in PIXEL_METRICS:
        values = evidence.pixels.get(metric.card.id, [])
        if isinstance(values, str):
            yield metric.card.id, NotMeasured(values)
        elif values:
            by_driving = np.where(place >= 0, np.array(values)[place], np.nan)
            everywhere = np.ones(len(place), dtype=np.bool_)
            frames = FrameValues(by_driving, everywhere, absent="no scored frame was delivered")
            yield metric.card.id, reduce_frames(frames, scored)


def _flicker(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Score:
    """Compare steps between neighbours in the result that are scored neighbours in the driver."""
    steps, driver = evidence.clip.steps, evidence.driver.steps
    place = _result_of(evidence)
    pairs = scored[:-1] & scored[1:]
    joined = pairs & (place[:-1] >= 0) & (place[1:] == place[:-1] + 1)
    before = place[:-1][joined]
    return flicker(list(steps[before]), list(driver[joined]), int(pairs.sum()))


def _face_scores(
    case: Case, evidence: CaseEvidence, scored: NDArray[np.bool_]
) -> dict[str, list[tuple[int, Score]]]:
    """Return for each face metric one score a driven person, by source rank."""
    drivers = _driving_tracks(case, evidence.driver.face)
    made = _result_tracks(case, evidence)
    result: dict[str, list[tuple[int, Score]]] = {}
    for pair in sorted(case.pairs, key=lambda p: p.source):
        person = _person(pair, made, drivers, evidence, scored)
        for metric in FACE_METRICS:
            score = person if isinstance(person, NotMeasured) else metric(person)
            result.setdefault(metric.card.id, []).append((pair.source, score))
    return result


def _person(
    pair: Pair,
    made: list[FaceTrack] | None,
    drivers: list[FaceTrack] | None,
    evidence: CaseEvidence,
    scored: NDArray[np.bool_],
) -> FaceEvidence | NotMeasured:
    if drivers is None:
        return NotMeasured("no driving frame shows all driving people at once", of_input=True)
    if made is None:
        return NotMeasured("no frame of the result shows all people of the portrait at once")
    generated = made[pair.source].take(_result_of(evidence))
    return FaceEvidence(generated, drivers[pair.driving], scored)


def _driving_tracks(case: Case, signal: FaceSignal) -> list[FaceTrack] | None:
    return track_people(signal, people_in(signal, 1 + max(p.driving for p in case.pairs)))


def _result_tracks(case: Case, evidence: CaseEvidence) -> list[FaceTrack] | None:
    """Follow the people of the portrait through the result."""
    boxes = evidence.source.face.boxes()[0]
    people = len(left_to_right(boxes, len(boxes)))
    return track_people(evidence.clip.face, max(people, 1 + max(p.source for p in case.pairs)))


def unjudgeable(case: Case, source: FaceSignal) -> str:
    """Say why the portrait of a case cannot be judged; empty if it can."""
    needed, found = 1 + max(p.source for p in case.pairs), int(source.count[0])
    if found == 0:
        return "no face found in the portrait"
    if found < needed:
        return f"{found} of {needed} faces found in the portrait"
    return ""

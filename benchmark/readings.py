"""From the evidence of a case to what each metric reads: a score, and what it is the mean of."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmark.measure import CaseEvidence
from benchmark.people import People, everybody
from benchmark.splits.manifest import Case, Protocol
from metrics.crowd.evidence import CrowdEvidence
from metrics.emotion import ClipMetric
from metrics.frames import FaceEvidence, FrameValues, reduce_frames
from metrics.registry import (
    CANONICAL,
    CROWD_METRICS,
    FACE_METRICS,
    STEP_METRICS,
    PersonMetric,
)
from metrics.score import Measured, NotMeasured, Score
from metrics.selection import FACE
from metrics.steps import StepMetric
from metrics.temporal import ALONG_TRUTH

WHOLE_CASE = -1

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one metric says of one person of a case, or of the whole.

    Attributes:
        person: Source rank; `WHOLE_CASE` for the whole.
        score: The score.
        frames: ``(N,)`` values by driving frame whose mean over the scored frames is the score;
            NaN where a frame does not enter it. ``None`` if there is no score, or if it is no
            mean over frames. The value of a step stands at the frame in which it ends.
        driver: The driving clip's own values, likewise, where the metric is judged by them.
    """

    person: int
    score: Score
    frames: FloatArray | None = field(default=None, compare=False)
    driver: FloatArray | None = field(default=None, compare=False)


Readings = dict[str, list[Reading]]
"""By canonical protocol id; persons before the whole case."""


def read_case(case: Case, evidence: CaseEvidence, protocol: Protocol, ids: set[str]) -> Readings:
    """Return what the evidence holds; of faces only what is asked for.

    Args:
        case: The case.
        evidence: What was measured of it.
        protocol: The rules of its split.
        ids: Canonical protocol ids of the metrics that are wanted.
    """
    scored = scored_frames(case, len(evidence.driver.face.count), protocol)
    found: Readings = {}
    for metric_id, reading in _of_pairs(evidence, scored):
        found[metric_id] = [reading]
    people = everybody(case, evidence, _place(evidence), scored)
    for metric_id, persons in _of_faces(case, people, ids).items():
        found[metric_id] = _with_whole(persons)
    found.update(_of_crowds(people.crowd, ids))
    for metric_id, reading in _of_steps(evidence, scored):
        found[metric_id] = [reading]
    return found


def _with_whole(persons: list[Reading]) -> list[Reading]:
    """Return the readings of persons and, after them, of the case; one person is the case."""
    if len(persons) == 1:
        (one,) = persons
        return [Reading(WHOLE_CASE, combine([one.score]), one.frames, one.driver)]
    return [*persons, Reading(WHOLE_CASE, combine([one.score for one in persons]))]


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
    drivers = [score.driver for score in values if score.driver is not None]
    return Measured(
        float(np.mean([score.value for score in values])),
        sum(score.frames for score in values),
        sum(score.total for score in values),
        driver=float(np.mean(drivers)) if len(drivers) == len(values) else None,
        unjudged=sum(score.unjudged for score in values) + per_person * len(absent),
    )


def scored_frames(case: Case, n_frames: int, protocol: Protocol) -> NDArray[np.bool_]:
    """Return which driving frames count.

    In self-reenactment the first is the source: the protocol says whether it does.
    """
    scored = np.ones(n_frames, dtype=np.bool_)
    scored[0] = case.protocol != "self" or protocol.first_frame != "excluded"
    return scored


def result_of(frame_map: NDArray[np.intp], n_frames: int) -> NDArray[np.intp]:
    """Return for each driving frame the first result frame that came from it, or -1.

    Everything is scored by driving frame: one that no result came from is missing from the
    coverage, and one that many came from counts once.
    """
    result = np.full(n_frames, -1, dtype=np.intp)
    result[frame_map[::-1]] = np.arange(len(frame_map))[::-1]
    return result


def _place(evidence: CaseEvidence) -> NDArray[np.intp]:
    return result_of(evidence.frame_map, len(evidence.driver.face.count))


def _reduced(person: int, found: FrameValues, scored: NDArray[np.bool_]) -> Reading:
    score = reduce_frames(found, scored)
    return Reading(person, score, found.counted() if isinstance(score, Measured) else None)


def _of_pairs(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Iterator[tuple[str, Reading]]:
    """Read what was measured on result frames beside the true ones."""
    place = _place(evidence)
    for metric_id, values in evidence.pairs.items():
        if isinstance(values, NotMeasured):
            yield metric_id, Reading(WHOLE_CASE, values)
            continue
        by_driving = np.where(place >= 0, values[place], np.nan)
        judgeable = np.ones(len(place), dtype=np.bool_)
        if FACE in CANONICAL[metric_id].extractors:
            judgeable = evidence.driver.face.count > 0
        found = FrameValues(by_driving, judgeable, absent="no scored frame was delivered")
        yield metric_id, _reduced(WHOLE_CASE, found, scored)


def _of_steps(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Iterator[tuple[str, Reading]]:
    """Compare steps between neighbours in the result that are scored neighbours in the driver."""
    place = _place(evidence)
    pairs = scored[:-1] & scored[1:]
    joined = pairs & (place[:-1] >= 0) & (place[1:] == place[:-1] + 1)
    for metric in STEP_METRICS:
        name = metric.card.extractors[0]
        made = _made_steps(metric, evidence)
        if isinstance(made, NotMeasured):
            yield metric.card.id, Reading(WHOLE_CASE, made)
        elif made is not None and name in evidence.driver.arrays:
            steps = made[place[:-1][joined]], evidence.driver.arrays[name][joined]
            yield metric.card.id, _steps_read(metric, steps, int(pairs.sum()), joined)


def _steps_read(
    metric: StepMetric, steps: tuple[FloatArray, FloatArray], total: int, joined: NDArray[np.bool_]
) -> Reading:
    """Score the steps of result and driver that belong together."""
    made, drove = steps
    score = metric.score([float(s) for s in made], [float(s) for s in drove], total)
    if isinstance(score, NotMeasured):
        return Reading(WHOLE_CASE, score)
    values = metric.per_step(made, drove)
    own = None if score.driver is None else np.where(np.isfinite(values), drove, np.nan)
    ends = np.flatnonzero(joined) + 1
    return Reading(
        WHOLE_CASE,
        score,
        _at(ends, values, len(joined) + 1),
        None if own is None else _at(ends, own, len(joined) + 1),
    )


def _at(frames: NDArray[np.intp], values: FloatArray, length: int) -> FloatArray:
    placed = np.full(length, np.nan)
    placed[frames] = values
    return placed


def _made_steps(metric: StepMetric, evidence: CaseEvidence) -> FloatArray | NotMeasured | None:
    """Return ``(N - 1,)`` numbers of the result's steps; ``None`` if nobody measured them."""
    if metric not in ALONG_TRUTH:
        return evidence.clip.arrays.get(metric.card.extractors[0])
    found = evidence.pairs.get(metric.card.id)  # the value of a frame is that of the step to it
    return found[1:] if isinstance(found, np.ndarray) else found


def _of_faces(case: Case, people: People, ids: set[str]) -> Readings:
    """Read each face metric off each driven person, by source rank."""
    wanted = [metric for metric in FACE_METRICS if metric.card.id in ids]
    found: Readings = {}
    for pair in sorted(case.pairs, key=lambda p: p.source):
        one = people.person(pair)
        for metric in wanted:
            reading = (
                Reading(pair.source, one)
                if isinstance(one, NotMeasured)
                else _of_person(metric, pair.source, one)
            )
            found.setdefault(metric.card.id, []).append(reading)
    return found


def _of_person(metric: PersonMetric, person: int, one: FaceEvidence) -> Reading:
    if isinstance(metric, ClipMetric):
        return Reading(person, metric(one))
    found = metric.frames(one)
    if isinstance(found, NotMeasured):
        return Reading(person, found)
    return _reduced(person, found, one.scored)


def _of_crowds(crowd: CrowdEvidence, ids: set[str]) -> Readings:
    """Read each metric of several people: by portrait rank, then the whole."""
    found: Readings = {}
    for family in CROWD_METRICS:
        if not any(card.id in ids for card in family.cards):
            continue
        for card, scores in zip(family.cards, family.scores(crowd), strict=True):
            persons = [Reading(r, scores[r]) for r in sorted(scores) if r != WHOLE_CASE]
            whole = scores.get(WHOLE_CASE) or combine([one.score for one in persons])
            found[card.id] = [*persons, Reading(WHOLE_CASE, whole)]
    return found

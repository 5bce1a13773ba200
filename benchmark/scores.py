"""From the evidence of a case to its scores, per person and for the whole case."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.choice import fits
from benchmark.measure import CaseEvidence
from benchmark.people import People, everybody
from benchmark.splits.manifest import REENACTMENT, Case, Protocol
from benchmark.store import CaseScore
from metrics import speed
from metrics.crowd.evidence import CrowdEvidence
from metrics.frames import FrameValues, reduce_frames
from metrics.registry import CANONICAL, CROWD_METRICS, FACE_METRICS, STEP_METRICS
from metrics.score import Measured, NotMeasured, Score
from metrics.selection import FACE, Active
from metrics.steps import StepMetric
from metrics.temporal import ALONG_TRUTH

WHOLE_CASE = -1

Scores = dict[str, list[tuple[int, Score]]]
"""By canonical protocol id: person and score, persons before the whole case."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Generation times of a case and why they may not count."""

    timings: Mapping[str, Any]
    n_frames: int
    excluded: str


def score_case(
    case: Case,
    evidence: CaseEvidence,
    timing: Timing,
    metrics: Sequence[Active],
    protocol: Protocol = REENACTMENT,
) -> list[CaseScore]:
    """Return the scores of a case, in table order, persons before the whole.

    Args:
        case: The case.
        evidence: What was measured of it.
        timing: What was timed of it.
        metrics: Which metrics, and under which id.
        protocol: The rules of its split.
    """
    wanted = [metric for metric in metrics if applies(metric, case)]
    ids = {metric.base.id for metric in wanted}
    found = _everything(case, evidence, timing, protocol, ids)
    return [
        CaseScore(case.id, case.protocol, metric.card.id, person, score)
        for metric in wanted
        for person, score in found[metric.base.id]
    ]


def applies(metric: Active, case: Case) -> bool:
    """Say whether a case gets a score of this metric.

    None does where the metric is absent; the record of the run says why.
    """
    return not metric.absent and metric.card.over == "case" and fits(metric.card, case)


def _everything(
    case: Case, evidence: CaseEvidence, timing: Timing, protocol: Protocol, ids: set[str]
) -> Scores:
    """Score what the evidence holds; of faces only what is asked for."""
    scored = scored_frames(case, len(evidence.driver.face.count), protocol)
    found: Scores = {}
    for metric_id, score in _pair_scores(evidence, scored):
        found[metric_id] = [(WHOLE_CASE, score)]
    people = everybody(case, evidence, _place(evidence), scored)
    for metric_id, persons in _face_scores(case, people, ids).items():
        whole = (WHOLE_CASE, combine([score for _, score in persons]))
        found[metric_id] = [*persons, whole] if len(persons) > 1 else [whole]
    for metric_id, by_person in _crowd_scores(people.crowd, ids):
        found[metric_id] = by_person
    for metric_id, score in _step_scores(evidence, scored):
        found[metric_id] = [(WHOLE_CASE, score)]
    time = speed.GenerationTime(
        timing.timings["total_s"], timing.timings["frames_s"], timing.n_frames, timing.excluded
    )
    found[speed.FPS.id] = [(WHOLE_CASE, speed.fps(time))]
    found[speed.LATENCY.id] = [(WHOLE_CASE, speed.latency(time))]
    return found


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


def _pair_scores(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Iterator[tuple[str, Score]]:
    """Score what was measured on result frames beside the true ones."""
    place = _place(evidence)
    for metric_id, values in evidence.pairs.items():
        if isinstance(values, NotMeasured):
            yield metric_id, values
            continue
        by_driving = np.where(place >= 0, values[place], np.nan)
        judgeable = np.ones(len(place), dtype=np.bool_)
        if FACE in CANONICAL[metric_id].extractors:
            judgeable = evidence.driver.face.count > 0
        frames = FrameValues(by_driving, judgeable, absent="no scored frame was delivered")
        yield metric_id, reduce_frames(frames, scored)


def _step_scores(evidence: CaseEvidence, scored: NDArray[np.bool_]) -> Iterator[tuple[str, Score]]:
    """Compare steps between neighbours in the result that are scored neighbours in the driver."""
    place = _place(evidence)
    pairs = scored[:-1] & scored[1:]
    joined = pairs & (place[:-1] >= 0) & (place[1:] == place[:-1] + 1)
    before = place[:-1][joined]
    for metric in STEP_METRICS:
        name = metric.card.extractors[0]
        made = _made_steps(metric, evidence)
        if isinstance(made, NotMeasured):
            yield metric.card.id, made
        elif made is not None and name in evidence.driver.arrays:
            generated = [float(step) for step in made[before]]
            driver = [float(step) for step in evidence.driver.arrays[name][joined]]
            yield metric.card.id, metric.score(generated, driver, int(pairs.sum()))


def _made_steps(
    metric: StepMetric, evidence: CaseEvidence
) -> NDArray[np.float64] | NotMeasured | None:
    """Return ``(N - 1,)`` numbers of the result's steps; ``None`` if nobody measured them."""
    if metric not in ALONG_TRUTH:
        return evidence.clip.arrays.get(metric.card.extractors[0])
    found = evidence.pairs.get(metric.card.id)  # the value of a frame is that of the step to it
    return found[1:] if isinstance(found, np.ndarray) else found


def _face_scores(case: Case, people: People, ids: set[str]) -> Scores:
    """Return for each face metric one score a driven person, by source rank."""
    wanted = [metric for metric in FACE_METRICS if metric.card.id in ids]
    found: Scores = {}
    for pair in sorted(case.pairs, key=lambda p: p.source):
        one = people.person(pair)
        for metric in wanted:
            score = one if isinstance(one, NotMeasured) else metric(one)
            found.setdefault(metric.card.id, []).append((pair.source, score))
    return found


def _crowd_scores(
    crowd: CrowdEvidence, ids: set[str]
) -> Iterator[tuple[str, list[tuple[int, Score]]]]:
    """Yield for each metric of several people its scores: by portrait rank, then the whole."""
    for family in CROWD_METRICS:
        if not any(card.id in ids for card in family.cards):
            continue
        for card, scores in zip(family.cards, family.scores(crowd), strict=True):
            persons = [(rank, scores[rank]) for rank in sorted(scores) if rank != WHOLE_CASE]
            whole = scores.get(WHOLE_CASE) or combine([score for _, score in persons])
            yield card.id, [*persons, (WHOLE_CASE, whole)]

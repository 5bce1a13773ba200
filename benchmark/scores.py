"""The scores of a case under the ids of a run, and the values of frames behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.choice import fits
from benchmark.frame_values import CaseFrames
from benchmark.measure import CaseEvidence
from benchmark.readings import WHOLE_CASE, Reading, Readings, read_case, scored_frames
from benchmark.splits.manifest import REENACTMENT, Case, Protocol
from benchmark.store import CaseScore
from metrics import speed
from metrics.selection import Active


@dataclass(frozen=True, slots=True)
class Timing:
    """Generation times of a case and why they may not count."""

    timings: Mapping[str, Any]
    n_frames: int
    excluded: str


@dataclass(frozen=True, slots=True)
class ScoredCase:
    """A case with its numbers.

    Attributes:
        scores: In table order, persons before the whole.
        frames: The values of frames that the scores are means of.
    """

    scores: list[CaseScore]
    frames: CaseFrames


def score_case(
    case: Case,
    evidence: CaseEvidence,
    timing: Timing,
    metrics: Sequence[Active],
    protocol: Protocol = REENACTMENT,
) -> ScoredCase:
    """Return the scores of a case and the values behind them.

    Args:
        case: The case.
        evidence: What was measured of it.
        timing: What was timed of it.
        metrics: Which metrics, and under which id.
        protocol: The rules of its split.
    """
    wanted = [metric for metric in metrics if applies(metric, case)]
    ids = {metric.base.id for metric in wanted}
    found = {**read_case(case, evidence, protocol, ids), **_of_time(timing)}
    named = [(metric.card.id, one) for metric in wanted for one in found[metric.base.id]]
    return ScoredCase(
        [CaseScore(case.id, case.protocol, name, one.person, one.score) for name, one in named],
        CaseFrames(
            case.id,
            case.rate,
            scored_frames(case, len(evidence.driver.face.count), protocol),
            {(name, one.person): one.frames for name, one in named if one.frames is not None},
            {name: one.driver for name, one in named if one.driver is not None},
        ),
    )


def applies(metric: Active, case: Case) -> bool:
    """Say whether a case gets a score of this metric.

    None does where the metric is absent; the record of the run says why.
    """
    return not metric.absent and metric.card.over == "case" and fits(metric.card, case)


def _of_time(timing: Timing) -> Readings:
    time = speed.GenerationTime(
        timing.timings["total_s"], timing.timings["frames_s"], timing.n_frames, timing.excluded
    )
    return {
        speed.FPS.id: [Reading(WHOLE_CASE, speed.fps(time))],
        speed.LATENCY.id: [Reading(WHOLE_CASE, speed.latency(time))],
    }

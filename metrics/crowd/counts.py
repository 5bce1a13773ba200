"""Faces too few and faces too many."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, INFINITE
from metrics.crowd.definition import TRACKER
from metrics.crowd.evidence import ONE_PERSON, WHOLE, CrowdEvidence, CrowdFamily, lost
from metrics.score import Measured, NotMeasured, Score

_NOT_DELIVERED = NotMeasured("no scored frame was delivered")


def found(evidence: CrowdEvidence) -> NDArray[np.float64]:
    """Return ``(P, N)``: 1 where a person of the portrait was found in the result, 0 where not.

    NaN in driving frames that no result came from.
    """
    assert evidence.made is not None
    return evidence.by_driving(evidence.made.present.T.astype(np.float64)).T


def expected(evidence: CrowdEvidence) -> NDArray[np.bool_]:
    """Return ``(P, N)``: whether a person can be expected to be found.

    A driven person wherever their driver was found: a method that follows somebody into a profile
    that no tracker reads has lost nobody. A person whom nobody drives always.
    """
    assert evidence.made is not None
    assert evidence.drivers is not None
    result = np.ones((evidence.made.people, len(evidence.place)), dtype=np.bool_)
    for source, driving in evidence.pairs:
        result[source] = evidence.drivers[driving].present
    return result


def missing_faces(evidence: CrowdEvidence) -> Mapping[int, Score]:
    """Return the mean number of people a frame that are expected and not found."""
    if (reason := _unfit(evidence)) is not None:
        return {WHOLE: reason}
    absent = np.where(expected(evidence), 1.0 - found(evidence), 0.0).sum(axis=0)
    return {WHOLE: _mean(absent, evidence)}


def extra_faces(evidence: CrowdEvidence) -> Mapping[int, Score]:
    """Return the mean number of faces a frame that belong to nobody of the portrait."""
    if (reason := _unfit(evidence)) is not None:
        return {WHOLE: reason}
    assert evidence.made is not None
    nobodys = evidence.result.count - evidence.made.present.sum(axis=0)
    bystanders = int(evidence.portrait.count[0]) - evidence.made.people
    extra = np.maximum(nobodys - max(bystanders, 0), 0)
    return {WHOLE: _mean(evidence.by_driving(extra.astype(np.float64)), evidence)}


def face_coverage(evidence: CrowdEvidence) -> Mapping[int, Score]:
    """Return for each person of the portrait the share of frames in which they were found."""
    if (reason := _unfit(evidence)) is not None:
        return {WHOLE: reason}
    here, wanted = found(evidence), expected(evidence) & evidence.scored
    scores: dict[int, Score] = {}
    for person, (there, when) in enumerate(zip(here, wanted, strict=True)):
        total, judged = int(when.sum()), int(np.isfinite(there[when]).sum())
        if not total:
            scores[person] = NotMeasured("the driver is found in no scored frame", of_input=True)
        elif not judged:
            scores[person] = _NOT_DELIVERED
        else:
            share = float(np.nansum(there[when])) / judged
            unjudged = int(evidence.scored.sum()) - total
            scores[person] = Measured(share, judged, total, unjudged=unjudged)
    return scores


def _unfit(evidence: CrowdEvidence) -> NotMeasured | None:
    if (reason := lost(evidence)) is not None:
        return reason
    assert evidence.made is not None
    return ONE_PERSON if evidence.made.people < 2 else None


def _mean(values: NDArray[np.float64], evidence: CrowdEvidence) -> Score:
    """Average over the scored frames that were delivered."""
    kept = values[evidence.scored & np.isfinite(values)]
    if not len(kept):
        return _NOT_DELIVERED
    return Measured(float(kept.mean()), len(kept), int(evidence.scored.sum()))


MISSING_FACES = Card(
    name="missing_faces",
    definition="iou-shape",
    title="missing",
    formula="people of the portrait who are not found in a frame, those left out whose driver is "
    "not found there either; frame -> case (mean over delivered frames) -> split (mean)",
    unit="faces/frame",
    direction=Direction.LOWER,
    bounds=(0.0, INFINITE),
    protocols=BOTH,
    people=2,
    extractors=(EXTRACTOR,),
    missing="driving frames that no result came from lower the coverage",
    identical=0.0,
    source="ours; no public evaluation of portrait animation counts faces",
    inference=f"people of the portrait are followed by {TRACKER.id}; faces below "
    f"{TRACKER.smallest:g} of the size of the largest are bystanders unless the manifest names "
    "them",
)
EXTRA_FACES = replace(
    MISSING_FACES,
    default=False,
    name="extra_faces",
    title="extra",
    formula="faces found in a frame that belong to nobody of the portrait, less the bystanders of "
    "the portrait, never below 0; frame -> case (mean over delivered frames) -> split (mean)",
    notes=("the face engine looks for a limited number of faces: the count saturates there",),
)
FACE_COVERAGE = replace(
    MISSING_FACES,
    default=False,
    name="face_coverage",
    title="found",
    formula="share of the frames in which a person is found, of those in which their driver is "
    "found (all, for a person whom nobody drives); person -> case (mean) -> split (mean)",
    unit="",
    direction=Direction.HIGHER,
    bounds=(0.0, 1.0),
    identical=1.0,
)


def _scores(evidence: CrowdEvidence) -> tuple[Mapping[int, Score], ...]:
    return face_coverage(evidence), missing_faces(evidence), extra_faces(evidence)


COUNTS = CrowdFamily((FACE_COVERAGE, MISSING_FACES, EXTRA_FACES), _scores)

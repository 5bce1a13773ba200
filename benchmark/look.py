"""Looking at one case of a run: who is who, and who moves like whom."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from benchmark.measure import CaseEvidence
from benchmark.people import Followed, everybody, followed
from benchmark.people_sheet import Sheet, Watched, people_sheet
from benchmark.readings import result_of, scored_frames
from benchmark.run_case import RunCase, Say, case_faces
from metrics.crowd.evidence import CrowdEvidence, lost
from metrics.leakage import LeakageMatrix, matrices


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to see of a case.

    Attributes:
        title: Method and case.
        sheet: Contact sheet with boxes and numbers, ``(H, W, 3)`` uint8.
        leakage: One matrix a channel; empty where there is none.
        without: Why there is no matrix.
    """

    title: str
    sheet: Frame
    leakage: tuple[LeakageMatrix, ...]
    without: str = ""


def look(one: RunCase, columns: int, say: Say) -> Looked:
    """Return the contact sheet of a case and the matrices of who moves like whom.

    Args:
        one: The case.
        columns: Driving frames on the sheet, evenly spaced over those that have a result.
        say: Told when faces are measured again.

    Raises:
        BenchError: As `case_faces`, or if media cannot be read.
    """
    faces = case_faces(one, say)
    length = len(faces.driver.face.count)
    place = result_of(faces.frame_map, length)
    scored = scored_frames(one.case, length, one.split.header.protocol)
    crowd = everybody(one.case, faces, place, scored).crowd
    without = _without(crowd)
    return Looked(
        one.title,
        _sheet(one, faces, _spread(place, columns)),
        () if without else _matrices(crowd),
        without,
    )


def _without(crowd: CrowdEvidence) -> str:
    """Say why nobody's motion can be held against anybody's; empty if it can."""
    if (reason := lost(crowd)) is not None:
        return reason.reason
    assert crowd.drivers is not None
    return "one person drives" if len(crowd.drivers) < 2 else ""


def _matrices(crowd: CrowdEvidence) -> tuple[LeakageMatrix, ...]:
    made = crowd.generated()
    assert made is not None
    assert crowd.drivers is not None
    return matrices(made, crowd.drivers, crowd.pairs, crowd.scored, crowd.fps)


def _spread(place: NDArray[np.intp], columns: int) -> list[tuple[int, int]]:
    """Return driving frames and the result frames that came from them, evenly spaced."""
    delivered = np.flatnonzero(place >= 0)
    chosen = np.linspace(0, len(delivered) - 1, min(columns, len(delivered)))
    return [(int(t), int(place[t])) for t in delivered[np.round(chosen).astype(int)]]


def _sheet(one: RunCase, faces: CaseEvidence, shown: list[tuple[int, int]]) -> Frame:
    source, driver, made = faces.source.face, faces.driver.face, faces.clip.face
    tracks: Followed = followed(one.case, source, driver, made)
    driving, result = [t for t, _ in shown], [t for _, t in shown]
    return people_sheet(
        Sheet(
            one.title,
            Watched([one.portrait()], [0], source, tracks.portrait),
            Watched(_frames(one.driving(), driving), driving, driver, tracks.driver),
            Watched(_frames(one.result(), result), result, made, tracks.made),
            [(pair.source, pair.driving) for pair in one.case.pairs],
        )
    )


def _frames(clip: Iterable[Frame], wanted: list[int]) -> list[Frame]:
    """Return some frames of a clip; a frame may be wanted twice."""
    found = {index: frame for index, frame in enumerate(clip) if index in set(wanted)}
    return [found[index] for index in wanted]

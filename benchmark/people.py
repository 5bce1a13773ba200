"""Who is who in a case: people of the portrait, of the driving clip and of the result."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.measure import CaseEvidence
from benchmark.signals import ClipSignals
from benchmark.splits.manifest import Case, Pair
from metrics.crowd import Tracks, follow, people_in
from metrics.crowd.evidence import CrowdEvidence
from metrics.frames import FaceEvidence
from metrics.score import NotMeasured
from metrics.signals.catalogue import SPECS
from metrics.signals.face import FaceSignal, FaceTrack


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in a case, by left-to-right rank.

    Attributes:
        crowd: Portrait, drivers and result with their people, by driving frame.
        source: People of the portrait, one frame each; ``None`` if it does not show them all.
        made: People of the result by driving frame, ranked as in the portrait; ``None`` where
            nothing says who is who.
    """

    crowd: CrowdEvidence
    source: list[FaceTrack] | None
    made: list[FaceTrack] | None

    def person(self, pair: Pair) -> FaceEvidence | NotMeasured:
        """Return one driven person beside their driver."""
        crowd = self.crowd
        if crowd.drivers is None:
            return NotMeasured("no driving frame shows all driving people at once", of_input=True)
        if self.made is None:
            return NotMeasured("no frame of the result shows all people of the portrait at once")
        source = self.source[pair.source] if self.source else None
        driver = crowd.drivers[pair.driving]
        return FaceEvidence(self.made[pair.source], driver, crowd.scored, source, crowd.fps)


@dataclass(frozen=True, slots=True)
class Followed:
    """People of a case by left-to-right rank; ``None`` where nothing says who is who.

    Attributes:
        portrait: In the portrait.
        driver: In the driving clip.
        made: In the result, ranked as in the portrait.
    """

    portrait: Tracks | None
    driver: Tracks | None
    made: Tracks | None


def followed(case: Case, portrait: FaceSignal, driver: FaceSignal, made: FaceSignal) -> Followed:
    """Follow everybody through portrait, driving clip and result of a case, by geometry alone."""
    fps = float(case.rate)
    portrayed = people_in(portrait, 1 + max(p.source for p in case.pairs))
    driving = people_in(driver, 1 + max(p.driving for p in case.pairs))
    return Followed(
        follow(portrait, portrayed, fps),
        follow(driver, driving, fps),
        follow(made, portrayed, fps, portrait),
    )


def everybody(
    case: Case, evidence: CaseEvidence, place: NDArray[np.intp], scored: NDArray[np.bool_]
) -> People:
    """Return who is who in a case.

    Args:
        case: The case.
        evidence: What was measured of it.
        place: ``(N,)`` result frame of each driving frame, -1 where there is none.
        scored: ``(N,)`` which driving frames count.
    """
    portrait, driver, clip = evidence.source, evidence.driver, evidence.clip
    tracks = followed(case, portrait.face, driver.face, clip.face)
    crowd = CrowdEvidence(
        portrait=portrait.face,
        result=clip.face,
        made=tracks.made,
        drivers=_tracks(driver, tracks.driver),
        pairs=tuple((pair.source, pair.driving) for pair in case.pairs),
        place=place,
        scored=scored,
        fps=float(case.rate),
    )
    results = _tracks(clip, tracks.made)
    return People(
        crowd,
        _tracks(portrait, tracks.portrait),
        None if results is None else [track.take(place) for track in results],
    )


def unjudgeable(case: Case, source: FaceSignal) -> str:
    """Say why the portrait of a case cannot be judged; empty if it can."""
    needed, found = 1 + max(p.source for p in case.pairs), int(source.count[0])
    if found == 0:
        return "no face found in the portrait"
    if found < needed:
        return f"{found} of {needed} faces found in the portrait"
    return ""


def _tracks(signals: ClipSignals, found: Tracks | None) -> list[FaceTrack] | None:
    """Return the tracks of people with all that was measured of each face."""
    features = {n: a for n, a in signals.arrays.items() if SPECS[n].layout == "face"}
    return found.faces(signals.face, features) if found else None

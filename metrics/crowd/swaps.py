"""Do two people of a result change places? By the shape of their faces, without identity weights.

Each person of the result is compared with the portrait's faces. Where person i looks like face j
and person j like face i, in sum and for the better part of half a second, the two are exchanged.
Shapes of different views say nothing about people (see `shape`), so that only like views count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, INFINITE
from metrics.crowd.definition import TRACKER
from metrics.crowd.evidence import ONE_PERSON, WHOLE, CrowdEvidence, CrowdFamily, lost
from metrics.crowd.people import left_to_right
from metrics.crowd.shape import distance, shapes
from metrics.pose import geodesic_degrees
from metrics.score import Measured, NotMeasured, Score

_VIEW = 25.0
"""Degrees by which a head may be turned from the portrait's and be compared with it."""
_BETWEEN = 30.0
"""Degrees by which two faces of the portrait may be turned from each other."""
_APART = 0.05
"""Procrustes distance from which on two faces of the portrait can be told apart."""
_MARGIN = 0.02
"""Procrustes distance, summed over two people, by which they must fit better exchanged."""
_WINDOW_S = 0.5


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two people of a portrait over the driving frames.

    Attributes:
        people: Their ranks in the portrait.
        seen: ``(N,)`` frames in which both are found.
        judged: ``(N,)`` frames in which both can be compared.
        exchanged: ``(N,)`` frames in which each looks like the other.
    """

    people: tuple[int, int]
    seen: NDArray[np.bool_]
    judged: NDArray[np.bool_]
    exchanged: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """How often they are exchanged: blocks of such frames among the judged ones."""
        seen = self.exchanged[self.judged].astype(np.int8)
        return int((np.diff(seen, prepend=np.int8(0)) == 1).sum())


def exchanges(evidence: CrowdEvidence) -> list[Exchange] | NotMeasured:
    """Return every pair of people who can be told apart, over time."""
    if (reason := lost(evidence)) is not None:
        return reason
    assert evidence.made is not None
    people = evidence.made.people
    if people < 2:
        return ONE_PERSON
    who = left_to_right(evidence.portrait.boxes()[0], people)
    home = shapes(evidence.portrait.landmarks[0, who], evidence.portrait.size)
    view = evidence.portrait.pose[0, who, :3, :3].astype(np.float64)
    result = shapes(evidence.made.take(evidence.result.landmarks), evidence.result.size)
    turned = evidence.made.take(evidence.result.pose)[..., :3, :3].astype(np.float64)
    like = np.stack([_place(evidence, distance(result, face)) for face in home], axis=1)
    near = np.stack([_place(evidence, _angles(turned[k], view[k])[None])[0] for k in range(people)])
    pairs = []
    for i, j in combinations(range(people), 2):
        if distance(home[i], home[j]) < _APART or _angles(view[i][None], view[j])[0] > _BETWEEN:
            continue
        gain = like[i, i] + like[j, j] - like[i, j] - like[j, i]  # above 0: they fit exchanged
        seen = np.isfinite(gain)
        judged = seen & (near[i] <= _VIEW) & (near[j] <= _VIEW) & evidence.scored
        exchanged = judged & (_steady(gain, judged, evidence.fps) > _MARGIN)
        pairs.append(Exchange((i, j), seen, judged, exchanged))
    if not pairs:
        return NotMeasured(
            "the faces of the portrait are too alike, or seen from too different sides", True
        )
    if not any(pair.judged.any() for pair in pairs):
        return NotMeasured("no frame of the result shows two people as the portrait does")
    return pairs


def _place(evidence: CrowdEvidence, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(P, T)`` values by driving frame, ``(P, N)``."""
    return evidence.by_driving(values.T).T


def _angles(turned: NDArray[np.float64], view: NDArray[np.float64]) -> NDArray[np.float64]:
    return geodesic_degrees(turned, np.broadcast_to(view, turned.shape))


def _steady(
    values: NDArray[np.float64], judged: NDArray[np.bool_], fps: float
) -> NDArray[np.float64]:
    """Return the median over the judged frames within half a window; NaN where not judged."""
    reach = round(_WINDOW_S * fps / 2.0)
    result = np.full(len(values), np.nan)
    for t in np.flatnonzero(judged):
        near = slice(max(t - reach, 0), t + reach + 1)
        result[t] = np.median(values[near][judged[near]])
    return result


def id_swaps(evidence: CrowdEvidence) -> tuple[Mapping[int, Score], ...]:
    """Return how often two people are exchanged, over all pairs, and in which share of frames."""
    pairs = exchanges(evidence)
    if isinstance(pairs, NotMeasured):
        return {WHOLE: pairs}, {WHOLE: pairs}
    judged = np.any([pair.judged for pair in pairs], axis=0)
    exchanged = np.any([pair.exchanged for pair in pairs], axis=0)
    seen = np.any([pair.seen for pair in pairs], axis=0) & evidence.scored
    frames, turned = int(judged.sum()), int((seen & ~judged).sum())
    total = int(evidence.scored.sum()) - turned

    def score(value: float) -> Score:
        return Measured(value, frames, total, unjudged=turned)

    count = float(sum(pair.count for pair in pairs))
    return {WHOLE: score(count)}, {WHOLE: score(float(exchanged.sum()) / frames)}


def _card(name: str, title: str, formula: str, unit: str, top: float) -> Card:
    return Card(
        name=name,
        definition="shape",
        title=title,
        formula=formula,
        unit=unit,
        direction=Direction.LOWER,
        bounds=(0.0, top),
        protocols=BOTH,
        people=2,
        extractors=(EXTRACTOR,),
        missing=f"frames in which either head is turned more than {_VIEW:g} degrees from its view "
        "in the portrait are not judged; frames in which either face is missing lower the "
        "coverage; not judged at all are pairs of the portrait whose views differ by more than "
        f"{_BETWEEN:g} degrees or whose shapes are nearer than {_APART:g}: twins, profiles",
        identical=0.0,
        source="ours; IDSW of multi-object tracking needs the truth of who is who, and MultiHuman-"
        "Testbench (compute_scores.py at ff9f120) an identity network",
        inference="shape: Procrustes distance of 31 steady landmarks, blind to pose and scale. On "
        "13 clips of real people, each beside each other one, with 131 pairs of their frames as "
        "portraits, 0.06 % of the frames were wrongly taken for exchanged, and 92 % of exchanged "
        "ones found: "
        f"it rather overlooks a swap than invents one. Tracks by {TRACKER.id}",
        digits=2,
        notes=(
            "an exchange for less than a quarter of a second is not seen",
            "in a portrait whose faces cannot be judged nothing is measured: that is no zero",
        ),
    )


_RULE = (
    "frames in which person i of the result is nearer in shape to face j of the portrait, and j to "
    f"i, than each to their own: d(i, I) + d(j, J) > d(i, J) + d(j, I) + {_MARGIN:g}, median over "
    f"{_WINDOW_S:g} s; "
)
ID_SWAPS = _card(
    "id_swaps",
    "swaps",
    _RULE + "blocks of such frames, summed over pairs -> case -> split (mean)",
    "swaps/clip",
    INFINITE,
)
ID_SWAP_FRAMES = replace(
    _card(
        "id_swap_frames",
        "swap frames",
        _RULE + "share of the judged frames in which any pair is exchanged -> case -> split (mean)",
        "",
        1.0,
    ),
    default=False,
)

SWAPS = CrowdFamily((ID_SWAPS, ID_SWAP_FRAMES), id_swaps)

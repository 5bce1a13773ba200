"""Leakage as metrics: cards and scores by person."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, INFINITE
from metrics.crowd.definition import TRACKER
from metrics.crowd.evidence import WHOLE, CrowdEvidence, CrowdFamily, lost
from metrics.leakage.fit import (
    LEAST_GAIN,
    LEAST_S,
    MOST_ALIKE,
    MOST_ORDERS,
    QUANTILE,
    SHIFT_S,
    Clip,
    PersonLeakage,
    leakage,
)
from metrics.leakage.motion import CHANNELS, Channel
from metrics.score import Score

_FIT = (
    "x_j: {what} of driving person j by driving frame, g: of the generated face, the mean over the "
    "used frames taken off; w >= 0 minimises sum over frames and components of (g - sum_j w_j "
    "x_j)^2; "
)
_ORDERS = (
    f"shifted around the end by {SHIFT_S:g} s or more, and played backwards from each frame, "
    f"{MOST_ORDERS} ways evenly spaced if there are more"
)
_TAIL = "; person -> case (mean over driven people) -> split (mean)"


def _cards(channel: Channel) -> tuple[Card, Card, Card]:
    """Return the cards of leakage, gain and floor."""
    unit = f" {channel.unit}" if channel.unit else ""
    fit = _FIT.format(what=channel.what)
    leak = Card(
        name="leakage",
        definition=f"{channel.name}-nnls",
        title=f"leak {channel.name}",
        formula=fit + "sum of w_j over all but the face's own driver / sum of all w_j" + _TAIL,
        unit="",
        direction=Direction.LOWER,
        bounds=(0.0, 1.0),
        protocols=BOTH,
        people=2,
        extractors=(EXTRACTOR,),
        missing="used: scored frames in which the face and all driving people are measured; the "
        "face missing lowers the coverage. Not judged, for any method: one driver; less than "
        f"{LEAST_S:g} s of frames; a driver whose motion (root of the mean |x|^2) is below "
        f"{channel.still:g}{unit}, or nobody else above it; drivers who move alike (NNLS of the "
        f"own driver on the others explains above {MOST_ALIKE:g}). Not measured: sum of w below "
        f"{LEAST_GAIN:g} (nothing moves); a fit that explains no more than the best of the fits "
        f"to the face moved in time (follows nobody): {_ORDERS}. Drivers below the limit of "
        "motion get w = 0",
        identical=0.0,
        source="ours: no public code measures it; FantasyPortrait (arXiv 2507.12956) claims that "
        "there is none",
        inference="plain distances fail: the constant difference between two people is larger "
        f"than their motion. People are followed by {TRACKER.id}",
        digits=2,
        notes=(
            "0: driven by the own driver only; 0.5: by both alike; 1: by others only",
            "a weight is a share of the driver's own motion, so that half of two motions reads "
            "0.5 even if one of them is larger",
            "a driver who looks like the face is read more alike and gets more weight: on mini a "
            "half reads 0.62 where the stranger is the face's own, 0.38 where the driver is",
            "values below the floor cannot be told from none",
        ),
    )
    gain = replace(
        leak,
        name="leakage_gain",
        title=f"gain {channel.name}",
        formula=fit + "sum of all w_j" + _TAIL,
        direction=Direction.DRIVER,
        bounds=(0.0, INFINITE),
        identical=None,
        default=False,
        notes=("the driver's own value is 1; other faces are read less alike, 0.5 to 0.9",),
    )
    floor = replace(
        leak,
        name="leakage_floor",
        title=f"floor {channel.name}",
        formula=fit + "the same weights with all but the own driver moved in time, "
        f"{_ORDERS}: the quantile {QUANTILE:g} of the summed weights of the others, over the gain "
        "of the unmoved, at most 1" + _TAIL,
        default=False,
        notes=("what chance would leak in this clip; not a quality of the method",),
    )
    return leak, gain, floor


def people(channel: Channel, evidence: CrowdEvidence) -> list[PersonLeakage]:
    """Return the fit of every driven person of a case, by portrait rank.

    The people of driver and result must be known, see `lost`.
    """
    made = evidence.generated()
    assert made is not None
    assert evidence.drivers is not None
    return leakage(
        [channel.motion(track) for track in made],
        [channel.motion(track) for track in evidence.drivers],
        sorted(evidence.pairs),
        Clip(evidence.scored, evidence.fps, channel.still),
    )


def _scores(channel: Channel, evidence: CrowdEvidence) -> tuple[Mapping[int, Score], ...]:
    if (reason := lost(evidence)) is not None:
        return {WHOLE: reason}, {WHOLE: reason}, {WHOLE: reason}
    fits = people(channel, evidence)
    return (
        {fit.source: fit.leakage for fit in fits},
        {fit.source: fit.gain for fit in fits},
        {fit.source: fit.floor for fit in fits},
    )


LEAKAGE: tuple[CrowdFamily, ...] = tuple(
    CrowdFamily(_cards(channel), partial(_scores, channel)) for channel in CHANNELS
)
"""Leakage, gain and floor of each channel."""

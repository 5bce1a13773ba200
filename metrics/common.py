"""Phrases that several cards share, so that they read the same everywhere."""

from metrics.card import Reenactment

SELF: frozenset[Reenactment] = frozenset({"self"})
CROSS: frozenset[Reenactment] = frozenset({"cross"})
BOTH: frozenset[Reenactment] = frozenset({"self", "cross"})

REDUCTION = "frame -> person (mean over frames) -> case (mean over persons) -> split (mean)"
MISSING = (
    "frames whose driving frame has no face are not judged; frames whose result has no face "
    "lower the coverage and do not enter the mean"
)
RELATIVE = (
    " relative to the first frame in which driver and result both have the face; "
    "that frame itself is not scored"
)
EXTRACTOR = "face"
INFINITE = float("inf")

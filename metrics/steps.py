"""Metrics of the steps between neighbouring frames of a clip."""

from collections.abc import Callable
from dataclasses import dataclass

from metrics.card import Card
from metrics.score import Score


@dataclass(frozen=True, slots=True)
class StepMetric:
    """A metric computed from one number a pair of neighbouring frames.

    Attributes:
        card: Its card; its first extractor gives the numbers of a clip.
        score: Takes the numbers of the result where two frames came from neighbouring scored
            driving frames, the driving clip's own at the same places, and how many such places
            there are in all.
    """

    card: Card
    score: Callable[[list[float], list[float], int], Score]

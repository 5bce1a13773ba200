"""Metrics of the steps between neighbouring frames of a clip."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card
from metrics.score import Score

Steps = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StepMetric:
    """A metric computed from one number a pair of neighbouring frames.

    Attributes:
        card: Its card; its first extractor gives the numbers of a clip.
        score: Takes the numbers of the result where two frames came from neighbouring scored
            driving frames, the driving clip's own at the same places, and how many such places
            there are in all.
        per_step: Takes the same two series, ``(n,)``, and returns what the score is the mean of,
            ``(n,)``; NaN where a step does not enter it.
    """

    card: Card
    score: Callable[[list[float], list[float], int], Score]
    per_step: Callable[[Steps, Steps], Steps]

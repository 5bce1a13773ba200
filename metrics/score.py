"""What a measurement ends in: a value with its coverage, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that was measured.

    Attributes:
        value: Raw value in the unit of the metric's card; display scale belongs to tables.
        frames: Frames that entered the value.
        total: Frames that could have: scored frames in which the input can be judged.
            ``frames / total`` is the coverage; what is missing from it is the method's doing.
        driver: The driving clip's own value, for metrics that are judged by the distance to it.
        unjudged: Further frames in which the input itself cannot be judged (no face in the
            driving frame); the same for every method.
    """

    value: float
    frames: int
    total: int
    driver: float | None = None
    unjudged: int = 0

    @property
    def coverage(self) -> float:
        """Share of the judgeable frames that could be measured, in [0, 1]."""
        return self.frames / self.total


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """There is no value, and why. Never turned into a number, anywhere.

    Attributes:
        reason: One sentence.
        of_input: The input cannot be judged, whatever the method: nobody's failure.
    """

    reason: str
    of_input: bool = False


Score = Measured | NotMeasured

"""What a measurement ends in: a value with its coverage, or the reason why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that was measured.

    Attributes:
        value: Raw value in the unit of the metric's card; display scale belongs to tables.
        frames: Frames that entered the value.
        total: Frames that were to be scored; ``frames / total`` is the coverage.
        driver: The driving clip's own value, for metrics that are judged by the distance to it.
    """

    value: float
    frames: int
    total: int
    driver: float | None = None

    @property
    def coverage(self) -> float:
        """Share of the frames to be scored that could be measured, in [0, 1]."""
        return self.frames / self.total


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """There is no value, and why. Never turned into a number, anywhere."""

    reason: str


Score = Measured | NotMeasured

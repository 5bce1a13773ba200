"""Clocks that a measurement is made by: the machine's, one that a test moves, and a guard."""

import time
from typing import Protocol

_SPIN_S = 0.001
"""Sleeping returns late by up to this much; the rest of a wait is spent looking at the clock."""


class Clock(Protocol):
    """Seconds that only grow, from an arbitrary start."""

    def now(self) -> float:
        """Return the time in seconds."""
        ...

    def sleep_until(self, moment: float) -> None:
        """Return when the clock shows ``moment``; at once if it is past."""
        ...


class RealClock:
    """The machine's monotonic clock, of the finest grain there is."""

    def now(self) -> float:
        """Return the time in seconds."""
        return time.perf_counter()

    def sleep_until(self, moment: float) -> None:
        """Sleep most of the way and watch the clock for the rest: late by microseconds only."""
        if (rest := moment - time.perf_counter() - _SPIN_S) > 0:
            time.sleep(rest)
        while time.perf_counter() < moment:
            pass


class ManualClock:
    """A clock that stands still until it is moved: figures taken by it are exact.

    Args:
        start: The time it shows first, in seconds.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time in seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock; a negative number is a clock that steps back."""
        self._now += seconds

    def sleep_until(self, moment: float) -> None:
        """Move the clock to ``moment`` if that lies ahead."""
        self._now = max(self._now, moment)


class WatchedClock:
    """Passes a clock on, never backwards, and keeps whether it tried to step back.

    A virtual machine that is moved or a broken timer can step back; a duration taken across the
    step means nothing, so that the measurement is invalid, see `benchmark.speed.validity`.

    Attributes:
        stepped_back_s: The largest step back in seconds; 0 if there was none.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()
        self._highest = self._last
        self.stepped_back_s = 0.0

    def now(self) -> float:
        """Return the time in seconds, never less than before."""
        now = self._clock.now()
        self.stepped_back_s = max(self.stepped_back_s, self._last - now)
        self._last = now
        self._highest = max(self._highest, now)
        return self._highest

    def sleep_until(self, moment: float) -> None:
        """Pass on."""
        self._clock.sleep_until(moment)

"""The driving video as a method draws it: counted always, and in streaming at its real rate.

The frames lie decoded in memory, so that a method that is lent them waits for nothing but, in
streaming, for their time to come. Counting what it has drawn when it hands a frame over measures
chunk and look-ahead, whatever it says of itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame, Media
from benchmark.speed.clock import Clock


@dataclass(slots=True)
class Feed:
    """One case's source of driving frames, as fast as they are drawn.

    Attributes:
        clock: By which waiting is taken.
        drawn: Frames drawn so far.
        waited_s: Seconds between asking for frames and having them.
        dropped: Frames that were never seen, because the queue was full.
        arrivals: For each drawn frame, when it had been acquired.
        queued: For each drawn frame, how many were waiting, itself among them; 0 if the method
            waited for it.
    """

    clock: Clock
    drawn: int = 0
    waited_s: float = 0.0
    dropped: int = 0
    arrivals: list[float] = field(default_factory=list)
    queued: list[int] = field(default_factory=list)

    def stream(self, frames: NDArray[np.uint8], count: int) -> Iterator[Frame]:
        """Yield ``count`` of ``frames``, ``(T, H, W, 3)`` uint8, and count; repeat them."""
        for number in range(count):
            start = self.clock.now()
            self._admit(start)
            self.drawn += 1
            self.waited_s += self.clock.now() - start
            yield frames[number % len(frames)]

    def _admit(self, now: float) -> None:
        self.arrivals.append(now)
        self.queued.append(1)


@dataclass(slots=True)
class PacedFeed(Feed):
    """A camera: frame ``k`` is there ``(k + 1) / fps`` after the start, drawn or not.

    What arrives while the method works waits in a queue; when it is full, the oldest is dropped,
    as a live view does. The method sees the frames that were not dropped, one after the other.

    Attributes:
        fps: Frames a second.
        room: Frames that wait at most.
        begun: When the first frame's exposure began; taken when it is first asked for a frame.
        late_s: The longest that a frame came after its time, while the method was waiting for it.
    """

    fps: Fraction = Fraction(25)
    room: int = 2
    begun: float | None = None
    late_s: float = 0.0
    _next: int = 0

    def arrival(self, number: int) -> float:
        """Return when camera frame ``number`` is there."""
        assert self.begun is not None
        return self.begun + (number + 1) * self.fps.denominator / self.fps.numerator

    def flush(self) -> None:
        """Forget what waits: a live session begins when the set-up is done."""
        if self.begun is not None:
            self._next = max(self._next, self._arrived(self.clock.now()))

    def _admit(self, now: float) -> None:
        if self.begun is None:
            self.begun = now
        waiting = self._arrived(now) - self._next
        if waiting > self.room:
            self.dropped += waiting - self.room
            self._next += waiting - self.room
        if waiting < 1:
            self.clock.sleep_until(self.arrival(self._next))
            self.late_s = max(self.late_s, self.clock.now() - self.arrival(self._next))
        self.arrivals.append(self.arrival(self._next))
        self.queued.append(max(0, min(waiting, self.room)))
        self._next += 1

    def _arrived(self, now: float) -> int:
        assert self.begun is not None
        count = max(0, int((now - self.begun) * self.fps.numerator / self.fps.denominator))
        while count > 0 and self.arrival(count - 1) > now:  # the product was rounded up
            count -= 1
        while self.arrival(count) <= now:  # or down
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class FedMedia:
    """Decoding as it is lent while speed is measured: the driving video comes out of a feed.

    Attributes:
        media: Does everything else.
        driving: The path that stands for the fed frames.
        fed: The frames, ``(T, H, W, 3)`` uint8.
        count: How many of them are fed.
        feed: Feeds them.
    """

    media: Media
    driving: Path
    fed: NDArray[np.uint8]
    count: int
    feed: Feed

    def image(self, path: Path) -> Frame:
        """Return an image as ``(H, W, 3)`` uint8 RGB."""
        return self.media.image(path)

    def frames(self, path: Path) -> Iterator[Frame]:
        """Yield the frames of a video; those of the driving video from the feed."""
        if path != self.driving:
            return self.media.frames(path)
        return self.feed.stream(self.fed, self.count)

    def write_image(self, path: Path, frame: Frame) -> None:
        """Write a PNG."""
        self.media.write_image(path, frame)

    def write_video(
        self, path: Path, frames: Iterable[Frame], fps: Fraction, *, silent_track: bool = False
    ) -> None:
        """Write a video."""
        self.media.write_video(path, frames, fps, silent_track=silent_track)

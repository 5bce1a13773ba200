"""What is measured: a method, asked for one case after the other, each frame taken by the clock.

Three kinds come through one door. A class in this process and a worker in the method's own
environment hand frames over one by one; the worker's seconds are its own (`Animation.times`), so
that neither the way from there nor a difference between the clocks is in them. A command is one
process a case and hands over a finished video with the seconds it ran.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.base import Animation, Finished, Frame, Method, MethodError, Request
from benchmark.speed.clock import Clock
from benchmark.speed.feed import FedMedia, Feed

_LOOK = 16
"""Every so many pixels of a frame are looked at to see whether it still changes."""
_MOST_STAGES = 100
_STAGE_NAME = 60


def nothing_to_wait_for() -> None:
    """Synchronise a device that works in step with us: the CPU."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a measurement is made with.

    Attributes:
        clock: Takes every time.
        synchronise: Returns when the device has finished all that was asked of it.
        settle_s: Seconds to wait after a frame of the warm-up before it is looked at again.
    """

    clock: Clock
    synchronise: Callable[[], None] = nothing_to_wait_for
    settle_s: float = 0.05


@dataclass(frozen=True, slots=True)
class Given:
    """One frame that a method handed over.

    Attributes:
        spent: Seconds in the method for it, by the method's own clock where it runs elsewhere;
            waiting for the device is in them, waiting for the camera is not.
        at: When it was finished, by our clock.
        drawn: Driving frames drawn by then; 0 for a method that reads the video itself.
        pending: Of ``spent``, seconds that the device still worked after the frame was given.
        of: Driving frame that it answers.
    """

    spent: float
    at: float
    drawn: int
    pending: float = 0.0
    of: int = 0


@dataclass(slots=True)
class Take:
    """One case, played to its end or until enough was seen.

    Attributes:
        begun: When the method was called, by our clock.
        given: Its frames in order.
        whole: All frames came at once: the case is one query, ``spent`` stands at its first frame.
        process: It was a process of its own, loading included.
        stages: Seconds by stage when the last full query had been answered.
        head: The same when the first query had been answered.
        changed: Frames whose pixels changed after they were handed over.
        waited_s: Seconds waited for input, drawn from memory or a camera.
        ended: Whether the method came to its end.
        own_clock: The seconds are by the method's own clock.
        expected: Frames that it owes: one for each driving frame, or as its frame map says.
        feed: Where its frames came from.
    """

    begun: float
    given: list[Given] = field(default_factory=list)
    whole: bool = False
    process: bool = False
    stages: Mapping[str, float] = field(default_factory=dict)
    head: Mapping[str, float] = field(default_factory=dict)
    changed: int = 0
    waited_s: float = 0.0
    ended: bool = False
    own_clock: bool = False
    expected: int = 0
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """The case that is played.

    Attributes:
        request: The case; its scratch directory, portrait and video lie on disk.
        frames: The driving frames, ``(T, H, W, 3)`` uint8; fewer than the case has start again.
        scratch: Makes an empty scratch directory for the next take.
        resize: Makes the case at another length.
    """

    request: Request
    frames: NDArray[np.uint8]
    scratch: Callable[[], Path]
    resize: "Callable[[int], Material] | None" = None

    @property
    def fps(self) -> Fraction:
        """Rate of the driving video."""
        return self.request.fps

    def at(self, n_frames: int) -> "Material":
        """Return the case at another length, with files of its own.

        Raises:
            ValueError: If it was made for one length only.
        """
        if self.resize is None:
            raise ValueError("this material has one length")
        return self.resize(n_frames)


Enough = Callable[[Take], bool]


@dataclass(frozen=True, slots=True)
class Playing:
    """How a case is played.

    Attributes:
        enough: Asked after every frame whether to stop.
        settle: Give a frame time to change before it is looked at again. Not in the timed part.
        group: Frames of a query, after each of which the stages are noted.
        count: Driving frames, where they are not those of the case.
    """

    enough: Enough
    settle: bool = False
    group: int = 1
    count: int | None = None


class Subject:
    """A loaded method that can be played.

    Args:
        method: The method.
        material: The case.
        tools: Clock and synchronisation.
    """

    def __init__(self, method: Method, material: Material, tools: Tools) -> None:
        self.method = method
        self.material = material
        self.tools = tools

    def play(self, feed: Feed, how: Playing) -> Take:
        """Play the case.

        Args:
            feed: Where the driving frames come from.
            how: How long, and what is looked at meanwhile.

        Raises:
            MethodError: If what it returned cannot be used.
            Exception: Whatever the method raises.
        """
        request, before = self._request(feed, how.count), feed.waited_s
        take = Take(self.tools.clock.now(), feed=feed)
        animation = self.method.animate(request)
        take.expected = request.n_frames
        if not isinstance(animation, Animation):
            raise MethodError(f"animate() must return an Animation, got {type(animation).__name__}")
        if animation.frame_map is not None:
            take.expected = len(animation.frame_map)
        if not isinstance(animation.frames, Iterator):
            self._at_once(animation, take)
            take.stages = self._stages(animation)
        else:
            try:
                self._one_by_one(animation, take, how)
            finally:
                if (close := getattr(animation.frames, "close", None)) is not None:
                    close()
        take.waited_s = feed.waited_s - before
        return take

    def _request(self, feed: Feed, count: int | None) -> Request:
        request, fed = self.material.request, self.material.frames
        count = request.n_frames if count is None else count
        media = FedMedia(request.services.media, request.driving, fed, count, feed)
        return replace(
            request,
            n_frames=count,
            services=replace(request.services, media=media),
            scratch=self.material.scratch(),
        )

    def _at_once(self, animation: Animation, take: Take) -> None:
        """Take a result that is there already; it is looked through, off the clock."""
        self.tools.synchronise()
        at = self.tools.clock.now()
        spent, frames = at - take.begun, animation.frames
        if isinstance(frames, Finished):
            take.process, spent = True, frames.run_s
            count = sum(1 for _ in frames.read())
        elif isinstance(frames, Path):
            raise MethodError("hands over a finished video: nothing was run that could be timed")
        else:
            count = len(np.asarray(frames))
        take.whole = take.ended = True
        drawn = take.feed.drawn if take.feed is not None else 0
        take.given = [Given(spent if i == 0 else 0.0, at, drawn) for i in range(count)]

    def _one_by_one(self, animation: Animation, take: Take, how: Playing) -> None:
        frames, feed = animation.frames, take.feed
        assert isinstance(frames, Iterator)
        assert feed is not None
        now, synchronise, where = self.tools.clock.now, self.tools.synchronise, animation.frame_map
        start, waited = take.begun, 0.0
        while True:
            frame = next(frames, None)
            if frame is None:
                take.ended = True
                if len(take.given) % how.group:  # no full query: of use where a case is one query
                    take.stages = self._stages(animation)
                return
            if where is not None and len(take.given) >= len(where):
                raise MethodError(f"gives more than the {len(where)} frames of its frame map")
            look, returned = _glimpse(frame), now()
            synchronise()
            at = now()
            spent = max(0.0, at - start - (feed.waited_s - waited))  # rounding may leave less
            if animation.times:
                spent, take.own_clock = _told(animation.times, len(take.given)), True
            of = len(take.given) if where is None else where[len(take.given)]
            take.given.append(Given(spent, at, feed.drawn, at - returned, of))
            if how.settle:
                self.tools.clock.sleep_until(at + self.tools.settle_s)
            take.changed += _glimpse(frame) != look
            if len(take.given) % how.group == 0:  # at the ends of queries, where they are cut
                take.stages = self._stages(animation)
                take.head = take.head or take.stages
            if how.enough(take):
                return
            start, waited = now(), feed.waited_s

    def _stages(self, animation: Animation) -> dict[str, float]:
        settle = getattr(animation.stages, "settle", None)
        if settle is not None:  # a timer of device events, see `adapters.stages`
            self.tools.synchronise()
            settle()
        found = {str(n)[:_STAGE_NAME]: float(value) for n, value in animation.stages.items()}
        if len(found) > _MOST_STAGES:
            raise MethodError(f"names {len(found)} stages, at most {_MOST_STAGES} are kept")
        for name, value in found.items():
            if not (isfinite(value) and value >= 0):
                raise MethodError(f"says that its stage '{name}' took {value} s")
        return found


def _told(times: Sequence[float], number: int) -> float:
    """Return the seconds that a worker counted for a frame; the worker is not ours to trust."""
    value = times[number] if number < len(times) else float("nan")
    if not (isfinite(value) and value >= 0):
        raise MethodError(f"says that frame {number} took {value} s")
    return value


def _glimpse(frame: Frame) -> bytes:
    """Return some pixels of a frame; a frame that is still being filled gives others later."""
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.dtype != np.uint8:
        shape = getattr(frame, "shape", type(frame).__name__)
        raise MethodError(f"frames must be (H, W, 3) uint8 RGB, got {shape}")
    return frame[::_LOOK, ::_LOOK].tobytes()

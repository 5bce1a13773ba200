"""Methods that do one thing wrong each, and a few that are merely unusual."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from adapters.base import Animation, Frame, Geometry, Request


def _source(request: Request) -> Frame:
    return request.services.media.image(request.source)


def _copies(request: Request, count: int) -> Iterator[Frame]:
    return (_source(request) for _ in range(count))


class Good:
    def animate(self, request: Request) -> Animation:
        return Animation(_copies(request, request.n_frames))


class Raises:
    def animate(self, request: Request) -> Animation:
        raise RuntimeError("CUDA out of memory,\nas usual")


class RaisesLate:
    def animate(self, request: Request) -> Animation:
        def frames() -> Iterator[Frame]:
            yield _source(request)
            raise ValueError("broke at frame 1")

        return Animation(frames())


class FailsOnSelf:
    def animate(self, request: Request) -> Animation:
        if request.case_id == "self":
            raise RuntimeError("not this one")
        return Good().animate(request)


class FailsWithItsDials:
    dials = frozenset({"strength"})

    def animate(self, request: Request) -> Animation:
        raise RuntimeError(str(dict(request.dials)))


class Hangs:
    def animate(self, request: Request) -> Animation:
        time.sleep(3600)
        raise AssertionError


class HangsOnSelf:
    def animate(self, request: Request) -> Animation:
        if request.case_id == "self":
            time.sleep(3600)
        return Good().animate(request)


class TooFew:
    def animate(self, request: Request) -> Animation:
        return Animation(_copies(request, 3))


class TooMany:
    def animate(self, request: Request) -> Animation:
        return Animation(_copies(request, 10**9))


class Nothing:
    def animate(self, request: Request) -> Animation:
        return Animation(iter(()))


class DropsFirst:
    def animate(self, request: Request) -> Animation:
        return Animation(
            _copies(request, request.n_frames - 1), frame_map=range(1, request.n_frames)
        )


class WrongMap:
    def animate(self, request: Request) -> Animation:
        return Animation(_copies(request, 2), frame_map=[0, request.n_frames])


class FloatFrames:
    def animate(self, request: Request) -> Animation:
        frames = np.stack(list(_copies(request, request.n_frames))).astype(np.float32) / 255
        return Animation(frames)  # type: ignore[arg-type]


class NaNFrames:
    def animate(self, request: Request) -> Animation:
        shape = (request.n_frames, *request.size, 3)
        return Animation(np.full(shape, np.nan, np.float32))  # type: ignore[arg-type]


class WrongSize:
    def animate(self, request: Request) -> Animation:
        return Animation(f[::2, ::2] for f in _copies(request, request.n_frames))


class HalfSize:
    def animate(self, request: Request) -> Animation:
        halves = (np.ascontiguousarray(f[::2, ::2]) for f in _copies(request, request.n_frames))
        return Animation(halves, geometry=Geometry.RESIZED)


class Backwards:
    def animate(self, request: Request) -> Animation:
        frames = list(request.services.media.frames(request.driving))
        order = range(request.n_frames - 1, -1, -1)
        return Animation((frames[i] for i in order), frame_map=order)


class GreyFrames:
    def animate(self, request: Request) -> Animation:
        return Animation(f[..., 0] for f in _copies(request, request.n_frames))


class ChangesSize:
    def animate(self, request: Request) -> Animation:
        frames = _copies(request, request.n_frames)
        sizes = (f if i < 2 else f[:-2, :-2] for i, f in enumerate(frames))
        return Animation(sizes, geometry=Geometry.RESIZED)


class NotAnAnimation:
    def animate(self, request: Request) -> Animation:
        return list(_copies(request, request.n_frames))  # type: ignore[return-value]


class MissingFile:
    def animate(self, request: Request) -> Animation:
        return Animation(request.scratch / "never-written.mp4")


class Exits:
    def animate(self, request: Request) -> Animation:
        sys.exit(3)


class Killed:
    def animate(self, request: Request) -> Animation:
        os.kill(os.getpid(), 9)
        raise AssertionError


class Chatty:
    def animate(self, request: Request) -> Animation:
        print("hello from the method")
        os.write(2, b"and from its C library\n")
        return Good().animate(request)


class WritesBeside:
    def animate(self, request: Request) -> Animation:
        request.driving.with_suffix(".pkl").write_bytes(b"motion")
        return Good().animate(request)


class CannotLoad:
    def __init__(self) -> None:
        raise FileNotFoundError("no checkpoint at weights/model.pt")

    def animate(self, request: Request) -> Animation:
        raise AssertionError


class NoAnimate:
    pass


class StartsAChild:
    """Leaves a process behind that would outlive a careless harness.

    Args:
        pid_file: Where its number is written.
        session: Whether it leads a session of its own.
        clean: Whether it gets an empty environment.
        then: What the method does next: ``hang``, ``die`` or ``finish``.
    """

    def __init__(
        self, pid_file: str, session: bool = False, clean: bool = False, then: str = "hang"
    ) -> None:
        self._pid_file = Path(pid_file)
        self._session = session
        self._clean = clean
        self._then = then

    def animate(self, request: Request) -> Animation:
        import subprocess

        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(3600)"],
            start_new_session=self._session,
            env={} if self._clean else None,
        )
        self._pid_file.write_text(str(child.pid))
        if self._then == "hang":
            time.sleep(3600)
        if self._then == "die":
            os._exit(5)
        return Good().animate(request)


class PrintsAlot:
    """Prints more than a log should hold."""

    def animate(self, request: Request) -> Animation:
        os.write(1, b"first words\n")
        for _ in range(64):
            os.write(1, b"x" * (1 << 20))
        os.write(1, b"\nlast words\n")
        return Good().animate(request)


class OnlyTheSecond:
    """Returns one driving frame again and again, and says so."""

    def animate(self, request: Request) -> Animation:
        frames = _copies(request, request.n_frames)
        return Animation(frames, frame_map=[1] * request.n_frames)


class FailsUntil:
    """Fails until a path exists."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def animate(self, request: Request) -> Animation:
        if not self._path.exists():
            raise RuntimeError("not yet")
        return Good().animate(request)

"""Controls: methods whose scores are known beforehand, run beside the real ones."""

from collections.abc import Iterator

import numpy as np

from adapters.base import Animation, Frame, Geometry, Request


class Driver:
    """Returns the driving clip itself: exact in self-reenactment, the upper bound of motion."""

    def animate(self, request: Request) -> Animation:
        """Return every driving frame, untouched."""
        frames = request.services.media.frames(request.driving)
        first = next(frames)
        same = first.shape[:2] == request.size

        def stream() -> Iterator[Frame]:
            yield first
            yield from frames

        return Animation(stream(), geometry=Geometry.SOURCE if same else Geometry.RESIZED)


class Frozen:
    """Returns the portrait, once for every driving frame: nothing moves."""

    def animate(self, request: Request) -> Animation:
        """Return ``n_frames`` copies of the source."""
        source = request.services.media.image(request.source)
        return Animation(source for _ in range(request.n_frames))


class Shuffled:
    """Returns the driving frames in a seeded random order: right frames at wrong times."""

    def animate(self, request: Request) -> Animation:
        """Return the driving clip with its frames permuted, claiming they are in order."""
        frames = np.stack(list(request.services.media.frames(request.driving)))
        order = np.random.default_rng(request.seed).permutation(len(frames))
        same = frames.shape[1:3] == request.size
        return Animation(frames[order], geometry=Geometry.SOURCE if same else Geometry.RESIZED)

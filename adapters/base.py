"""The contract between the harness and a method: `Request` in, `Animation` out.

A method is any object with an ``animate(request) -> Animation`` method. It knows a source
portrait, a driving video and how to get frames back; it knows nothing about metrics, splits or
the command line. What it may need besides (decoding, a face tracker) is lent in
`Request.services`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""One RGB frame, ``(H, W, 3)`` uint8."""

Reenactment = Literal["self", "cross"]


class Component(StrEnum):
    """A part of the motion that a case drives; all of them by default."""

    POSE = "pose"
    MOUTH = "mouth"
    EYES = "eyes"
    EMOTION = "emotion"


ALL_COMPONENTS: frozenset[Component] = frozenset(Component)


class Geometry(StrEnum):
    """Where the pixels of a result lie.

    ``SOURCE``: the result has exactly `Request.size` and its pixels lie where the source's do.
    ``RESIZED``: the same picture at another size (a 256² method on a 512² canvas); the harness
    resizes it to the canvas before pixel metrics and says so.
    """

    SOURCE = "source"
    RESIZED = "resized"


@dataclass(frozen=True, slots=True)
class Face:
    """One face as the lent tracker sees it.

    Attributes:
        landmarks: ``(478, 3)`` float32. x in [0, 1] of the width, y in [0, 1] of the height, z
            (depth, smaller is nearer) in units of the width. Points may lie outside the frame.
        blendshapes: ``(52,)`` float32 in [0, 1], MediaPipe order; index 0 is ``_neutral``.
        pose: ``(4, 4)`` float32, canonical face to camera; rotation part orthonormal,
            translation in centimetres of the canonical face.
    """

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    pose: NDArray[np.float32]


class FaceTracker(Protocol):
    """Finds faces in one frame; frames are independent of each other."""

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        """Return at most ``max_faces`` faces, left to right by the centre of their box."""
        ...


class Media(Protocol):
    """Decodes the inputs of a request."""

    def image(self, path: Path) -> Frame:
        """Return the image as ``(H, W, 3)`` uint8 RGB."""
        ...

    def frames(self, path: Path) -> Iterator[Frame]:
        """Yield the frames of a video in order as ``(H, W, 3)`` uint8 RGB."""
        ...

    def write_image(self, path: Path, frame: Frame) -> None:
        """Write a PNG."""
        ...

    def write_video(
        self, path: Path, frames: Iterable[Frame], fps: Fraction, *, silent_track: bool = False
    ) -> None:
        """Write an H.264 MP4 at a constant rate, with a silent sound track if asked."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the harness lends to a method that runs in process."""

    media: Media
    faces: FaceTracker


@dataclass(frozen=True, slots=True)
class FacePair:
    """Driving person ``driving`` drives portrait face ``source``; both are left-to-right ranks."""

    source: int
    driving: int


@dataclass(frozen=True, slots=True)
class Request:
    """One case, as a method sees it.

    Attributes:
        case_id: Unique within the split.
        protocol: ``self`` (the source is the first driving frame) or ``cross``.
        source: Portrait image, a copy inside ``scratch``.
        driving: Driving video of exactly ``n_frames`` frames, without sound (at most a silent
            track, in a split that was prepared so), a copy in ``scratch``.
        n_frames: Length of the driving video.
        fps: Frame rate of the driving video.
        size: ``(height, width)`` of the canvas: that of the source and of the expected result.
        pairs: Which driving person drives which face of the portrait.
        components: What is driven; the rest of the motion stays as in the source.
        dials: Named strengths in [0, 1] for methods that offer them; empty when unused.
        seed: Seed for everything random.
        scratch: A directory of this case's own, deleted afterwards; write nowhere else.
        services: Decoding and face tracking lent by the harness.
    """

    case_id: str
    protocol: Reenactment
    source: Path
    driving: Path
    n_frames: int
    fps: Fraction
    size: tuple[int, int]
    pairs: tuple[FacePair, ...]
    scratch: Path
    services: Services
    components: frozenset[Component] = ALL_COMPONENTS
    dials: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """Frames of a result that is there already: the time to read them is not the method's.

    Attributes:
        read: Starts reading; yields ``(H, W, 3)`` uint8 RGB.
        run_s: Seconds that the method took for them.
    """

    read: Callable[[], Iterator[Frame]]
    run_s: float


@dataclass(slots=True)
class Animation:
    """What a method made of a `Request`.

    Attributes:
        frames: RGB uint8 frames, as an iterable (a generator streams: each frame is stored as it
            comes) or an array ``(T, H, W, 3)``, the path of a finished video, or `Finished`.
        frame_map: ``frames[i]`` came from driving frame ``frame_map[i]``; ``None`` states one
            frame for every driving frame, in order. A method that drops frames must say which.
        geometry: Where the pixels lie, see `Geometry`.
        stages: Seconds by named stage (``track``, ``render`` ...). May be filled while
            ``frames`` is being consumed; read when it is exhausted.
        latents: Named per-frame latents ``(T, D)`` for plots; optional.
        times: Seconds that the method took for each frame by its own clock, where it runs in
            another process; taken in place of the harness' stopwatch, which would count the way
            from there. Filled while ``frames`` is being consumed.
    """

    frames: Iterable[Frame] | NDArray[np.uint8] | Path | Finished
    frame_map: Sequence[int] | None = None
    geometry: Geometry = Geometry.SOURCE
    stages: MutableMapping[str, float] = field(default_factory=dict)
    latents: MutableMapping[str, NDArray[np.float32]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)


@runtime_checkable
class Method(Protocol):
    """A way to animate portraits. Loading happens in ``__init__``, work in ``animate``.

    A method that offers dials names them in an attribute ``dials``, a set of strings; a case that
    asks for another one fails.
    """

    def animate(self, request: Request) -> Animation:
        """Animate ``request.source`` by ``request.driving``.

        Raises:
            MethodError: With a sentence that says why there is no result. Any other exception
                counts as a failure of the method too.
        """
        ...


class MethodError(Exception):
    """A method could not make a result; the message is recorded with the case."""

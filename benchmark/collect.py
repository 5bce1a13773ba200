"""Running a method on one case inside the worker: call, check, time and store every frame."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from adapters.base import (
    Animation,
    Component,
    FacePair,
    Finished,
    Frame,
    Geometry,
    Method,
    MethodError,
    Request,
    Services,
)
from benchmark.errors import BenchError
from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_frames
from benchmark.media.write import CANONICAL, LOSSLESS, PREVIEW, VideoWriter, write_video
from benchmark.protocol import Job, Result
from benchmark.tracker import LentTracker
from metrics.signals.face_backends import Backend
from metrics.weights import file_sha256

_REPORT_EVERY_S = 0.5


class LentMedia:
    """Decoding lent to methods."""

    def image(self, path: Path) -> Frame:
        """Return an image as ``(H, W, 3)`` uint8 RGB."""
        return read_image(path)

    def frames(self, path: Path) -> Iterator[Frame]:
        """Yield the frames of a video as ``(H, W, 3)`` uint8 RGB."""
        return read_frames(path)

    def write_image(self, path: Path, frame: Frame) -> None:
        """Write a PNG."""
        write_png(path, frame)

    def write_video(
        self, path: Path, frames: Iterable[Frame], fps: Fraction, *, silent_track: bool = False
    ) -> None:
        """Write an H.264 MP4 of near-lossless quality, with a silent track if asked."""
        write_video(path, frames, fps, replace(CANONICAL, silence=silent_track))


_services: list[Services] = []


def lend(face_model: Path, face_backend: str) -> None:
    """Prepare what methods are lent; once in the life of the worker."""
    _services[:] = [Services(LentMedia(), LentTracker(face_model, Backend.parse(face_backend)))]


class Stopwatch:
    """Time spent inside the method, frame by frame; storing is not counted."""

    def __init__(self) -> None:
        self.frames: list[float] = []
        self._pending = 0.0

    def call(self, method: Method, request: Request) -> Animation:
        """Call the method; the time goes to its first frame."""
        start = time.perf_counter()
        animation = method.animate(request)
        self._pending = time.perf_counter() - start
        return animation

    def watch(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Pass frames on, timing how long each one was waited for."""
        while True:
            start = time.perf_counter()
            try:
                frame = next(frames)
            except StopIteration:
                self._pending += time.perf_counter() - start
                return
            self.frames.append(self._pending + time.perf_counter() - start)
            self._pending = 0.0
            yield frame

    @property
    def total(self) -> float:
        """Seconds in the method so far."""
        return sum(self.frames) + self._pending


def collect(method: Method, job: Job, report: Callable[[int], None]) -> Result:
    """Run ``method`` on ``job`` and store its clip.

    Raises:
        MethodError: If what the method returned cannot be used; says what was expected.
        Exception: Whatever the method raises.
    """
    if strange := sorted(set(job.dials) - set(getattr(method, "dials", ()))):
        raise MethodError(f"has no dial '{strange[0]}'")
    watch = Stopwatch()
    animation = watch.call(method, _request(job))
    if not isinstance(animation, Animation):
        raise MethodError(f"animate() must return an Animation, got {type(animation).__name__}")
    streamed = isinstance(animation.frames, Iterator)
    frames = _store(animation, job, watch, report)
    frame_map = _checked_map(animation, frames.count, job.n_frames)
    _store_latents(animation, Path(job.latents))
    return Result(
        sha256=file_sha256(Path(job.clip)),
        frame_map=frame_map,
        size=frames.size,
        resized=frames.size != tuple(job.size),
        timings={
            "total_s": _total(animation, watch),
            "frames_s": (animation.times or watch.frames) if streamed else [],
            "stages_s": {str(k): float(v) for k, v in animation.stages.items()},
        },
    )


def _total(animation: Animation, watch: Stopwatch) -> float:
    """Seconds in the method: by its own clock where it has one, else by the stopwatch."""
    if isinstance(animation.frames, Finished):
        return animation.frames.run_s
    return sum(animation.times) if animation.times else watch.total


def _request(job: Job) -> Request:
    return Request(
        case_id=job.case_id,
        protocol="self" if job.protocol == "self" else "cross",
        source=job.source,
        driving=job.driving,
        n_frames=job.n_frames,
        fps=job.rate,
        size=job.size,
        pairs=tuple(FacePair(*pair) for pair in job.pairs),
        scratch=Path(job.scratch),
        services=_services[0],
        components=frozenset(Component(name) for name in job.components),
        seed=job.seed,
        dials=dict(job.dials),
    )


def _store(
    animation: Animation, job: Job, watch: Stopwatch, report: Callable[[int], None]
) -> VideoWriter:
    limit = job.n_frames if animation.frame_map is None else len(animation.frame_map)
    last_report = time.perf_counter()
    with (
        VideoWriter(Path(job.clip), job.rate, LOSSLESS) as clip,
        VideoWriter(Path(job.preview), job.rate, PREVIEW) as preview,
    ):
        for frame in _frames(animation, watch):
            if clip.count == limit:
                raise MethodError(f"returned more than the {limit} frames of its frame map")
            _check_frame(frame, clip, job, animation.geometry)
            clip.write(frame)
            preview.write(frame)
            if time.perf_counter() - last_report > _REPORT_EVERY_S:
                last_report = time.perf_counter()
                report(clip.count)
        if clip.count == 0:
            raise MethodError("returned no frames")
    return clip


def _frames(animation: Animation, watch: Stopwatch) -> Iterator[Frame]:
    source = animation.frames
    if isinstance(source, Path):
        try:
            yield from read_frames(source)
        except BenchError as error:
            raise MethodError(error.problem) from None
    elif isinstance(source, Finished):
        yield from source.read()
    elif isinstance(source, np.ndarray):
        if source.ndim != 4:
            raise MethodError(f"frames must be (T, H, W, 3), got an array of {source.shape}")
        yield from source
    else:
        yield from watch.watch(iter(source))


def _check_frame(frame: object, clip: VideoWriter, job: Job, geometry: Geometry) -> None:
    where = f"frame {clip.count}"
    if not isinstance(frame, np.ndarray) or frame.ndim != 3 or frame.shape[2] != 3:
        shape = getattr(frame, "shape", type(frame).__name__)
        raise MethodError(f"{where} must be (H, W, 3) uint8 RGB, got {shape}")
    if frame.dtype != np.uint8:
        bad = np.issubdtype(frame.dtype, np.floating) and not np.isfinite(frame).all()
        raise MethodError(
            f"{where} must be uint8, got {frame.dtype}{' with NaN or infinity' if bad else ''}"
        )
    if clip.count and frame.shape[:2] != clip.size:
        raise MethodError(f"{where} is {frame.shape[:2]}, the frames before {clip.size}")
    if geometry is Geometry.SOURCE and frame.shape[:2] != tuple(job.size):
        raise MethodError(
            f"{where} is {frame.shape[0]}x{frame.shape[1]}, expected {job.size[0]}x{job.size[1]} "
            "(declare geometry 'resized' if it shows the whole canvas at another size)"
        )


def _checked_map(animation: Animation, count: int, n_frames: int) -> tuple[int, ...]:
    if animation.frame_map is None:
        if count != n_frames:
            raise MethodError(
                f"returned {count} of {n_frames} frames and no frame map that says which"
            )
        return tuple(range(n_frames))
    if any(not isinstance(i, int | np.integer) for i in animation.frame_map):
        raise MethodError("the frame map must hold whole numbers")
    frame_map = tuple(int(i) for i in animation.frame_map)
    if len(frame_map) != count:
        raise MethodError(f"returned {count} frames with a frame map of {len(frame_map)}")
    if any(not 0 <= i < n_frames for i in frame_map):
        raise MethodError(f"frame map points outside the {n_frames} driving frames")
    return frame_map


def _store_latents(animation: Animation, path: Path) -> None:
    if not animation.latents:
        return
    from safetensors.numpy import save_file

    for name, latent in animation.latents.items():
        if not isinstance(latent, np.ndarray) or latent.ndim != 2 or not np.isfinite(latent).all():
            raise MethodError(f"latent '{name}' must be a finite array (T, D)")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file({k: np.ascontiguousarray(v) for k, v in animation.latents.items()}, part)
    part.replace(path)

"""The canonical pair: the same portrait and the same driving video for every method.

Two passes over a clip, memory flat: `survey_clip` finds the faces, `prepare_clip` crops. The
crop is static, so that a method sees the head move and not the camera.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from adapters.base import Face, FaceTracker, Frame
from benchmark.errors import UsageProblem
from benchmark.media.footage import Footage
from benchmark.media.image import read_image, write_png
from benchmark.media.video import read_frames
from benchmark.media.write import CANONICAL, VideoWriter
from benchmark.splits.rules import BOX_SCALE, MAX_PEOPLE, RATES, Rules

_ASPECT_TOLERANCE = Fraction(1, 50)

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels; may reach outside the frame."""

Tick = Callable[[], None]
"""Called after each frame."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass found.

    Attributes:
        n_frames: Original frames used; 1 for a still.
        fps: Average rate; 0 for a still.
        size: ``(height, width)`` of the original.
        box: Union of the face boxes over all frames; ``None`` where no frame has a face.
        people: Faces in the first frame that shows any, at most `MAX_PEOPLE` (1 in ``single``).
        first: Faces in the first frame.
    """

    n_frames: int
    fps: Fraction
    size: tuple[int, int]
    box: Box | None
    people: int
    first: int


@dataclass(frozen=True, slots=True)
class Crop:
    """A window of the original and the size it is brought to, all in pixels."""

    left: int
    top: int
    width: int
    height: int
    to: tuple[int, int]


def survey_still(path: Path, split: str, tracker: FaceTracker) -> Survey:
    """Find the faces of a portrait.

    Args:
        path: Any image that `read_image` reads.
        split: ``single`` (one face is looked for) or ``multi``.
        tracker: Finds faces.

    Raises:
        UsageProblem: If the file cannot be used; says why.
    """
    return _survey([read_image(path)], Fraction(0), split, tracker)


def survey_clip(
    clip: Footage, split: str, tracker: FaceTracker, rules: Rules, tick: Tick
) -> Survey:
    """Find the faces of a driving clip, in every original frame that the rules reach.

    Args:
        clip: Any footage.
        split: ``single`` (one face is looked for) or ``multi``.
        tracker: Finds faces.
        rules: How it will be prepared.
        tick: Called after each frame.

    Raises:
        UsageProblem: If the clip cannot be used; says why.
    """
    aspect = clip.pixel_aspect()
    if abs(aspect - 1) > _ASPECT_TOLERANCE:
        raise UsageProblem(
            f"{clip.path} has pixels that are not square ({aspect})",
            "scale it: ffmpeg -i FILE -vf scale=iw*sar:ih,setsar=1 FILE.mp4",
        )
    rate = clip.rate()
    if not RATES[0] <= rate <= RATES[1]:
        raise UsageProblem(f"{clip.path} states {float(rate):g} frames a second")
    frames = _ticking(islice(clip.frames(), rules.needed(rate)), tick)
    survey = _survey(frames, rate, split, tracker)
    if rules.prepared(survey.n_frames, rate) < 2:
        raise UsageProblem(f"{clip.path} has one frame", "a driving clip needs two or more")
    return survey


def _ticking(frames: Iterator[Frame], tick: Tick) -> Iterator[Frame]:
    for frame in frames:
        yield frame
        tick()


def _survey(frames: Iterable[Frame], fps: Fraction, split: str, tracker: FaceTracker) -> Survey:
    counts: list[int] = []
    box: Box | None = None
    size = (0, 0)
    for frame in frames:
        size = (frame.shape[0], frame.shape[1])
        faces = tracker(frame, MAX_PEOPLE if split == "multi" else 1)
        counts.append(len(faces))
        for face in faces:
            box = _union(box, face_box(face, size))
    people = next((count for count in counts if count), 0)
    return Survey(len(counts), fps, size, box, people, counts[0])


def face_box(face: Face, size: tuple[int, int]) -> Box:
    """Return the bounds of all points of ``face`` in a frame of ``(height, width)`` ``size``."""
    points = face.landmarks[:, :2].astype(np.float64) * (size[1], size[0])
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _union(a: Box | None, b: Box) -> Box:
    if a is None:
        return b
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def window(split: str, size: tuple[int, int], box: Box | None, rules: Rules | None = None) -> Crop:
    """Return the crop by the rule of the split, see `Rules.crop_text`.

    A face too large or too near the edge for x1.8 gets the largest square that the frame holds,
    moved as close to its centre as the frame allows.

    Args:
        split: ``single`` or ``multi``.
        size: ``(height, width)`` of the original.
        box: Union of the face boxes in pixels, if there is any.
        rules: Sizes; the default ones if ``None``.
    """
    rules = rules or Rules()
    height, width = size
    if split == "multi":
        scale = rules.longest / max(size)
        return Crop(0, 0, width, height, (_even(height * scale), _even(width * scale)))
    side = min(size)
    x, y = width / 2, height / 2
    if box is not None:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        wanted = BOX_SCALE * max(box[2] - box[0], box[3] - box[1])
        side = max(1, min(side, round(wanted)))
    left = min(max(0, round(x - side / 2)), width - side)
    top = min(max(0, round(y - side / 2)), height - side)
    return Crop(left, top, side, side, (rules.side, rules.side))


def _even(length: float) -> int:
    return max(2, 2 * round(length / 2))


def cut(frame: Frame, crop: Crop) -> Frame:
    """Return the window of ``frame`` at its canonical size, see `rules.RESIZE_RULE`."""
    part = frame[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    height, width = crop.to
    if part.shape[:2] == (height, width):
        return np.ascontiguousarray(part)
    shrinks = height * width < crop.height * crop.width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    resized = cv2.resize(part, (width, height), interpolation=method)
    return np.asarray(resized, dtype=np.uint8)


def prepare_still(path: Path, crop: Crop, target: Path) -> None:
    """Write the canonical portrait as PNG; ``target`` appears when it is complete."""
    write_png(target, cut(read_image(path), crop))


@dataclass(frozen=True, slots=True)
class ClipWork:
    """A surveyed clip and what is to become of it."""

    clip: Footage
    survey: Survey
    crop: Crop
    rules: Rules


def prepare_clip(work: ClipWork, target: Path, tick: Tick) -> None:
    """Write the canonical driving video (MP4); ``target`` appears when it is complete.

    Args:
        work: What to prepare.
        target: Where to.
        tick: Called after each original frame.

    Raises:
        UsageProblem: If the clip is no longer the one that was surveyed.
    """
    survey, rules = work.survey, work.rules
    changed = UsageProblem(f"{work.clip.path} changed while it was imported", "import again")

    def checked() -> Iterator[Frame]:
        for frame in islice(work.clip.frames(), survey.n_frames):
            if frame.shape[:2] != survey.size:
                raise changed
            yield frame
            tick()

    encoding = replace(CANONICAL, silence=rules.audio == "silent")
    with VideoWriter(target, rules.rate(survey.fps), encoding) as writer:
        for frame in rules.choose(checked(), survey.fps):
            writer.write(cut(frame, work.crop))
        if writer.count != rules.prepared(survey.n_frames, survey.fps):
            raise changed


def write_first_frame(clip: Path, target: Path) -> None:
    """Write the first frame of a prepared clip as PNG: the source of a self case."""
    write_png(target, next(read_frames(clip)))

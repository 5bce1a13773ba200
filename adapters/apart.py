"""Several people with a method that animates one: cut apart, animated one by one, laid back.

What papers call the multi-face version of a single-face method. Each person gets a square of the
portrait and a square of the driving video, as large as the neighbours allow. In self-reenactment
both are the same square, so that the portrait stays the first driving frame.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.base import Animation, FacePair, Finished, Frame, MethodError, Request
from adapters.description import Invocation
from adapters.people import Box, crops, driver_of_each_face, extents, square_boxes
from adapters.picture import resized


@dataclass(frozen=True, slots=True)
class _Part:
    """One person animated: where on the portrait, which frames, in what time."""

    box: Box
    frames: list[Frame]
    frame_map: tuple[int, ...]
    times: tuple[float, ...]
    run_s: float


def is_for(how: Invocation, request: Request) -> bool:
    """Say whether the case has to be cut apart for the method."""
    return how.faces == "apart" and len(request.pairs) > 1


def animated_apart(
    how: Invocation, request: Request, alone: Callable[[Request], Animation]
) -> Animation:
    """Animate each person of the portrait by a case of its own; return the whole portrait.

    Args:
        how: The description.
        request: A case of several people.
        alone: Animates a case of one.

    Raises:
        MethodError: If somebody cannot be found or animated; says who, counted from the left.
    """
    drivers = driver_of_each_face(request)
    portrait = request.services.media.image(request.source)
    of_portrait, of_driving = _boxes(how, request, portrait, drivers)
    parts = []
    for face, driver in enumerate(drivers):
        case = _case(request, portrait, (face, of_portrait[face]), of_driving[driver])
        try:
            parts.append(_made(alone(case), of_portrait[face]))
        except MethodError as error:
            raise MethodError(f"person {face} of {len(drivers)} from the left: {error}") from None
    frame_map = parts[0].frame_map
    if all(part.times for part in parts):
        times = [sum(spent) for spent in zip(*(part.times for part in parts), strict=True)]
        return Animation(_whole(portrait, parts), frame_map=frame_map, times=times)
    finished = Finished(lambda: _whole(portrait, parts), sum(part.run_s for part in parts))
    return Animation(finished, frame_map=frame_map)


def _boxes(
    how: Invocation, request: Request, portrait: Frame, drivers: Sequence[int]
) -> tuple[list[Box], list[Box]]:
    """Return each person's square in the portrait and in the driving video."""
    media, tracker, margin = request.services.media, request.services.faces, how.inputs.margin
    driving = extents(media.frames(request.driving), tracker, 1 + max(drivers))
    of_driving = square_boxes(driving, margin)
    if request.protocol == "self" and list(drivers) == list(range(len(drivers))):
        return of_driving, of_driving
    of_portrait = extents([portrait], tracker, len(drivers), "the portrait does not show")
    return square_boxes(of_portrait, margin), of_driving


def _case(request: Request, portrait: Frame, face: tuple[int, Box], driving: Box) -> Request:
    rank, box = face
    scratch = request.scratch / f"person{rank}"
    scratch.mkdir()
    source, video = scratch / "source.png", scratch / "driving.mp4"
    media = request.services.media
    part = next(crops([portrait], box))
    media.write_image(source, part)
    media.write_video(video, crops(media.frames(request.driving), driving), request.fps)
    size = (part.shape[0], part.shape[1])
    pairs = (FacePair(0, 0),)
    return replace(request, source=source, driving=video, pairs=pairs, size=size, scratch=scratch)


def _made(animation: Animation, box: Box) -> _Part:
    """Take the frames before the next person's case begins: a worker serves one at a time."""
    made = animation.frames
    assert not isinstance(made, Path)  # methods outside give frames
    run_s, frames = (made.run_s, made.read()) if isinstance(made, Finished) else (0.0, made)
    size = (box[3] - box[1], box[2] - box[0])
    kept = [resized(frame, size) for frame in frames]
    return _Part(box, kept, tuple(animation.frame_map or ()), tuple(animation.times), run_s)


def _whole(portrait: Frame, parts: Sequence[_Part]) -> Iterator[Frame]:
    for frames in zip(*(part.frames for part in parts), strict=True):
        whole = portrait.copy()
        for part, frame in zip(parts, frames, strict=True):
            left, top, right, bottom = part.box
            whole[top:bottom, left:right] = frame
        yield whole

"""Results that exist already: a folder of finished videos, one a case."""

from pathlib import Path

from adapters.base import Animation, Geometry, MethodError, Request

SUFFIXES = (".mp4", ".mkv", ".mov", ".webm", ".avi")


class Precomputed:
    """Serves ``FOLDER/<case id>.<mp4|mkv|mov|webm|avi>``.

    Frames are taken by index: frame i must have come from driving frame i + ``first``. A video of
    another size than the canvas must show the whole canvas; it is resized before pixel metrics.

    Args:
        videos: The folder.
        first: Index of the driving frame that the first video frame came from; 1 for methods that
            drop the first frame.
    """

    def __init__(self, videos: str, first: int = 0) -> None:
        self._folder = Path(videos)
        self._first = first
        if not isinstance(first, int) or first < 0:
            raise MethodError(f"'first' must be a whole number, 0 or more; got {first!r}")
        if not self._folder.is_dir():
            raise MethodError(f"no folder of finished videos at {self._folder}")

    def animate(self, request: Request) -> Animation:
        """Return the finished video of this case."""
        found = [
            path
            for suffix in SUFFIXES
            if (path := self._folder / f"{request.case_id}{suffix}").is_file()
        ]
        if not found:
            raise MethodError(f"no video named {request.case_id}.mp4 in {self._folder}")
        if len(found) > 1:
            raise MethodError(
                f"several videos for {request.case_id}: {', '.join(p.name for p in found)}"
            )
        if self._first >= request.n_frames:
            raise MethodError(
                f"'first' is {self._first}, but the case has {request.n_frames} driving frames"
            )
        frame_map = range(self._first, request.n_frames) if self._first else None
        return Animation(found[0], frame_map=frame_map, geometry=Geometry.RESIZED)

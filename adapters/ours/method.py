"""The built-in method behind the name ``ours``."""

from collections.abc import Iterator, MutableMapping, Sequence
from time import perf_counter

from adapters.base import Animation, Face, Frame, MethodError, Request
from adapters.ours.cast import Casting, Part, straight
from adapters.ours.geometry import pixels
from adapters.ours.limits import separate
from adapters.ours.motion import Driver, Motion
from adapters.ours.people import People, without_bystanders
from adapters.ours.retarget import Sitter
from adapters.ours.warp import FaceWarp

_MOST_PEOPLE = 8  # asked for in the portrait and in the first driving frame
_PASSERS_BY = 2  # faces asked for beyond those of the first frame, lest one hide a driver


class Warp:
    """Moves every paired face of the portrait as its driver moves since the first frame.

    Head motion and expression are carried over relative to the first driving frame, by warping
    landmarks; what is not driven stays as in the portrait. In a frame where the tracker loses a
    driving person, that person's last motion is held. Frames stream: each driving frame is read
    once and answered at once. `Animation.stages` holds the seconds for ``track``, ``motion`` and
    ``render``; what is missing to the whole is decoding.

    The dial ``strength`` carries over that part of the motion: 0 gives the portrait, 1 (and no
    dial) all of it.
    """

    dials = frozenset({"strength"})
    casting: Casting = staticmethod(straight)

    def animate(self, request: Request) -> Animation:
        """Animate ``request.source``.

        Raises:
            MethodError: If the portrait or the first driving frame lacks a face that a pair
                names. Raised before the first frame is asked for.
        """
        stages = {"track": 0.0, "motion": 0.0, "render": 0.0}
        frames = request.services.media.frames(request.driving)
        first = next(frames, None)
        if first is None:
            raise MethodError("the driving video has no frames")
        scene = _Scene(request, first, stages, self.casting)
        return Animation(frames=scene.play(frames), stages=stages)


class _Scene:
    """A portrait and its drivers, set up from the first driving frame."""

    def __init__(
        self,
        request: Request,
        first: Frame,
        stages: MutableMapping[str, float],
        casting: Casting,
    ) -> None:
        self._track, self._stages, self._pairs = request.services.faces, stages, request.pairs
        cast = casting(request.pairs)
        self._source = request.services.media.image(request.source)
        self._strength = float(request.dials.get("strength", 1.0))
        start = perf_counter()
        sitters = self._faces(self._source, max(p.source for p in self._pairs), "the portrait")
        self._first = self._faces(
            first, max(p.driving for p in self._pairs), "the first driving frame"
        )
        stages["track"] += perf_counter() - start
        driving_size = (first.shape[0], first.shape[1])
        self._people = People(self._first, driving_size)
        self._drivers = [Driver(face, driving_size) for face in self._first]
        size = (self._source.shape[0], self._source.shape[1])
        landmarks = [pixels(face, size) for face in sitters]
        regions = separate(landmarks, size)
        self._warps, self._parts = [], []
        for pair, shares in zip(self._pairs, cast, strict=True):
            face = sitters[pair.source]
            warp = FaceWarp(self._source, landmarks[pair.source], regions[pair.source])
            self._warps.append(warp)
            roles = []
            for share in shares:
                driver = self._drivers[share.driving].first
                roles.append((share, Sitter(face, size, driver, warp.room, request.components)))
            self._parts.append(Part(roles))

    def _faces(self, frame: Frame, last: int, where: str) -> list[Face]:
        """Return the faces, at least up to rank ``last``, or say that they are not there.

        Ranks count everybody in the picture, not only those whom a pair names.
        """
        wanted = last + 1
        if wanted > 1:
            size = (frame.shape[0], frame.shape[1])
            people = without_bystanders(self._track(frame, _MOST_PEOPLE), size)
            if len(people) >= wanted:
                return people
        faces = self._track(frame, wanted)
        if len(faces) < wanted:
            found = f"{len(faces) or 'no'} face{'s' * (len(faces) != 1)}"
            raise MethodError(f"{where} shows {found}, the pairs need {wanted}")
        return faces

    def play(self, rest: Iterator[Frame]) -> Iterator[Frame]:
        """Yield one frame for each driving frame: the first, then ``rest``."""
        motions = [d.motion(face) for d, face in zip(self._drivers, self._first, strict=True)]
        yield self._render(motions)
        for frame in rest:
            motions = self._motions(frame, motions)
            yield self._render(motions)

    def _motions(self, frame: Frame, last: Sequence[Motion]) -> list[Motion]:
        start = perf_counter()
        faces = self._people.assign(self._track(frame, len(self._drivers) + _PASSERS_BY))
        tracked = perf_counter()
        motions = [
            held if face is None else driver.motion(face)
            for driver, face, held in zip(self._drivers, faces, last, strict=True)
        ]
        self._stages["track"] += tracked - start
        self._stages["motion"] += perf_counter() - tracked
        return motions

    def _render(self, motions: Sequence[Motion]) -> Frame:
        picture = self._source.copy()
        for part, warp in zip(self._parts, self._warps, strict=True):
            start = perf_counter()
            target, head = part.follow(motions, self._strength)
            carried = perf_counter()
            warp.render(target, head, onto=picture)
            self._stages["motion"] += carried - start
            self._stages["render"] += perf_counter() - carried
        return picture

"""What a case needs before a method of others can start: inputs as it wants them, a place to work.

::

    <scratch>/in/     portrait, driving video, silent sound: copies of this case's own
    <scratch>/work/   the working directory: the repository's entries as links, so that relative
                      paths work and new files stay here
    <scratch>/out/    where results are expected
    <scratch>/tmp/    TMPDIR
"""

import shutil
import uuid
import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from adapters.base import ALL_COMPONENTS, Frame, MethodError, Request
from adapters.description import Invocation
from adapters.guard import Guard, post
from adapters.home import Home, job_name, option_values, variables_of
from adapters.people import cut_people, driver_of_each_face
from adapters.picture import resized
from adapters.processes import CASE
from adapters.words import filled

_SEEDED = Path(__file__).resolve().parent / "seeded.py"
_SOUND_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Workplace:
    """A prepared case.

    Attributes:
        values: What takes the place of each placeholder.
        drivings: Driving videos by face, in the order that the command wants them.
        work: The working directory.
        inputs: The folder of the copies.
    """

    values: dict[str, str]
    drivings: tuple[str, ...]
    work: Path
    inputs: Path


def refuse_what_it_cannot(how: Invocation, request: Request) -> None:
    """Say no to a case that the method has no way to do, before hours are spent on it.

    Raises:
        MethodError: If the case drives more faces, or other parts, than the method can.
    """
    pairs = request.pairs
    if how.faces == "one" and len(pairs) > 1:
        raise MethodError(
            f"animates one face; the case has {len(pairs)} "
            '(faces = "apart" cuts people apart and animates them one by one)'
        )
    if how.faces == "alike" and len({pair.driving for pair in pairs}) > 1:
        raise MethodError("gives every face the same motion; the case has several drivers")
    if request.components != ALL_COMPONENTS and _parts(request) not in how.components:
        raise MethodError(f"cannot drive {_parts(request)} alone")


def flags(how: Invocation, request: Request) -> tuple[str, ...]:
    """Return the arguments that this kind of case adds to the command."""
    kind = how.self_flags if request.protocol == "self" else how.cross
    less = () if request.components == ALL_COMPONENTS else how.components[_parts(request)]
    return (*kind, *less)


def _parts(request: Request) -> str:
    return "+".join(sorted(component.value for component in request.components))


def prepare(how: Invocation, home: Home, request: Request, guard: Guard = "") -> Workplace:
    """Make the folders, copies and files of one case, and guard the copies if asked to.

    Raises:
        MethodError: If the case cannot be put as the method wants it.
    """
    places = {name: request.scratch / name for name in ("in", "work", "out", "tmp")}
    for place in places.values():
        place.mkdir()
    if home.repository:
        link_entries(Path(home.repository), places["work"], how.own)
    source, driving = _inputs(how, request, places["in"])
    height, width = request.size
    values = {
        "source": str(source),
        "driving": str(driving),
        "audio": str(places["in"] / "silence.wav"),
        "out": str(places["out"]),
        "work": str(places["work"]),
        "repository": home.repository,
        "python": home.python,
        "hooks": home.hooks,
        "seeded": str(_SEEDED),
        "seed": str(request.seed),
        "frames": str(request.n_frames),
        "fps": f"{float(request.fps):.6g}",
        "width": str(width),
        "height": str(height),
        "case": request.case_id,
        "job": job_name(),
        **option_values(how),
    }
    drivings = _drivings(how, request, places["in"]) if how.faces == "each" else ()
    for file in how.files:
        path = _place_for(Path(filled(file.path, values)), request.scratch)
        path.write_text(filled(file.content, values), encoding="utf-8")
    post(request.scratch, guard)
    return Workplace(values, drivings, places["work"], places["in"])


def _place_for(path: Path, scratch: Path) -> Path:
    """Make a place for a file of the case; nothing in the repository is written or removed.

    Raises:
        MethodError: If what takes the place of a placeholder leads out of the case.
    """
    if ".." in path.parts or not path.is_relative_to(scratch):
        raise MethodError(f"a file of the case would lie outside it: {path}")
    for parent in reversed(path.relative_to(scratch).parents):
        folder = scratch / parent
        if parent.name and folder.is_symlink():
            there = folder.resolve()
            folder.unlink()
            folder.mkdir()
            link_entries(there, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # a link into the repository must not be written through
    return path


def link_entries(repository: Path, work: Path, own: tuple[str, ...] = ()) -> None:
    """Make the entries of ``repository`` appear in ``work``, except those in ``own``.

    Folders in ``own`` (``results``, or ``a/b``) are made, empty, in place of the repository's.
    """
    taken = {Path(name).parts[0] for name in own}
    for entry in repository.iterdir():
        if entry.name not in taken:
            (work / entry.name).symlink_to(entry.absolute())
    for name in own:
        parts = Path(name).parts
        (work / name).mkdir(parents=True, exist_ok=True)
        for depth in range(1, len(parts)):
            inner = repository.joinpath(*parts[:depth])
            for entry in inner.iterdir() if inner.is_dir() else ():
                place = work.joinpath(*parts[:depth], entry.name)
                if not place.exists():
                    place.symlink_to(entry.absolute())


def _inputs(how: Invocation, request: Request, folder: Path) -> tuple[Path, Path]:
    media = request.services.media
    wanted = how.inputs
    source, driving = folder / "source.png", folder / "driving.mp4"
    if wanted.size is None:
        shutil.copyfile(request.source, source)
    else:
        media.write_image(source, resized(media.image(request.source), wanted.size))
    if wanted.size is None and wanted.audio != "track" and not wanted.extra:
        shutil.copyfile(request.driving, driving)
    else:
        frames = _lengthened(media.frames(request.driving), wanted.extra)
        size = wanted.size
        shaped = frames if size is None else (resized(frame, size) for frame in frames)
        media.write_video(driving, shaped, request.fps, silent_track=wanted.audio == "track")
    if wanted.audio == "file":
        write_silence(folder / "silence.wav", float(request.n_frames / request.fps))
    return source, driving


def _lengthened(frames: Iterable[Frame], extra: int) -> Iterator[Frame]:
    """Yield ``frames``, then their last one again ``extra`` times."""
    last = None
    for frame in frames:
        last = frame
        yield frame
    if last is not None:
        yield from repeat(last, extra)


def write_silence(path: Path, seconds: float) -> None:
    """Write a silent mono WAV of 16 kHz that lasts ``seconds``."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_SOUND_RATE)
        sound.writeframes(bytes(2 * round(seconds * _SOUND_RATE)))


def _drivings(how: Invocation, request: Request, folder: Path) -> tuple[str, ...]:
    people = cut_people(request, folder, how.inputs.margin)
    of_faces = []
    for face, person in enumerate(driver_of_each_face(request)):
        path = folder / f"face{face}.mp4"  # one file a face: two faces may share a driver
        shutil.copyfile(people[person], path)
        of_faces.append(str(path))
    return tuple(of_faces if how.inputs.order == "left" else reversed(of_faces))


def environment(how: Invocation, place: Workplace) -> dict[str, str]:
    """Return the environment of one case's command."""
    return {
        **variables_of(how, int(place.values["seed"]), place.values),
        CASE: uuid.uuid4().hex,
        "TMPDIR": str(place.work.parent / "tmp"),
    }

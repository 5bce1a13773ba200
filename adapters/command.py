"""A method as a command line: one process a case."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from adapters.apart import animated_apart, is_for
from adapters.base import Animation, Finished, Frame, MethodError, Request
from adapters.description import Invocation
from adapters.face_crop import undoing_for
from adapters.guard import Guard
from adapters.home import home_from
from adapters.output import Capped, pump
from adapters.processes import CASE, FOLLOWS, adopt_orphans, descendants, end_others
from adapters.words import filled, filled_all
from adapters.workplace import (
    Workplace,
    environment,
    flags,
    prepare,
    refuse_what_it_cannot,
)

_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


class Command:
    """Runs a described command once for every case and brings its result into the canvas.

    Args:
        how: The description, as plain data of `adapters.description.Invocation`.
        home: Where the method lives, as plain data of `adapters.workplace.Home`.
        guard: How its inputs are watched over, see `adapters.guard`.
    """

    def __init__(self, how: Mapping[str, Any], home: Mapping[str, Any], guard: Guard = "") -> None:
        self._how = Invocation.model_validate(how)
        self._home = home_from(home)
        self._guard: Guard = guard
        adopt_orphans()

    def animate(self, request: Request) -> Animation:
        """Run the command on a case of its own.

        Raises:
            MethodError: If the case is not one for it, the command fails, or its result is not
                what the description says.
        """
        refuse_what_it_cannot(self._how, request)
        if is_for(self._how, request):
            return animated_apart(self._how, request, self.animate)
        expected = expected_frames(self._how, request)
        place = prepare(self._how, self._home, request, self._guard)
        seconds = self._run(place, request)
        result = find_result(self._how, place)
        return normalised(self._how, request, result, expected, seconds)

    def _run(self, place: Workplace, request: Request) -> float:
        how = self._how
        words = filled_all((*how.command, *flags(how, request)), place.values, place.drivings)
        words = [*filled_all((*self._home.prefix, *how.environment.prefix), place.values), *words]
        start = time.perf_counter()
        code, said = run_to_end(words, place.work, environment(how, place))
        seconds = time.perf_counter() - start
        if code and not how.tolerant:
            said = _in_the_case(said, request)
            raise MethodError(f"its command {_ended(code)}" + (f": {said}" if said else ""))
        return seconds


def run_to_end(words: list[str], work: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run an argument list, pass on what it prints within bounds, and end what it leaves behind.

    Returns:
        Its exit code (negative: the signal that ended it) and its last words.

    Raises:
        MethodError: If it cannot be started.
    """
    spared = descendants(os.getpid())
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list, no shell
            words,
            cwd=work,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=FOLLOWS,
        )
    except (OSError, ValueError) as error:  # a NUL in an argument is a ValueError
        why = error.strerror if isinstance(error, OSError) else error
        raise MethodError(f"cannot start {words[0]}: {why}") from None
    assert process.stdout is not None
    capped = Capped(_print)
    reader = pump(process.stdout, capped)
    code = process.wait()
    # A child left behind would hold the pipe open: end it, then read what is left.
    end_others(spared, f"{CASE}={variables[CASE]}")
    reader.join(5)
    process.stdout.close()
    return code, capped.last_words


def _print(piece: bytes) -> None:
    sys.stderr.buffer.write(piece)
    sys.stderr.buffer.flush()


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    named = {number.value: number.name for number in signal.Signals}  # real-time ones have none
    return f"was ended by {named.get(-code, f'signal {-code}')}"


def expected_frames(how: Invocation, request: Request) -> list[int]:
    """Return the driving frame of every frame that the method should give.

    Raises:
        MethodError: If the driving video is too short for it.
    """
    expected = how.frames.rule.frame_map(request.n_frames, request.fps)
    if not expected:
        raise MethodError(
            f"{request.n_frames} driving frames are too few for it ({how.frames.rule})"
        )
    return expected


def find_result(how: Invocation, place: Workplace) -> list[Path]:
    """Return the result: one video, or all pictures of a sequence in their order.

    Raises:
        MethodError: If there is none, or if several could be meant.
    """
    pattern = filled(how.output, place.values)
    root = place.work.parent
    matches = root.glob(str(Path(pattern).relative_to(root)))
    meant = sorted(
        path
        for path in matches
        if path.is_file() and not any(fnmatch(path.name, name) for name in how.ignore)
    )
    # What lies behind a link out of the case is not known to be made by it: an old result, say.
    found = [path for path in meant if path.resolve().is_relative_to(root.resolve())]
    shown = how.output
    if not found and meant:
        raise MethodError(
            f"its result is behind a link out of the case: {meant[0].resolve()} "
            "(own = [...] gives each case a folder of its own there)"
        )
    if not found:
        raise MethodError(f"ended without a result ({shown})")
    if all(path.suffix.lower() in _PICTURES for path in found):
        return found
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise MethodError(f"several files could be the result ({shown}): {names}")
    return found


def normalised(
    how: Invocation, request: Request, result: list[Path], expected: list[int], seconds: float
) -> Animation:
    """Return the result with its panel cut, its geometry undone and its frames mapped by index."""
    geometry, undo = undoing_for(how.result, request, expected)

    def read() -> Iterator[Frame]:
        frames = counted(_decoded(request, result), len(expected), how.frames.surplus)
        return (undo(frame) for frame in frames)

    return Animation(Finished(read, seconds), frame_map=expected, geometry=geometry)


def counted(frames: Iterator[Frame], expected: int, surplus: bool) -> Iterator[Frame]:
    """Pass on ``expected`` frames.

    Raises:
        MethodError: If there are fewer, or more where none are to be cut: the frame map of the
            description would put wrong frames beside each other.
    """
    count = 0
    for frame in frames:
        count += 1
        if count <= expected:
            yield frame
        elif surplus:
            return
    if count != expected:
        raise MethodError(f"gave {count} frames where its frame rule says {expected}")


def _decoded(request: Request, result: list[Path]) -> Iterator[Frame]:
    media = request.services.media
    try:
        if result[0].suffix.lower() in _PICTURES:
            yield from (media.image(path) for path in result)
        else:
            yield from media.frames(result[0])
    except Exception as error:  # a result that cannot be read is the method's failure
        why = _in_the_case(str(error), request)
        raise MethodError(f"its result cannot be read: {why}") from None


def _in_the_case(text: str, request: Request) -> str:
    """Return ``text`` with paths of the case as the case sees them: alike in every case."""
    return text.replace(f"{request.scratch}/", "")

"""A method that stays loaded in its own environment: our side of `adapters.worker`."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from math import isfinite
from operator import index
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from adapters.apart import animated_apart, is_for
from adapters.base import Animation, Frame, MethodError, Request
from adapters.command import counted, expected_frames
from adapters.description import Invocation
from adapters.face_crop import undoing_for
from adapters.guard import Guard
from adapters.home import Home, home_from, job_name, known_early, variables_of
from adapters.processes import FOLLOWS, adopt_orphans
from adapters.words import filled_all, names_in
from adapters.workplace import (
    Workplace,
    prepare,
    refuse_what_it_cannot,
)

_WORKER = Path(__file__).resolve().parent / "worker.py"
_MOST_BYTES = 3 * 7680 * 4320
_LINE = 1 << 16
_NEEDS = {"ready": ("load_s",), "frame": ("run_s",), "done": (), "failed": ()}
"""The kinds of answers, and the seconds that each must tell."""
_N = TypeVar("_N", int, float)
FORMAT = 1
"""Version of the protocol; that of `adapters.worker`, which cannot be imported from here."""


class Resident:
    """Loads a described method once in its own environment and streams its frames.

    Args:
        how: The description, as plain data of `adapters.description.Invocation`.
        home: Where the method lives, as plain data of `adapters.workplace.Home`.
        seed: Seed while it loads.
        guard: How its inputs are watched over, see `adapters.guard`.

    Attributes:
        load_s: Seconds that loading took by the method's own clock.
        says: ``chunk_frames`` and ``look_ahead`` as its hook states them, if it does.
        memory: Peaks on the GPU in bytes after the last case, ``allocated`` and ``reserved``.
        synchronise: Whether it waits for the GPU after every frame, for measuring speed.
    """

    def __init__(
        self, how: Mapping[str, Any], home: Mapping[str, Any], seed: int = 0, guard: Guard = ""
    ) -> None:
        self._how = Invocation.model_validate(how)
        self._home = home_from(home)
        self._seed = seed
        self._guard: Guard = guard
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = False
        self.load_s = 0.0
        self.says: dict[str, int] = {}
        self.memory: dict[str, int] = {}
        self.synchronise = False
        adopt_orphans()
        self._start()

    def animate(self, request: Request) -> Animation:
        """Have one case made; frames come as the method gives them.

        Raises:
            MethodError: If the case is not one for it, it fails, or it gives other frames than the
                description says.
        """
        refuse_what_it_cannot(self._how, request)
        if is_for(self._how, request):
            return animated_apart(self._how, request, self.animate)
        expected = expected_frames(self._how, request)
        place = prepare(self._how, self._home, request, self._guard)
        geometry, undo = undoing_for(self._how.result, request, expected)
        if self._process is None or self._process.poll() is not None:
            self._start()
        while self._busy:  # a case that we gave up on may still be sending
            self._answer()
        animation = Animation((), frame_map=expected, geometry=geometry)
        self._busy = True
        self._send({**_job(self._how, request, place), "synchronise": self.synchronise})
        frames = self._frames(animation, expected)
        counted_ones = counted(frames, len(expected), self._how.frames.surplus)
        animation.frames = (undo(frame) for frame in counted_ones)
        return animation

    def _start(self) -> None:
        name, _, kind = self._how.worker.rpartition(":")
        hook = _found(name, self._home)
        early = known_early(self._how, self._home, job_name())
        prefix = (*self._home.prefix, *self._how.environment.prefix)
        if late := [n for text in prefix for n in names_in(text) if n not in early]:
            raise MethodError(f"its prefix names {{{late[0]}}}, which means nothing to a worker")
        words = [*filled_all(prefix, early), self._home.python]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - an argument list, no shell
                [*words, str(_WORKER), f"{hook}:{kind}"],
                cwd=self._home.repository or None,
                env=variables_of(self._how, self._seed, early),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=FOLLOWS,
            )
        except (OSError, ValueError) as error:  # a NUL in an argument is a ValueError
            why = error.strerror if isinstance(error, OSError) else error
            raise MethodError(f"cannot start {words[0]}: {why}") from None
        self._send({"options": self._how.options, "seed": self._seed})
        answer, _ = self._answer()
        if answer["kind"] != "ready":
            raise MethodError(f"cannot be loaded: {answer.get('reason', answer['kind'])}")
        if answer.get("format") != FORMAT:
            raise MethodError(f"its worker speaks format {answer.get('format')}, not {FORMAT}")
        self.load_s = float(answer["load_s"])
        self.says = _numbers(answer.get("says"), int)

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # why it is gone is said when its answer is missing
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _frames(self, animation: Animation, expected: list[int]) -> Iterator[Frame]:
        times = animation.times
        while True:
            answer, payload = self._answer()
            if answer["kind"] == "failed":
                raise MethodError(str(answer.get("reason", "gives no reason"))[:500])
            if answer["kind"] == "done":
                self.memory = _numbers(answer.get("memory"), int)
                return
            animation.stages.update(_numbers(answer.get("stages"), float))
            times.append(float(answer["run_s"]))
            where, count = answer["index"], len(times)
            if where is not None and count <= len(expected) and where != expected[count - 1]:
                raise MethodError(
                    f"says that frame {count - 1} came from driving frame {where}; "
                    f"its frame rule says {expected[count - 1]}"
                )
            yield np.frombuffer(payload, np.uint8).reshape(answer["shape"])

    def _answer(self) -> tuple[dict[str, Any], bytes]:
        """Read one answer; whatever is no answer is the method's failure."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline(_LINE)
        if not line:
            self._busy = False
            raise MethodError(self._post_mortem())
        try:
            answer, size = _understood(line)
        except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
            self._process.kill()  # nothing after this can be told from noise
            self._process.wait()
            raise MethodError(f"its worker sent what is no answer: {line[:80]!r}") from None
        payload = self._process.stdout.read(size) if size else b""
        self._busy = self._busy and answer["kind"] == "frame"
        if len(payload) != size:
            raise MethodError(self._post_mortem())
        return answer, payload

    def _post_mortem(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the next case starts another
            self._process.wait()
            return "its worker closed its pipe and does not end"
        return f"its worker ended (exit code {code})"


def _understood(line: bytes) -> tuple[dict[str, Any], int]:
    """Return an answer that has all that its kind has, and how many bytes follow it.

    Raises:
        ValueError, KeyError, TypeError, ArithmeticError, RecursionError: If it is something else.
    """
    answer: dict[str, Any] = json.loads(line)
    kind, size = answer["kind"], int(answer["bytes"])
    if kind not in _NEEDS or not 0 <= size <= _MOST_BYTES:
        raise ValueError
    if not all(isfinite(answer[name]) for name in _NEEDS[kind]):
        raise ValueError
    if kind == "frame":
        height, width, colours = map(index, answer["shape"])
        index(answer["index"] or 0)
        if min(height, width) < 1 or colours != 3 or height * width * colours != size:
            raise ValueError
    return answer, size


def _numbers(told: object, kind: type[_N]) -> dict[str, _N]:
    """Return what a worker tells by name, as finite numbers; nothing if it is something else."""
    if not isinstance(told, dict):
        return {}
    known = {str(n): v for n, v in told.items() if isinstance(v, int | float) and isfinite(v)}
    return {name: kind(value) for name, value in known.items()}


def _found(name: str, home: Home) -> Path:
    for folder in (home.hooks, home.repository):
        path = Path(folder) / name
        if folder and path.is_file():
            return path
    raise MethodError(f"no hook {name} in {home.hooks or '.'} or {home.repository or '.'}")


def _job(how: Invocation, request: Request, place: Workplace) -> dict[str, Any]:
    values = {**place.values}
    return {
        **{name: values[name] for name in ("source", "driving", "audio", "out", "work", "fps")},
        "drivings": list(place.drivings),
        "protocol": request.protocol,
        "seed": request.seed,
        "frames": request.n_frames,
        "width": request.size[1],
        "height": request.size[0],
        "case": request.case_id,
        "parts": sorted(component.value for component in request.components),
        "options": how.options,
    }

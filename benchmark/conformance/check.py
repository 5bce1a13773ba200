"""All rules of the conformance run, on one method."""

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.guard import binds
from adapters.picture import resized
from benchmark.conformance import judge, lag, outside
from benchmark.conformance.trials import Bench, Inputs, Trial, snapshot
from benchmark.conformance.verdict import Finding, Verdict, broken, held, untestable
from benchmark.process import GenerateOptions, Worker
from benchmark.spec import MethodSpec
from benchmark.tracker import LentTracker
from metrics.signals.face_backends import Backend

LOW, HIGH = 64, 192
"""Range of the inputs by which a stretch of contrast is seen."""

_REASON = 160


@dataclass(frozen=True, slots=True)
class Material:
    """What the rules are tried on.

    Attributes:
        one: A case of one person.
        two: A case of two people; ``None`` where the method animates one.
        nobody: A picture without a face, of any size.
    """

    one: Inputs
    two: Inputs | None
    nobody: NDArray[np.uint8]


@dataclass
class _State:
    """What rules learn from each other."""

    bench: Bench
    worker: Worker
    material: Material
    base: Trial = field(default_factory=Trial)
    noise: float = 0.0

    def run(self, inputs: Inputs) -> Trial:
        return self.bench.run(self.worker, inputs)

    @property
    def frames(self) -> NDArray[np.uint8]:
        assert self.base.frames is not None
        return self.base.frames


def check(
    spec: MethodSpec,
    options: GenerateOptions,
    material: Material,
    log: Path,
    say: Callable[[Finding], object],
) -> list[Finding]:
    """Try every rule on the method and return what was found, in order.

    Args:
        spec: The method, present on this machine.
        options: How it is run; the time limit holds for each trial.
        material: What it is tried on.
        log: File that receives what it prints.
        say: Told each finding as it comes.

    Raises:
        MethodBroken: If it cannot even be loaded.
    """
    found: list[Finding] = []
    watched = [Path(p) for p in _places(spec)]
    before = snapshot(watched)
    with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
        bench = Bench(spec, options, Path(folder), log).guarding("listed")
        with bench.worker() as worker:
            state = _State(bench, worker, material)
            for finding in _rules(state):
                found.append(finding)
                say(finding)
        if state.base.frames is not None:
            for rule in (_outside(state, before, watched), _at_once(state)):
                found.append(rule)
                say(rule)
    return found


def _places(spec: MethodSpec) -> list[str]:
    if spec.row is not None:
        return [spec.options["home"]["repository"]]
    return [spec.search] if spec.search else []


def _rules(state: _State) -> Iterator[Finding]:
    one = state.material.one
    state.base = state.run(one)
    if state.base.frames is None:
        reason = _short(state.base.reason)
        which = "; [frames] says which it drops or adds" if _counts(reason) else ""
        yield broken("frame count", f"no result: {reason}{which}")
        return
    n, kept = len(one.driving), len(state.base.frame_map)
    yield held("frame count", f"{n} driving frames gave {kept}, as stated")
    again = state.run(one)
    if again.frames is None:
        yield broken("same seed, same frames", f"failed the second time: {_short(again.reason)}")
        return
    yield judge.determinism(state.frames, again.frames)
    state.noise = float(judge.changes(state.frames, again.frames).mean())
    yield _frame_map(state)
    yield _geometry(state)
    yield _value_range(state)
    yield _audio(state)
    yield from _no_face(state)
    yield _inputs_alone(state)
    if state.material.two is not None:
        yield _assignment(state, state.material.two)


def _frame_map(state: _State) -> Finding:
    one = state.material.one
    stated = state.base.frame_map
    n = len(stated)
    tried = sorted({stated[n // 4], stated[n // 2], stated[(3 * n) // 4]} - {0})
    outputs = {}
    for driving in tried:
        trial = state.run(one.with_frame(driving, _another(one, driving)))
        if trial.frames is None:
            return untestable("frame map", f"another frame ends it: {_short(trial.reason)}")
        outputs[driving] = trial.frames
    found = judge.frame_map(state.frames, outputs, stated, state.noise)
    if found.verdict is not Verdict.UNTESTABLE:
        return found
    second = _by_lag(state)
    return replace(second, said=f"{found.said}; {second.said}")


def _by_lag(state: _State) -> Finding:
    one, options = state.material.one, state.bench.options
    driver = dict(one.pairs)[0]
    people = len(one.pairs)
    with closing(LentTracker(options.face_model, Backend.parse(options.face_backend))) as tracker:
        driving = lag.motion_of(one.driving, tracker, people, driver)
        outputs = lag.motion_of(state.frames, tracker, people, 0)
    return lag.by_lag(driving, outputs, state.base.frame_map)


def _another(one: Inputs, driving: int) -> NDArray[np.uint8]:
    """Return a picture of the same people in another pose, in which trackers still find faces."""
    if len(one.pairs) == 1:
        return np.ascontiguousarray(one.driving[driving][:, ::-1])
    # Several people must not change places: half the clip later they only look otherwise.
    return np.asarray(one.driving[(driving + len(one.driving) // 2) % len(one.driving)])


def _geometry(state: _State) -> Finding:
    """The clip is the portrait itself, mark and all: nothing moves, so that a mark stays put."""
    one = state.material.one

    def still(portrait: NDArray[np.uint8]) -> Inputs:
        driving = np.repeat(portrait[None], len(one.driving), axis=0)
        return replace(one, portrait=portrait, driving=driving)

    plain = state.run(still(one.portrait))
    if plain.frames is None:
        return untestable("geometry", f"a still clip ends it: {_short(plain.reason)}")
    marked = []
    for rows, columns in judge.corner_boxes(one.portrait.shape[:2]):
        portrait = one.portrait.copy()
        portrait[rows, columns] = np.where(portrait[rows, columns] < 128, 255, 0)
        trial = state.run(still(portrait))
        if trial.frames is None:
            return untestable("geometry", f"a marked portrait ends it: {_short(trial.reason)}")
        marked.append(trial.frames)
    return judge.geometry([plain.frames], marked, state.noise)


def _value_range(state: _State) -> Finding:
    def pale(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        scaled = LOW + picture.astype(np.float32) * ((HIGH - LOW) / 255)
        return np.asarray(np.rint(scaled), dtype=np.uint8)

    one = state.material.one
    portrait = pale(one.portrait)
    trial = state.run(replace(one, portrait=portrait, driving=pale(one.driving)))
    if trial.frames is None:
        return untestable("value range", f"pale inputs end it: {_short(trial.reason)}")
    return judge.value_range(trial.frames, portrait, LOW, HIGH)


def _audio(state: _State) -> Finding:
    """Silence must change nothing; the driving video is encoded anew with it, so: not the count."""
    rule = "a silent track"
    trial = state.run(replace(state.material.one, sound=True))
    if trial.frames is None:
        return broken(rule, f"fails: {_short(trial.reason)}")
    return held(rule, f"{len(trial.frames)} frames with and without sound in the driving video")


def _no_face(state: _State) -> Iterator[Finding]:
    one = state.material.one
    empty = resized(state.material.nobody, (one.portrait.shape[0], one.portrait.shape[1]))
    nobody = resized(state.material.nobody, (one.driving.shape[1], one.driving.shape[2]))
    middle = len(one.driving) // 2
    tries = (
        ("a portrait without a face", replace(one, portrait=empty, kind="cross")),
        ("a driving frame without a face", one.with_frame(middle, nobody)),
    )
    for rule, inputs in tries:
        trial = state.run(inputs)
        if trial.frames is not None:
            yield held(rule, f"goes on and gives all {len(trial.frames)} frames")
        elif "(timeout)" in trial.reason:
            yield broken(rule, f"hangs: {_short(trial.reason)}")
        elif _counts(trial.reason):
            yield broken(rule, f"drops frames without saying so: {_short(trial.reason)}")
        else:
            yield held(rule, f"fails and says so: {_short(trial.reason)}")


def _inputs_alone(state: _State) -> Finding:
    rule, bench = "input folder left alone", state.bench
    if state.base.written:
        names = ", ".join(state.base.written)
        return broken(rule, f"writes {names}: a read-only folder would end it (copies are used)")
    said = "nothing beside the inputs is written or changed"
    if bench.spec.row is None:
        return held(rule, said)
    if not binds(bench.folder):
        return held(rule, f"{said}; a read-only folder binds nobody here (run by root)")
    sealed = bench.guarding("sealed")
    with sealed.worker() as worker:
        trial = sealed.run(worker, state.material.one)
    if trial.frames is None:
        return broken(rule, f"a read-only folder ends it: {_short(trial.reason)} (copies are used)")
    return held(rule, f"{said}, and a read-only folder does not matter")


def _assignment(state: _State, two: Inputs) -> Finding:
    base = state.run(two)
    if base.frames is None:
        return untestable("assignment", f"two people end it: {_short(base.reason)}")
    middle = two.driving.shape[2] // 2
    outputs = {}
    for person, half in enumerate((slice(0, middle), slice(middle, None))):
        driving = two.driving.copy()
        driving[1:, :, half] = driving[:0:-1, :, half]  # the same motion backwards
        trial = state.run(replace(two, driving=driving))
        if trial.frames is None:
            return untestable("assignment", f"motion backwards ends it: {_short(trial.reason)}")
        outputs[person] = trial.frames
    return judge.assignment(base.frames, outputs, dict(two.pairs))


def _outside(state: _State, before: outside.Snapshot, watched: list[Path]) -> Finding:
    bench, home = state.bench, None
    if bench.spec.row is not None:
        place = outside.HomeApart(bench.folder / "home", os.environ)
        apart = bench.with_variables(place.variables)
        with apart.worker() as worker:
            trial = apart.run(worker, state.material.one)
        home = (replace(trial, reason=_short(trial.reason)), list(place.written()))
    return outside.judge(before, snapshot(watched), watched, home)


def _at_once(state: _State) -> Finding:
    """Two processes at the same time must give what one gives alone."""
    rule = "two jobs at once"
    if state.noise > 0:
        return untestable(rule, "one job alone does not give the same frames twice")

    def alone(_: int) -> Trial:
        with state.bench.worker() as worker:
            return state.bench.run(worker, state.material.one)

    with ThreadPoolExecutor(2) as pool:
        trials = list(pool.map(alone, range(2)))
    for trial in trials:
        if trial.frames is None:
            return broken(rule, f"one fails: {_short(trial.reason)}")
        if not np.array_equal(trial.frames, state.frames):
            return broken(rule, "one of them gives other frames than alone")
    return held(rule, "both give what one gives alone")


def _counts(reason: str) -> bool:
    """Say whether a case failed by the number of frames."""
    return reason.startswith(("gave ", "returned "))


def _short(reason: str) -> str:
    return reason if len(reason) <= _REASON else reason[: _REASON - 3] + "..."

"""The loop: every case is generated, then measured, each in one transaction of the journal.

Stop it anywhere; the same command goes on where the journal ends.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmark import provenance
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.generate import generate_case
from benchmark.measure import FaceTools, StoredClip, measure_case, source_signals
from benchmark.paths import cache_dir
from benchmark.plan import Plan, difference
from benchmark.process import GenerateOptions, Worker
from benchmark.scores import Timing, score_case, unjudgeable
from benchmark.signals import SignalStore
from benchmark.splits.manifest import Case
from benchmark.store import (
    Generated,
    Journal,
    Outcome,
    RunPaths,
    RunRecord,
    load_run,
    read_manifest,
    write_manifest,
)
from metrics.signals.mediapipe_face import FaceLandmarker
from metrics.weights import file_sha256

_MOST_FACE_THREADS = 8


class Progress(Protocol):
    """Told what is going on; draws it or not."""

    def stage(self, case: Case, what: str, frames: int) -> None:
        """A stage of a case begins; it has that many frames."""
        ...

    def frames(self, done: int) -> None:
        """So many frames of the current stage are done."""
        ...

    def finished(self, case: Case, outcome: Outcome, reason: str) -> None:
        """A case is through."""
        ...


@dataclass(frozen=True, slots=True)
class _Bench:
    """What the cases of a run share."""

    plan: Plan
    paths: RunPaths
    journal: Journal
    worker: Worker
    tools: FaceTools
    progress: Progress


def run(plan: Plan, out: Path, face_model: Path, progress: Progress) -> RunRecord:
    """Carry out ``plan`` in ``out``, going on where an earlier call stopped.

    Raises:
        UsageProblem: If ``out`` holds another run, or another process works on it.
        EnvironmentProblem: If ``out`` cannot be written.
        BenchError: If an input of the split cannot be read, or the method cannot be loaded.
    """
    paths = RunPaths(out)
    with _claimed(paths, plan) as lock:
        options = GenerateOptions(plan.options.timeout_s, plan.options.seed, face_model)
        landmarker = FaceLandmarker(face_model, plan.face, _face_threads())
        store = SignalStore.of(
            cache_dir(), plan.face.as_dict(), provenance.packages().get("mediapipe", "unknown")
        )
        with (
            closing(Journal(paths.journal)) as journal,
            landmarker,
            Worker(plan.spec, options, paths.log, lock) as worker,
        ):
            bench = _Bench(plan, paths, journal, worker, FaceTools(landmarker, store), progress)
            _all_cases(bench)
        shutil.rmtree(paths.scratch, ignore_errors=True)
    return load_run(out)


def _face_threads() -> int:
    """Threads of the face network; the results do not depend on it."""
    return max(1, min(_MOST_FACE_THREADS, provenance.cores()))


def _all_cases(bench: _Bench) -> None:
    generated = bench.journal.generated()
    measured = {score.case_id for score in bench.journal.scores()}
    for case in bench.plan.cases:
        result = generated.get(case.id)
        if case.id in measured and result is not None:
            continue
        if result is None or (result.outcome is Outcome.OK and not _intact(bench.paths, result)):
            result = _generate(bench, case)
            bench.journal.record_generated(result)
        if result.outcome is Outcome.OK:
            _measure(bench, case, result)
        bench.progress.finished(case, result.outcome, result.reason)


def _generate(bench: _Bench, case: Case) -> Generated:
    source = source_signals(bench.plan.split, case, bench.tools)
    if reason := unjudgeable(case, source.face):
        return Generated(case.id, Outcome.UNJUDGEABLE, reason=reason)
    bench.progress.stage(case, "generate", case.n_frames)
    seed = bench.plan.options.seed
    return generate_case(
        bench.worker, bench.plan.split, case, bench.paths, seed, bench.progress.frames
    )


def _measure(bench: _Bench, case: Case, result: Generated) -> None:
    bench.progress.stage(case, "measure", len(result.frame_map))
    evidence = measure_case(
        bench.plan.split,
        case,
        StoredClip(bench.paths.clip(case.id), result.clip_sha256, result.frame_map),
        bench.tools,
        bench.progress.frames,
    )
    timing = Timing(result.timings, len(result.frame_map), bench.plan.spec.no_speed)
    bench.journal.record_scores(score_case(case, evidence, timing))


def _intact(paths: RunPaths, result: Generated) -> bool:
    """Say whether a clip that is not measured yet is still the one that was generated."""
    clip = paths.clip(result.case_id)
    return clip.is_file() and file_sha256(clip) == result.clip_sha256


@contextmanager
def _claimed(paths: RunPaths, plan: Plan) -> Iterator[int]:
    """Own the run directory: make it or check that it holds this run, and lock it.

    Yields the descriptor of the lock.
    """
    try:
        paths.root.mkdir(parents=True, exist_ok=True)
        lock = paths.lock.open("w")
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write to {paths.root}: {error.strerror}", "choose another --out"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageProblem(
                f"another process is working on {paths.root}", "wait for it, or use another --out"
            ) from None
        _check_or_write_manifest(paths, plan)
        _sweep(paths)
        yield lock.fileno()


def _sweep(paths: RunPaths) -> None:
    """Remove what a run that was killed left half-written."""
    shutil.rmtree(paths.scratch, ignore_errors=True)
    paths.scratch.mkdir()
    for part in paths.root.glob("clips/.*.part.*"):
        part.unlink()


def _check_or_write_manifest(paths: RunPaths, plan: Plan) -> None:
    if not paths.manifest.exists():
        strangers = [p.name for p in paths.root.iterdir() if p != paths.lock]
        if strangers:
            raise UsageProblem(
                f"{paths.root} is not empty and is not a run (it holds {strangers[0]})",
                "choose another --out",
            )
        write_manifest(paths, plan.manifest())
        return
    if part := difference(read_manifest(paths), plan.identity()):
        raise UsageProblem(
            f"{paths.root} holds another run: its {part} differs from what is asked for now",
            "choose another --out, or delete the directory",
        )

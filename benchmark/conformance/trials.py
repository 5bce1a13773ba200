"""Running a method on made-up cases, each in a scratch directory, and looking at what it did."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adapters.base import ALL_COMPONENTS
from adapters.guard import Guard, relieve
from adapters.picture import resized
from benchmark import protocol
from benchmark.media.image import write_png
from benchmark.media.video import read_video
from benchmark.media.write import CANONICAL, LOSSLESS, write_video
from benchmark.process import GenerateOptions, Worker
from benchmark.spec import MethodSpec

RATE = Fraction(25)


@dataclass(frozen=True, slots=True)
class Inputs:
    """A made-up case.

    Attributes:
        portrait: ``(H, W, 3)`` uint8.
        driving: ``(T, H, W, 3)`` uint8.
        pairs: ``(source, driving)`` ranks.
        sound: Whether the driving video has a silent track.
        kind: ``self`` or ``cross``.
    """

    portrait: NDArray[np.uint8]
    driving: NDArray[np.uint8]
    pairs: tuple[tuple[int, int], ...] = ((0, 0),)
    sound: bool = False
    kind: str = "self"

    def with_frame(self, index: int, frame: NDArray[np.uint8]) -> "Inputs":
        """Return the case with one driving frame replaced."""
        driving = self.driving.copy()
        driving[index] = frame
        return replace(self, driving=driving)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a case.

    Attributes:
        frames: Outputs at the size of the canvas; ``None`` if it failed.
        frame_map: The frame map.
        reason: Why it failed.
        written: What the method changed of its inputs, or left beside them.
    """

    frames: NDArray[np.uint8] | None = None
    frame_map: tuple[int, ...] = ()
    reason: str = ""
    written: tuple[str, ...] = ()


@dataclass
class Bench:
    """Runs trials of one method: scratch directories in ``folder``, what it prints in ``log``."""

    spec: MethodSpec
    options: GenerateOptions
    folder: Path
    log: Path

    def guarding(self, guard: Guard) -> "Bench":
        """Return the bench with another guard over the inputs; methods in process have none."""
        if self.spec.row is None:
            return self
        options = {**self.spec.options, "guard": guard}
        return replace(self, spec=replace(self.spec, options=options))

    def with_variables(self, variables: Mapping[str, str]) -> "Bench":
        """Return the bench with more environment variables for a method outside."""
        how = self.spec.options["how"]
        there = how.get("environment", {})
        told = {**there, "variables": {**there.get("variables", {}), **variables}}
        options = {**self.spec.options, "how": {**how, "environment": told}}
        return replace(self, spec=replace(self.spec, options=options))

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """A process that has the method loaded."""
        with Worker(self.spec, self.options, self.log) as worker:
            yield worker

    def run(self, worker: Worker, inputs: Inputs) -> Trial:
        """Run one case."""
        scratch = Path(tempfile.mkdtemp(prefix="trial-", dir=self.folder))
        clip = scratch.with_suffix(".mkv")
        try:
            job = self._job(scratch, clip, inputs)
            before = {path: _sha256(path) for path in (job.source, job.driving)}
            result = worker.run(job, lambda _: None)
            written = (*_changed(before), *relieve(scratch))
            if result.reason:
                return Trial(reason=result.reason, written=written)
            size = (inputs.portrait.shape[0], inputs.portrait.shape[1])
            frames = np.stack([resized(frame, size) for frame in read_video(clip)])
            return Trial(frames, result.frame_map, written=written)
        finally:
            list(relieve(scratch))  # a sealed folder cannot be emptied
            shutil.rmtree(scratch, ignore_errors=True)
            clip.unlink(missing_ok=True)

    def _job(self, scratch: Path, clip: Path, inputs: Inputs) -> protocol.Job:
        height, width = inputs.portrait.shape[:2]
        job = protocol.Job(
            case_id="check",
            protocol=inputs.kind,
            scratch=str(scratch),
            clip=str(clip),
            preview=str(clip.with_suffix(".mp4")),
            latents=str(clip.with_suffix(".latents")),
            n_frames=len(inputs.driving),
            fps=str(RATE),
            size=(height, width),
            pairs=inputs.pairs,
            components=tuple(sorted(c.value for c in ALL_COMPONENTS)),
            seed=self.options.seed,
        )
        write_png(job.source, inputs.portrait)
        encoding = replace(CANONICAL, silence=True) if inputs.sound else LOSSLESS
        write_video(job.driving, inputs.driving, RATE, encoding)
        return job


def snapshot(folders: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """Return size and time of change of every file in ``folders``, byte code aside."""
    found = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and "__pycache__" not in path.parts and ".git" not in path.parts:
                stat = path.stat()
                found[str(path)] = (stat.st_size, stat.st_mtime_ns)
    return found


def _changed(before: dict[Path, str]) -> Iterator[str]:
    """Yield what became of the inputs that a method in our process reads itself."""
    for path, digest in before.items():
        if not path.is_file():
            yield f"{path.name} (removed)"
        elif _sha256(path) != digest:
            yield f"{path.name} (changed)"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

"""Running the method on one case: scratch directory, inputs, clip, record."""

import shutil
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmark import protocol
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.media.image import read_image, write_png
from benchmark.media.video import claims, read_frames
from benchmark.media.write import LOSSLESS, write_video
from benchmark.process import Worker
from benchmark.splits.manifest import Case, Split
from benchmark.store import Generated, Outcome, RunPaths


def generate_case(
    worker: Worker,
    split: Split,
    case: Case,
    paths: RunPaths,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Generated:
    """Run the method on one case and store its clip.

    The method works on copies in a scratch directory that is deleted afterwards.

    Raises:
        BenchError: If the inputs cannot be read: the split is wrong, not the method.
        EnvironmentProblem: If the disk is full or not writable.
    """
    scratch = Path(tempfile.mkdtemp(prefix="case-", dir=paths.scratch))
    try:
        job = _job(case, paths, scratch, seed)
        _copy_inputs(split, case, job)
        result = worker.run(job, progress)
    except OSError as error:
        raise EnvironmentProblem(f"cannot work in {scratch}: {error.strerror}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if result.reason:  # what cannot be removed is said by the caller
        for leftover in (paths.clip(case.id), paths.preview(case.id), paths.latents(case.id)):
            leftover.unlink(missing_ok=True)
        return Generated(case.id, Outcome.FAILED, reason=result.reason)
    return Generated(
        case.id,
        Outcome.OK,
        clip_sha256=result.sha256,
        frame_map=result.frame_map,
        size=result.size,
        resized=result.resized,
        timings={**result.timings, "load_s": worker.load_s},
    )


def _job(case: Case, paths: RunPaths, scratch: Path, seed: int) -> protocol.Job:
    return protocol.Job(
        case_id=case.id,
        protocol=case.protocol,
        scratch=str(scratch.absolute()),
        clip=str(paths.clip(case.id).absolute()),
        preview=str(paths.preview(case.id).absolute()),
        latents=str(paths.latents(case.id).absolute()),
        n_frames=case.n_frames,
        fps=case.fps,
        size=case.size,
        pairs=tuple((p.source, p.driving) for p in case.pairs),
        components=tuple(c.value for c in case.components),
        seed=seed,
        dials=dict(case.dials),
    )


def _copy_inputs(split: Split, case: Case, job: protocol.Job) -> None:
    source = read_image(split.file(case.source))
    if source.shape[:2] != case.size:
        raise UsageProblem(
            f"{case.source} is {source.shape[0]}x{source.shape[1]} (height x width), the manifest "
            f"says {case.size[0]}x{case.size[1]}",
            "check the split with: bench data validate",
        )
    write_png(job.source, source)
    driving = split.file(case.driving)
    start, stop = case.frames
    if start == 0 and claims(driving).n_frames == stop and driving.suffix == ".mp4":
        shutil.copyfile(driving, job.driving)
        return
    frames = islice(read_frames(driving), start, stop)
    if (count := write_video(job.driving, frames, case.rate, LOSSLESS)) != case.n_frames:
        raise UsageProblem(
            f"{case.driving} has {start + count} frames, the manifest says {stop}",
            "check the split with: bench data validate",
        )

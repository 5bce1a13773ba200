"""End-to-end throughput of ``bench run``: frames per second, share of each stage, peak memory.

    python benchmarks/throughput.py [--frames 32] [--cases 5 50] [--json FILE]

Cases are mini's first self and first cross case by turns, each with a driving video of its own
(one corner pixel differs, so that nothing is found in the cache). ``cold`` is the first method on
the split; ``warm`` a second one, which finds the signals of the inputs. Shares are of the wall
time. The work of each part is also timed alone on the same frames, in the same run, as the floor
to compare with.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


class StageClock:
    """A progress that adds up the wall time of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open = ("", 0.0)
        self.started = 0.0

    def _close(self) -> None:
        name, since = self._open
        if name:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - since

    def resumed(self, cases: int) -> None:
        pass

    def stage(self, case: Any, what: str, frames: int) -> None:
        self._close()
        self._open = (what, time.perf_counter())
        self.started = self.started or time.perf_counter()

    def frames(self, done: int) -> None:
        pass

    def finished(self, case: Any, outcome: Any, reason: str) -> None:
        self._close()
        self._open = ("", 0.0)


def write_split(folder: Path, count: int, frames: int) -> Path:
    """Write a split of ``count`` cases, each with its own driving video; return its manifest."""
    import shutil
    from itertools import islice

    from benchmark.media.video import read_frames
    from benchmark.media.write import CANONICAL, write_video
    from benchmark.splits.manifest import Hashes, write_manifest
    from benchmark.splits.sources import open_split
    from metrics.weights import file_sha256

    base = open_split("single", None)
    kinds = {case.protocol: case for case in reversed(base.cases)}
    cases = []
    folder.mkdir()
    for i in range(count):
        case = kinds["self" if i % 2 == 0 else "cross"]
        images = [f.copy() for f in islice(read_frames(base.file(case.driving)), frames)]
        for image in images:
            image[:8, :8] = i
        write_video(folder / f"{i}.mp4", images, case.rate, CANONICAL)
        shutil.copyfile(base.file(case.source), folder / f"{i}.png")
        hashes = Hashes(source=case.sha256.source, driving=file_sha256(folder / f"{i}.mp4"))
        changes = {"id": f"case-{i:03d}", "source": f"{i}.png", "driving": f"{i}.mp4"}
        length = {"frames": (0, len(images)), "sha256": hashes}
        cases.append(case.model_copy(update={**changes, **length}))
    write_manifest(folder / "split.jsonl", base.header, cases)
    return folder / "split.jsonl"


def one_run(options: dict[str, Any]) -> dict[str, Any]:
    """Run once in this process and return what was measured."""
    from benchmark.config import Config
    from benchmark.methods import find_method
    from benchmark.plan import RunOptions, make_plan
    from benchmark.run import run
    from benchmark.splits.manifest import read_manifest
    from benchmark.tracker import FACE_MODEL
    from benchmark.weights import require

    model = require(FACE_MODEL, print)
    split = read_manifest(Path(options["split"]))
    spec = find_method(options["method"], Config(), Path())
    plan = make_plan(spec, split, RunOptions(max_frames=options["frames"]))
    clock = StageClock()
    start = time.perf_counter()
    record = run(plan, Path(options["out"]), model, clock)
    wall = time.perf_counter() - start
    inside = sum(g.timings["total_s"] for g in record.generated.values())
    loads = {g.timings["load_s"] for g in record.generated.values()}
    return {
        "cases": options["cases"],
        "frames": plan.total_frames,
        "wall_s": wall,
        "frames_per_s": plan.total_frames / wall,
        "stages_s": {
            "start (models, processes)": wall - sum(clock.seconds.values()) + sum(loads),
            "method": inside,
            "copy inputs, store clips": clock.seconds["generate"] - inside - sum(loads),
            "measure": clock.seconds["measure"],
        },
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "peak_rss_worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def parts_alone(frames: int) -> dict[str, float]:
    """Return frames per second of each part of measuring, alone, on the same frames."""
    from itertools import islice

    from benchmark import provenance
    from benchmark.media.video import read_frames
    from benchmark.media.write import LOSSLESS, write_video
    from benchmark.splits.sources import open_split
    from benchmark.tracker import FACE_MODEL, face_definition
    from benchmark.weights import require
    from metrics.registry import PIXEL_METRICS
    from metrics.signals.mediapipe_face import FaceLandmarker

    split = open_split("single", None)
    path = split.file(split.cases[0].driving)
    images = list(islice(read_frames(path), frames))
    result: dict[str, float] = {}

    def rate(name: str, work: Any) -> None:
        work()
        start = time.perf_counter()
        work()
        result[name] = frames / (time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mkv"
        rate("store, lossless", lambda: write_video(clip, images, split.cases[0].rate, LOSSLESS))
        rate("decode driving", lambda: list(islice(read_frames(path), frames)))
        rate("decode clip", lambda: list(read_frames(clip)))
    model = require(FACE_MODEL, print)
    with FaceLandmarker(model, face_definition(1), provenance.cores()) as landmarker:
        rate("face network", lambda: [f.result() for f in map(landmarker.submit, images)])
    pairs = list(zip(images, [*images[1:], images[0]], strict=True))
    rate("pixel metrics", lambda: [m.per_frame(a, b) for a, b in pairs for m in PIXEL_METRICS])
    return result


def isolated(options: dict[str, Any], cache: str) -> dict[str, Any]:
    """Run in a process of its own, so that peak memory is this run's."""
    code = (
        "import sys, json; sys.path.insert(0, 'benchmarks');"
        "import throughput; print(json.dumps(throughput.one_run(json.loads(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(options)],
        env={**os.environ, "BENCH_CACHE": cache, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def show(name: str, measured: dict[str, Any]) -> None:
    wall = measured["wall_s"]
    print(
        f"\n{name}: {measured['cases']} cases, {measured['frames']} frames in {wall:.1f} s: "
        f"{measured['frames_per_s']:.1f} frames/s end to end"
    )
    for stage, seconds in measured["stages_s"].items():
        print(f"  {stage:<26} {seconds:7.2f} s  {100 * seconds / wall:5.1f} %")
    print(
        f"  peak memory: harness {measured['peak_rss_mb']:.0f} MB, "
        f"worker {measured['peak_rss_worker_mb']:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--cases", type=int, nargs="+", default=[5, 50])
    parser.add_argument("--method", default="ours")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    from benchmark import provenance

    hardware = provenance.hardware()
    print(f"{hardware['label']}, Python {hardware['python']}")
    results: dict[str, Any] = {"hardware": hardware, "packages": provenance.packages(), "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        for count in arguments.cases:
            split = write_split(Path(folder) / f"split-{count}", count, arguments.frames)
            options = {"cases": count, "frames": arguments.frames, "split": str(split)}
            cache = f"{folder}/cache-{count}"
            for name, method in (("cold", arguments.method), ("warm", "frozen")):
                options |= {"method": method, "out": f"{folder}/run-{count}-{name}"}
                measured = isolated(options, cache)
                results["runs"][f"{name}-{count}"] = measured
                show(f"{name} ({method})", measured)
    results["alone_frames_per_s"] = parts_alone(arguments.frames)
    print("\nalone, frames per second:")
    for part, value in results["alone_frames_per_s"].items():
        print(f"  {part:<26} {value:7.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

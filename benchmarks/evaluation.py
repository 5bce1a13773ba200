"""The whole evaluation of stored clips beside the bare networks it cannot do without.

    python benchmarks/evaluation.py [--pairs 8] [--frames 50] [--metrics default] [--rounds 1]
        [--out benchmarks/results] [--costs benchmark/costs.toml]

N self cases at 512x512 are made from the embedded mini split (generated, public domain): the
driving clips, and two methods' results, lossless. What is timed, in one process, round by round:

- the evaluation of the first method from its stored clips, nothing in the cache, by the objects
  that ``bench run`` uses; then of the second on the same references;
- every network alone: the same form of it on batches that the evaluation really ran, in a plain
  loop, scaled to the number of items the evaluation ran. The face engine likewise on frames in
  memory;
- decoding, pixel metrics, scores over sets, and storing a method's clips, each alone.

Seconds of the clock, and of all processors together, which other work on the machine hardly
changes. The bars: the evaluation at most 1.25 times the sum of the networks; decoding, storing and
scheduling under 15 % of the whole; the second method at most 0.6 of the first. ``--costs`` writes
what each extractor alone takes a frame, which ``bench run --dry-run`` estimates with.
"""

import argparse
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from adapters.base import Frame
from benchmark import provenance
from benchmark.clip_pass import OpenExtractor
from benchmark.config import Config
from benchmark.frame_values import save_frame_values
from benchmark.instruments import Instruments, instruments
from benchmark.measure import Measurer, StoredClip
from benchmark.media.image import write_png
from benchmark.media.video import read_frames
from benchmark.media.write import LOSSLESS, write_video
from benchmark.methods import find_method
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.profiles import find_device
from benchmark.scores import Timing, score_case
from benchmark.set_scores import Delivered, set_scores
from benchmark.signals import SignalStore
from benchmark.splits.manifest import Hashes, read_manifest, write_manifest
from benchmark.splits.sources import open_split
from benchmark.store import RunPaths
from benchmark.tracker import FACE_MODEL, face_backend
from benchmark.weights import require
from metrics.registry import PIXEL_METRICS
from metrics.signals.pairs import PairStream
from metrics.signals.pixel_stream import PixelStream
from metrics.weights import file_sha256

SIDE = 512
RATE = Fraction(25)
BARE_ROUNDS = 3
UNTIMED = Timing({"total_s": 0.0, "frames_s": []}, 0, "nothing was generated")
BARS = {"evaluation / networks": 1.25, "decode + store + rest": 0.15, "second / first": 0.6}


@dataclass
class Seconds:
    """Time of the clock and of all processors."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def __mul__(self, times: float) -> "Seconds":
        return Seconds(self.wall * times, self.cpu * times)


def timed(work: Callable[[], object]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def best(work: Callable[[], object], rounds: int) -> Seconds:
    found = [timed(work) for _ in range(rounds)]
    return Seconds(min(s.wall for s in found), min(s.cpu for s in found))


@dataclass
class Spy:
    """Stands in front of a network: what it ran on, how often, how long."""

    network: Any
    items: Counter[tuple[int, ...]] = field(default_factory=Counter)
    batches: dict[tuple[int, ...], Any] = field(default_factory=dict)
    seconds: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def __call__(self, batch: Any) -> Any:
        kind = tuple(batch.shape[1:])
        self.items[kind] += len(batch)
        kept = self.batches.get(kind)
        if kept is None or len(kept) < len(batch):
            self.batches[kind] = batch.clone() if hasattr(batch, "clone") else batch.copy()
        start = time.perf_counter()
        try:
            return self.network(batch)
        finally:
            self.seconds += time.perf_counter() - start

    def alone(self) -> Seconds:
        """Return what the same number of items takes in a plain loop."""
        total = Seconds()
        for kind, batch in self.batches.items():
            self.network(batch)
            once = best(lambda batch=batch: self.network(batch), BARE_ROUNDS)
            total += once * (self.items[kind] / len(batch))
        return total


def spied(one: OpenExtractor) -> Spy | None:
    """Put a spy before the innermost network of an extractor; ``None`` if it has none."""
    batcher = getattr(one.extractor, "batcher", None)
    if batcher is None:
        return None
    if hasattr(batcher.network, "core"):
        batcher.network.core = Spy(batcher.network.core)
        spy: Spy = batcher.network.core
    else:
        batcher.network = spy = Spy(batcher.network)
    return spy


def make_split(folder: Path, pairs: int, frames: int) -> Path:
    """Write a split of self cases, no two driving clips of the same bytes."""
    base = open_split("single", None)
    case = next(case for case in base.cases if case.protocol == "self")
    shown = [big(f) for f in islice(read_frames(base.file(case.driving)), frames)]
    shown = [shown[i % len(shown)] for i in range(frames)]
    cases = []
    for i in range(pairs):
        write_video(folder / f"{i}.mkv", (tinted(f, i) for f in shown), RATE, LOSSLESS)
        write_png(folder / f"{i}.png", tinted(shown[0], i))
        hashes = Hashes(
            source=file_sha256(folder / f"{i}.png"), driving=file_sha256(folder / f"{i}.mkv")
        )
        changes = {"id": f"c{i}", "source": f"{i}.png", "driving": f"{i}.mkv", "sha256": hashes}
        size = {"frames": (0, frames), "size": (SIDE, SIDE), "fps": str(RATE)}
        cases.append(case.model_copy(update={**changes, **size}))
    write_manifest(folder / "split.jsonl", base.header, cases)
    return folder / "split.jsonl"


def big(frame: Frame) -> Frame:
    return np.asarray(cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def tinted(frame: Frame, number: int) -> Frame:
    changed = frame.astype(np.int16) + np.array([number, -number, 2 * number], np.int16)
    return np.clip(changed, 0, 255).astype(np.uint8)


METHODS: dict[str, Callable[[Frame], Frame]] = {
    "first": lambda frame: np.asarray(cv2.GaussianBlur(frame, (0, 0), 1.2), np.uint8),
    "second": lambda frame: np.asarray(np.roll(frame, 1, axis=1)),
}


@dataclass
class Bench:
    plan: Plan
    opened: Instruments
    folder: Path
    store_s: Seconds = field(default_factory=Seconds)

    def store(self, method: str) -> dict[str, StoredClip]:
        """Store a method's clips; remembers how long storing took."""
        clips = {}
        for case in self.plan.cases:
            driving = read_frames(self.plan.split.file(case.driving))
            frames = [METHODS[method](frame) for frame in driving]
            path = self.folder / f"{method}-{case.id}.mkv"
            self.store_s += timed(
                lambda path=path, frames=frames: write_video(path, frames, RATE, LOSSLESS)
            )
            clips[case.id] = StoredClip(path, file_sha256(path), tuple(range(len(frames))))
        return clips

    def evaluate(self, clips: dict[str, StoredClip], store: SignalStore) -> tuple[Seconds, Seconds]:
        """Return what the whole took, and the part of it that scores over sets took."""
        measurer = Measurer(
            self.plan.split, replace(self.opened.tools, store=store), self.opened.wanted
        )
        protocol = self.plan.split.header.protocol

        def finish(case: Any, evidence: Any) -> None:
            scored = score_case(case, evidence.finish(), UNTIMED, self.plan.metrics, protocol)
            save_frame_values(RunPaths(self.folder), scored.frames)

        def cases() -> None:  # as `benchmark.run` does it
            before: tuple[Any, Any] | None = None
            for case in self.plan.cases:
                opened = case, measurer.open(case, clips[case.id])
                if before is not None:
                    finish(*before)
                before = opened
            if before is not None:
                finish(*before)

        delivered = [Delivered(case, clips[case.id]) for case in self.plan.cases]
        of_cases = timed(cases)
        of_sets = timed(lambda: list(set_scores(self.plan, delivered, measurer)))
        return of_cases + of_sets, of_sets


@contextmanager
def bench(args: argparse.Namespace) -> Iterator[Bench]:
    model = require(FACE_MODEL, print)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        split = read_manifest(make_split(folder, args.pairs, args.frames))
        options = RunOptions(
            backend=face_backend(None),
            metrics=tuple(args.metrics.split(",")),
            device=find_device(),
        )
        plan = make_plan(find_method("driver", Config(), Path()), split, options)
        with instruments(plan, model) as opened:
            yield Bench(plan, opened, folder)


def face_alone(one: Bench, frames: list[Frame]) -> Seconds:
    """The face engine on frames in memory, as many in flight as it asks for."""
    engine = one.opened.tools.face

    def work() -> None:
        waiting: list[Any] = []
        for frame in frames:
            waiting.append(engine.submit(frame))
            if len(waiting) > engine.in_flight:
                waiting.pop(0).result()
        for future in waiting:
            future.result()

    work()
    return best(work, BARE_ROUNDS)


def decode(paths: list[Path]) -> list[Frame]:
    return [frame for path in paths for frame in read_frames(path)]


def pixels(one: Bench, pairs: list[tuple[Frame, Frame]]) -> Seconds:
    ids = {metric.base.id for metric in one.plan.metrics}
    stream = PixelStream([m for m in PIXEL_METRICS if m.card.id in ids])

    def work() -> None:
        for number, (made, true) in enumerate(pairs):
            stream.add(made, true, number)
        stream.finish(None)  # type: ignore[arg-type]

    return timed(work)


@dataclass
class Result:
    """Seconds of one round."""

    first: Seconds
    second: Seconds
    sets: Seconds
    networks: dict[str, Seconds]
    inside: dict[str, float]
    parts: dict[str, Seconds]
    store: Seconds

    @property
    def bare(self) -> Seconds:
        return sum(self.networks.values(), Seconds())


def measure(one: Bench, number: int) -> Result:
    """Evaluate both methods with an empty cache, then everything alone."""
    spies = {e.name: spy for e in one.opened.tools.extractors if (spy := spied(e))}
    first, second = one.store("first"), one.store("second")
    cache = SignalStore.below(one.folder / f"cache{number}")
    whole, sets = one.evaluate(first, cache)
    recorded = {name: replace(spy, items=Counter(spy.items)) for name, spy in spies.items()}
    again, _ = one.evaluate(second, cache)
    unspied(one)
    case = one.plan.cases[0]
    made, true = decode([first[case.id].path]), decode([one.plan.split.file(case.driving)])
    cases = len(one.plan.cases)
    seen = 2 * one.plan.total_frames + cases
    networks = {"face": face_alone(one, made) * (seen / len(made))}
    networks |= {name: spy.alone() for name, spy in recorded.items()}
    clips = [first[c.id].path for c in one.plan.cases]
    drivers = [one.plan.split.file(c.driving) for c in one.plan.cases]
    parts = {
        "decoding": timed(lambda: [read_all(path) for path in (*clips, *drivers)]),
        "pixel metrics": pixels(one, list(zip(made, true, strict=True))) * cases,
        "scores over sets": sets,
    }
    inside = {name: spy.seconds for name, spy in recorded.items()}
    return Result(whole, again, sets, networks, inside, parts, one.store_s * 0.5)


def unspied(one: Bench) -> None:
    for extractor in one.opened.tools.extractors:
        batcher = getattr(extractor.extractor, "batcher", None)
        if batcher is None:
            continue
        if isinstance(batcher.network, Spy):
            batcher.network = batcher.network.network
        elif isinstance(getattr(batcher.network, "core", None), Spy):
            batcher.network.core = batcher.network.core.network


def read_all(path: Path) -> int:
    return sum(1 for _ in read_frames(path))


def costs(one: Bench) -> dict[str, dict[str, float]]:
    """Return processor seconds a frame of each extractor, and a pair of each pair stream, alone."""
    case = one.plan.cases[0]
    frames = decode([one.plan.split.file(case.driving)])
    made = [METHODS["first"](frame) for frame in frames]
    path = one.plan.split.file(case.driving)
    tools = one.opened.tools
    found = [tools.face.detect(frame) for frame in frames]
    frame_s = {
        "decode": best(lambda: read_all(path), BARE_ROUNDS).cpu,
        "face": face_alone(one, frames).cpu,
    }
    for opened in tools.extractors:

        def whole(extractor: Any = opened.extractor) -> None:
            stream = extractor.stream()
            for frame, faces in zip(frames, found, strict=True):
                stream.add(frame.copy(), faces)  # a frame seen before has its features at hand
            stream.finish()

        whole()
        frame_s[opened.name] = best(whole, BARE_ROUNDS).cpu
    pair_s: dict[str, float] = {}
    for stream in one.opened.wanted.pairs():
        pair_s[pair_name(stream)] = pair_cost(stream, made, frames, found)
    count = len(frames)
    return {
        "frame": {name: seconds / count for name, seconds in frame_s.items()},
        "pair": {name: seconds / count for name, seconds in pair_s.items()},
    }


def pair_name(stream: PairStream) -> str:
    return {"PixelStream": "pixels", "PerceptualPairs": "lpips-pairs", "WarpStream": "warp-pairs"}[
        type(stream).__name__
    ]


def pair_cost(stream: Any, made: list[Frame], true: list[Frame], found: list[Any]) -> float:
    """Return what a pair stream takes, less what its frames take anyway for their steps."""
    from metrics.signals.face_engine import stack

    faces = stack(found, (SIDE, SIDE))

    def work() -> None:
        for number, (a, b) in enumerate(zip(made, true, strict=True)):
            stream.add(a, b, number)
        stream.finish(faces)

    return timed(work).cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--metrics", default="default", help="as in bench run")
    parser.add_argument("--out", type=Path, help="folder for evaluation-<cpu>.md")
    parser.add_argument("--costs", type=Path, help="write costs.toml instead of timing the whole")
    args = parser.parse_args()
    with bench(args) as one:
        if args.costs:
            args.costs.write_text(costs_file(one, costs(one)), encoding="utf-8")
            print(args.costs)
            return
        rounds = [measure(one, number) for number in range(args.rounds)]
        page = report(one, min(rounds, key=lambda r: r.first.wall / r.bare.wall), args)
    print(page)
    if args.out:
        name = re.sub(r"[^a-z0-9]+", "-", provenance.hardware()["label"].lower()).strip("-")
        (args.out / f"evaluation-{name}.md").write_text(page, encoding="utf-8")


def report(one: Bench, result: Result, args: argparse.Namespace) -> str:
    frames, bare = 2 * one.plan.total_frames, result.bare
    rest = result.first + (bare + sum(result.parts.values(), Seconds())) * -1.0
    around = result.store + result.parts["decoding"] + rest
    ratios = {
        "evaluation / networks": (result.first.wall / bare.wall, result.first.cpu / bare.cpu),
        "decode + store + rest": (
            around.wall / (result.first + result.store).wall,
            around.cpu / (result.first + result.store).cpu,
        ),
        "second / first": (
            result.second.wall / result.first.wall,
            result.second.cpu / result.first.cpu,
        ),
    }
    packages = provenance.packages()
    lines = [
        f"# The whole evaluation on {provenance.hardware()['label']}",
        "",
        f"{args.pairs} pairs of {args.frames}-frame clips at {SIDE}x{SIDE}, metrics: "
        f"{args.metrics}; {len(one.plan.metrics)} metrics, {one.opened.tools.face_key} and "
        f"{len(one.opened.tools.extractors)} extractors. torch {packages.get('torch')}, "
        f"onnxruntime {packages.get('onnxruntime')}. Best of {args.rounds} rounds.",
        "",
        "| | clock s | processor s | bar |",
        "|---|--:|--:|--:|",
        *(
            f"| {name} | {wall:.2f} | {cpu:.2f} | {BARS[name]} |"
            for name, (wall, cpu) in ratios.items()
        ),
        "",
        "Ratios, by the clock and by processor seconds; below, the seconds.",
        "",
        "| | clock s | processor s | inside the evaluation, clock s | share alone |",
        "|---|--:|--:|--:|--:|",
        _line("evaluation, first method", result.first),
        _line("evaluation, second method", result.second),
        _line("**networks alone, sum**", bare),
    ]
    for name, seconds in result.networks.items():
        inside = result.inside.get(name)
        more = f"{inside:.2f} | {seconds.wall / inside:.2f}" if inside else " | "
        lines.append(f"| {name} | {seconds.wall:.2f} | {seconds.cpu:.2f} | {more} |")
    lines += [_line(name, seconds) for name, seconds in result.parts.items()]
    lines += [
        _line("storing one method's clips", result.store),
        _line("rest: scheduling, resizing, scoring, less what overlaps", rest),
        "",
        "| extractor | clock s a frame |",
        "|---|--:|",
        *(f"| {name} | {s.wall / frames:.5f} |" for name, s in result.networks.items()),
        "",
        f"A frame is one of the {frames} of results and driving clips. Written by "
        "`benchmarks/evaluation.py`.",
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, seconds: Seconds) -> str:
    return f"| {name} | {seconds.wall:.2f} | {seconds.cpu:.2f} | | |"


def costs_file(one: Bench, found: dict[str, dict[str, float]]) -> str:
    """Return costs.toml with what was measured."""
    hardware = provenance.hardware()
    head = [
        "# Processor seconds that measuring takes, by extractor; bench run --dry-run reads it.",
        "# Written by: python benchmarks/evaluation.py --costs benchmark/costs.toml",
        "",
        f"[{one.plan.options.device}]",
        f'hardware = "{hardware["label"]}"',
        f'measured = "{date.today().isoformat()}"',
        f"pixels = {SIDE * SIDE}",
    ]
    for table, rows in found.items():
        head += ["", f"[{one.plan.options.device}.{table}]"]
        head += [f"{name} = {seconds:.6f}" for name, seconds in rows.items()]
    return "\n".join(head) + "\n"


if __name__ == "__main__":
    main()

"""The whole evaluation of stored clips beside the bare networks it cannot do without.

    python benchmarks/evaluation.py [--pairs 8] [--frames 50] [--metrics default] [--rounds 1]
        [--out benchmarks/results]

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
scheduling under 15 % of the whole; the second method at most 0.6 of the first.
"""

import argparse
import re
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stored_pairs import (
    ROUNDS,
    SIDE,
    Bench,
    Seconds,
    bench,
    best,
    decode,
    face_alone,
    read_all,
    timed,
)

from adapters.base import Frame
from benchmark import provenance
from benchmark.clip_pass import OpenExtractor
from benchmark.frame_values import save_frame_values
from benchmark.measure import Measurer, StoredClip
from benchmark.scores import Timing, score_case
from benchmark.set_scores import Judged, set_scores
from benchmark.signals import SignalStore
from benchmark.store import RunPaths
from metrics.registry import PIXEL_METRICS
from metrics.signals.pixel_stream import PixelStream

UNTIMED = Timing({"total_s": 0.0, "frames_s": []}, 0, "nothing was generated")
BARS = {"evaluation / networks": 1.25, "decode + store + rest": 0.15, "second / first": 0.6}


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
            once = best(lambda batch=batch: self.network(batch), ROUNDS)
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


def evaluate(
    one: Bench, clips: dict[str, StoredClip], store: SignalStore
) -> tuple[Seconds, Seconds]:
    """Return what the whole took, and the part of it that scores over sets took."""
    measurer = Measurer(one.plan.split, replace(one.opened.tools, store=store), one.opened.wanted)
    protocol = one.plan.split.header.protocol

    def finish(case: Any, evidence: Any) -> None:
        scored = score_case(case, evidence.finish(), UNTIMED, one.plan.metrics, protocol)
        save_frame_values(RunPaths(one.folder), scored.frames)

    def cases() -> None:  # as `benchmark.run` does it
        before: tuple[Any, Any] | None = None
        for case in one.plan.cases:
            opened = case, measurer.open(case, clips[case.id])
            if before is not None:
                finish(*before)
            before = opened
        if before is not None:
            finish(*before)

    delivered = [Judged(case, clips[case.id]) for case in one.plan.cases]
    of_cases = timed(cases)
    of_sets = timed(lambda: list(set_scores(one.plan, delivered, measurer)))
    return of_cases + of_sets, of_sets


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
    whole, sets = evaluate(one, first, cache)
    recorded = {name: replace(spy, items=Counter(spy.items)) for name, spy in spies.items()}
    again, _ = evaluate(one, second, cache)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=8)
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--metrics", default="default", help="as in bench run")
    parser.add_argument("--out", type=Path, help="folder for evaluation-<cpu>.md")
    args = parser.parse_args()
    with bench(args.pairs, args.frames, args.metrics) as one:
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


if __name__ == "__main__":
    main()

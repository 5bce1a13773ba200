"""Processor seconds a frame of every extractor, alone: what ``bench run --dry-run`` estimates with.

    python benchmarks/costs.py [--metrics all] [--frames 50] [--out benchmark/costs.toml]

Each extractor gets the frames of one clip at 512x512 as in a run, in batches, with nothing else at
work; the best of three rounds counts. Processor seconds of all threads together, so that other
work on the machine hardly changes them.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stored_pairs import METHODS, ROUNDS, SIDE, Bench, bench, best, decode, face_alone, read_all

from adapters.base import Frame
from benchmark import provenance
from benchmark.costs import PAIR_STREAMS
from metrics.signals.face_engine import Detection, stack
from metrics.signals.pixel_stream import PixelStream

Table = dict[str, float]


def of_frames(one: Bench, frames: list[Frame], found: list[Detection]) -> Table:
    """Return the seconds that all frames take, by extractor."""
    path = one.plan.split.file(one.plan.cases[0].driving)
    seconds = {
        "decode": best(lambda: read_all(path), ROUNDS).cpu,
        "face": face_alone(one, frames).cpu,
    }
    for opened in one.opened.tools.extractors:
        extractor: Any = opened.extractor

        def work(extractor: Any = extractor) -> None:
            stream = extractor.stream()
            for frame, faces in zip(frames, found, strict=True):
                stream.add(frame, faces)
            stream.finish()

        work()
        seconds[opened.name] = best(work, ROUNDS).cpu
    return seconds


def of_pairs(one: Bench, frames: list[Frame], found: list[Detection]) -> Table:
    """Return what comparing results with true frames adds to the streams of both clips."""
    made = [METHODS["first"](frame) for frame in frames]
    faces = stack(found, (SIDE, SIDE))
    extractors = {opened.name: opened.extractor for opened in one.opened.tools.extractors}
    seconds: Table = {}
    for name, stream_of in PAIR_STREAMS.items():
        extractor: Any = extractors.get(stream_of)
        if stream_of and extractor is None:
            continue
        seconds[name] = min(
            together(one, name, extractor, (made, frames), faces, compare=True)
            - together(one, name, extractor, (made, frames), faces, compare=False)
            for _ in range(ROUNDS)
        )
    return {name: max(0.0, value) for name, value in seconds.items()}


def pixel_stream(one: Bench) -> PixelStream:
    return next(s for s in one.opened.wanted.pairs() if isinstance(s, PixelStream))


def together(
    one: Bench,
    name: str,
    extractor: Any,
    clips: tuple[list[Frame], list[Frame]],
    faces: Any,
    compare: bool,
) -> float:
    made, true = clips
    ids = {metric.base.id for metric in one.plan.metrics}
    streams = [extractor.stream(), extractor.stream()] if extractor is not None else []
    pairs: Any = None
    if compare:
        pairs = extractor.pairs(ids) if extractor is not None else pixel_stream(one)

    def work() -> None:
        for number, (a, b) in enumerate(zip(made, true, strict=True)):
            for stream, frame in zip(streams, (a, b), strict=False):
                stream.add(frame, None)
            if pairs is not None:
                pairs.add(a, b, number)
        for stream in streams:
            stream.finish()
        if pairs is not None:
            pairs.finish(faces)

    return best(work, 1).cpu


def page(one: Bench, tables: dict[str, Table], count: int) -> str:
    """Return costs.toml."""
    device = one.plan.options.device
    lines = [
        "# Processor seconds that measuring takes, by extractor: `bench run --dry-run` reads them.",
        "# Written by benchmarks/costs.py. A device without a table was never measured.",
        "",
        f"[{device}]",
        f'hardware = "{provenance.hardware()["label"]}"',
        f'measured = "{datetime.now(UTC).date().isoformat()}"',
        f"pixels = {SIDE * SIDE}  # of a frame",
    ]
    for table, rows in tables.items():
        lines += ["", f"[{device}.{table}]"]
        lines += [f"{name} = {seconds / count:.6f}" for name, seconds in rows.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--frames", type=int, default=50)
    parser.add_argument("--metrics", default="all", help="as in bench run")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    with bench(1, args.frames, args.metrics) as one:
        frames = decode([one.plan.split.file(one.plan.cases[0].driving)])
        found = [one.opened.tools.face.detect(frame) for frame in frames]
        tables = {"frame": of_frames(one, frames, found), "pair": of_pairs(one, frames, found)}
        text = page(one, tables, len(frames))
    print(text, end="")
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

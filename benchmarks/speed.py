"""Measuring speed, measured: against a method whose speed is known, on the real clock.

    python benchmarks/speed.py [--seconds 3] [--out benchmarks/results/speed.md]
    python benchmarks/speed.py --ours benchmarks/results/speed-ours

Four questions: is what is measured the truth, to 2 % or 0.2 ms (what the method took by its own
clock, which on a busy machine is more than it was told); is asynchronous work taken for
finished, with and without waiting for the device (a thread with a queue stands for it, and a GPU
where torch sees one); what does measuring cost a method at 30 frames a second, at most 1 %; does
streaming find the rate that can be kept up. ``--ours`` measures the built-in method into a folder.
On a machine that others use, the answers say so and count for nothing.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from adapters.base import Animation, FacePair, Frame, Request, Services
from benchmark import provenance
from benchmark.speed.clock import RealClock
from benchmark.speed.machine import Watch
from benchmark.speed.measure import Bench, Loaded
from benchmark.speed.memory import MemoryWatch
from benchmark.speed.plan import PerfOptions
from benchmark.speed.point import measure
from benchmark.speed.record import Point
from benchmark.speed.subject import Material, Tools, nothing_to_wait_for
from benchmark.speed.synthetic import Asynchronous, Device, Synthetic, Truth
from benchmark.speed.validity import machine_flaws

SIDE = 512
NEAR, NEAR_S = 0.02, 0.0002
COST = 0.01
_NO_MEDIA: Any = None


@dataclass
class Page:
    """What is found, as lines of Markdown."""

    lines: list[str] = field(default_factory=list)
    failed: int = 0

    def row(self, *cells: str) -> None:
        self.lines.append(f"| {' | '.join(cells)} |")
        print("  ".join(cells), flush=True)

    def verdict(self, holds: bool) -> str:
        self.failed += not holds
        return "yes" if holds else "**no**"


def material(n_frames: int = 48, fps: Fraction = Fraction(30)) -> Material:
    frames = np.random.default_rng(0).integers(0, 255, (n_frames, SIDE, SIDE, 3), dtype=np.uint8)
    nowhere = Path("/nowhere")
    request = Request(
        "speed",
        "self",
        nowhere / "source.png",
        nowhere / "driving.mp4",
        n_frames,
        fps,
        (SIDE, SIDE),
        (FacePair(0, 0),),
        nowhere,
        Services(_NO_MEDIA, _NO_MEDIA),
    )
    return Material(request, frames, lambda: nowhere)


def timed(method: Any, seconds: float, synchronise: Any = nothing_to_wait_for, **how: Any) -> Point:
    clock = RealClock()
    options = PerfOptions(min_s=seconds, warm_s=0.2, fps=Fraction(30), **how)
    tools = Tools(clock, synchronise)
    watch = Watch(clock)
    bench = Bench(material(), tools, watch, MemoryWatch(lambda: None), options)
    return measure(Loaded(method, "process", "synthetic", "Synthetic"), bench)


def accuracy(page: Page, seconds: float) -> None:
    heads = "| chunk | asked for, ms | true ms, p50 | measured ms, p50 | off by | within bounds |"
    page.lines += ["", heads, "|--:|--:|--:|--:|--:|---|"]
    for chunk, each in ((1, 0.002), (1, 0.010), (1, 1 / 30), (4, 0.080), (8, 0.390)):
        stages = {"encode": each / 4, "denoise": each / 2, "decode": each / 4}
        method = Synthetic(Truth(stages, chunk=chunk))
        point = timed(method, seconds, percentile=50)
        assert point.figures is not None, point.flaws
        p50, true = point.figures.query_s.p50 or 0.0, median(method.spent[-point.figures.queries :])
        off = p50 - true
        holds = abs(off) <= max(NEAR * true, NEAR_S)
        found = [f"{1000 * value:.3f}" for value in (each, true, p50)]
        page.row(str(chunk), *found, f"{1000 * off:+.3f} ms", page.verdict(holds))


def asynchronous(page: Page, seconds: float) -> None:
    page.lines += ["", "| device | true ms | without waiting for it | waiting | within bounds |"]
    page.lines.append("|---|--:|--:|--:|---|")
    each = 0.010
    device = Device()
    blind = timed(Asynchronous(device, each), seconds / 4, percentile=50, warm_queries=1)
    device.synchronise()
    seeing = timed(Asynchronous(device, each), seconds, device.synchronise, percentile=50)
    _device_row(page, "a thread with a queue", each, (blind, seeing))
    assert any("before it had finished" in flaw for flaw in blind.flaws), blind.flaws
    if (gpu := cuda()) is not None:
        _device_row(page, *_on_gpu(gpu, seconds))


def _device_row(page: Page, name: str, each: float, points: tuple[Point, Point]) -> None:
    blind, seeing = (p.figures.query_s.p50 or 0.0 if p.figures else 0.0 for p in points)
    holds = abs(seeing - each) <= max(NEAR * each, NEAR_S) and blind < each / 2
    found = [f"{1000 * value:.3f}" for value in (each, blind, seeing)]
    page.row(name, *found, page.verdict(holds))


def cuda() -> Any:
    import torch

    return torch if torch.cuda.is_available() else None


def _on_gpu(torch: Any, seconds: float) -> tuple[str, float, tuple[Point, Point]]:
    """Return the time of some matrix products by CUDA events, and with and without waiting."""
    matrix = torch.randn(4096, 4096, device="cuda")

    def work() -> None:
        for _ in range(8):
            torch.matmul(matrix, matrix)

    class Method:
        def animate(self, request: Request) -> Animation:
            def play() -> Iterator[Frame]:
                for frame in request.services.media.frames(request.driving):
                    work()
                    yield frame

            return Animation(play())

    for _ in range(20):
        work()
    before, after = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    before.record()
    for _ in range(100):
        work()
    after.record()
    torch.cuda.synchronize()
    each = before.elapsed_time(after) / 1000 / 100
    # Without waiting the queue of launches grows until the driver stops taking more: be short.
    blind = timed(Method(), 0.002, percentile=50, warm_queries=1)
    torch.cuda.synchronize()
    seeing = timed(Method(), seconds, torch.cuda.synchronize, percentile=50)
    return torch.cuda.get_device_name(), each, (blind, seeing)


def overhead(page: Page) -> None:
    """Print what a frame costs that no method makes: everything there is measuring."""
    from benchmark.speed.feed import Feed
    from benchmark.speed.subject import Playing, Subject

    count, clock = 3000, RealClock()
    subject = Subject(
        Synthetic(Truth({"none": 0.0}), work=lambda _: None), material(), Tools(clock)
    )
    best = min(
        _seconds(clock, lambda: subject.play(Feed(clock), Playing(lambda _: False, count=count)))
        for _ in range(3)
    )
    share = best / count * 30
    page.lines += ["", "| measuring, µs a frame | of a frame at 30 a second | below 1 % |"]
    page.lines.append("|--:|--:|---|")
    page.row(f"{1e6 * best / count:.1f}", f"{100 * share:.3f} %", page.verdict(share < COST))


def _seconds(clock: RealClock, work: Any) -> float:
    start = clock.now()
    work()
    return clock.now() - start


def streaming(page: Page, seconds: float) -> None:
    page.lines += ["", "| true frames a second | sustained | failed | enclosed to 3 % |"]
    page.lines.append("|--:|--:|--:|---|")
    method = Synthetic(Truth({"render": 0.020}))
    point = timed(method, seconds, mode="streaming", percentile=50)
    assert point.figures is not None, point.flaws
    live = point.figures.streaming
    assert live is not None
    kept, failed = live.sustained_fps or 0.0, live.failed_fps or 0.0
    true = 1 / fmean(method.spent)
    holds = 0.97 * true <= kept <= 1.01 * true and failed >= 0.97 * true
    page.row(f"{true:.2f}", f"{kept:.2f}", f"{failed:.2f}", page.verdict(holds))


def ours(folder: Path) -> None:
    """Measure the built-in method on the processor, offline and in streaming."""
    from benchmark.config import Config
    from benchmark.methods import find_method
    from benchmark.speed.device import Device as Place
    from benchmark.speed.record import write_record
    from benchmark.speed.run import Measuring, measure_all
    from benchmark.speed.show import point_lines

    spec = find_method("ours", Config(), Path.cwd())
    for options in (PerfOptions(), PerfOptions(mode="streaming")):
        what = Measuring(spec, Config(), options, Place())
        with tempfile.TemporaryDirectory() as log:
            record = measure_all(
                what, Path(log) / "log", print, lambda p: print("\n".join(point_lines(p)))
            )
        print(write_record(folder / options.mode, record))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--ours", type=Path, help="measure the built-in method into this folder")
    args = parser.parse_args()
    if args.ours:
        ours(args.ours)
        return
    watch = Watch(RealClock(), every_s=0.0)
    watch.begin()
    page = Page()
    accuracy(page, args.seconds)
    asynchronous(page, args.seconds)
    overhead(page)
    streaming(page, args.seconds)
    flaws = machine_flaws(watch.end())
    verdict = "VALID" if not flaws else f"INVALID: {'; '.join(flaws)}"
    label = provenance.hardware()["label"]
    head = ["# Measuring speed, measured", "", f"{label}, load {os.getloadavg()[0]:.1f}. {verdict}"]
    text = "\n".join([*head, *page.lines, "", "Written by `benchmarks/speed.py`."]) + "\n"
    print(verdict)
    if args.out:
        args.out.write_text(text, encoding="utf-8")
    raise SystemExit(1 if page.failed and not flaws else 0)


if __name__ == "__main__":
    main()

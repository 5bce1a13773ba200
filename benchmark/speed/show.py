"""One point as lines for a terminal."""

from collections.abc import Iterator
from textwrap import wrap

from benchmark.names import printable
from benchmark.speed.latency import GlassModel
from benchmark.speed.record import Figures, Fit, Memory, Percentiles, Point, Streaming

REAL_TIME = (25, 30)
_MIB = 1 << 20
_WIDTH = 80


def point_lines(point: Point, glass: GlassModel | None = None) -> list[str]:
    """Return a point in words: verdict, figures with units, reasons and notes.

    Args:
        point: What was measured.
        glass: Adds the model of latency from glass to glass, with its terms.
    """
    verdict = "VALID" if point.valid else "INVALID"
    lines = [f"{printable(point.name)}: {verdict}"]
    for flaw in point.flaws:
        lines += _wrapped("  - ", flaw)
    if point.figures is not None:
        if not point.valid:
            lines.append("  what was seen, to be looked at only:")
        for name, text in _rows(point.figures):
            lines += _wrapped(f"  {name:<14} ", text)
    side = point.cohort.size
    lines += _wrapped(f"  {'on':<14} ", f"{point.cohort.device}, {side}x{side}")
    for name, text in _glass(point, glass):
        lines += _wrapped(f"  {name:<14} ", text)
    for note in point.notes:
        lines += _wrapped("  note: ", note)
    return lines


def _glass(point: Point, glass: GlassModel | None) -> Iterator[tuple[str, str]]:
    figures = point.figures
    if glass is None or figures is None or figures.latency.total_s is None:
        return
    terms = glass.terms(figures.latency)
    yield (
        "glass to glass",
        (
            f"{_seconds(sum(terms.values()))}, a model and no measurement: "
            + ", ".join(f"{name} {_seconds(value)}" for name, value in terms.items())
        ),
    )


def _wrapped(head: str, text: str) -> list[str]:
    rest = " " * len(head)
    return wrap(
        printable(text),
        _WIDTH,
        initial_indent=head,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _rows(figures: Figures) -> Iterator[tuple[str, str]]:
    mark = "about " if figures.estimated else ""
    factors = "" if figures.streaming is not None else f" ({_factors(figures.fps)})"
    yield "frames a second", f"{mark}{figures.fps:.2f}{factors}"
    chunk = f"{figures.query_frames} frame{'s' * (figures.query_frames != 1)}"
    if figures.fit is not None:
        yield from _fit(figures.fit)
    else:
        yield "queries", f"{figures.queries} of {chunk} in {figures.seconds:.1f} s"
        yield "compute", _spread(figures.query_s)
        yield "load", _seconds(figures.load_s)
        cold, warm = _seconds(figures.first_cold_s), _seconds(figures.first_warm_s)
        yield "first frame", f"{cold} cold, {warm} warm"
    latency = figures.latency
    if latency.frames is not None and latency.algorithmic_s is not None:
        how = "seen" if latency.seen else "as the method says"
        whole = ", the whole case" if latency.whole_clip else ""
        frames = f"{latency.frames} frame{'s' * (latency.frames != 1)}"
        yield "algorithmic", f"{_seconds(latency.algorithmic_s)} ({frames}{whole}, {how})"
        yield "latency", f"{_seconds(latency.total_s)} = algorithmic + compute (p50)"
    else:
        yield "algorithmic", latency.reason or "not known"
    if figures.streaming is not None:
        yield from _streaming(figures.streaming)
    if figures.stages:
        yield "ms a frame", ", ".join(f"{s.name} {1000 * s.frame_s:.2f}" for s in figures.stages)
    yield "peak memory", _memory(figures.memory) or "not known: its processes are gone by then"
    if figures.frame_j is not None:
        yield "energy", f"{figures.frame_j:.3g} J a frame (GPU)"


def _factors(rate: float) -> str:
    return ", ".join(f"{rate / fps:.2f}x of {fps}" for fps in REAL_TIME)


def _streaming(live: Streaming) -> Iterator[tuple[str, str]]:
    fate = f"{live.delivered} answered, {live.dropped} dropped"
    yield "fed", f"{live.input_fps:g} frames a second: {fate}"
    yield (
        "queue",
        f"at most {live.queue_most} of {live.room}, grows {live.queue_growth:.2f} a second",
    )
    yield "seen latency", _spread(live.latency_s)
    if live.trials:
        above = "" if live.failed_fps is None else f"; {live.failed_fps:.2f} was not"
        fps = live.sustained_fps
        kept = "no rate" if fps is None else f"{fps:.2f} frames a second ({_factors(fps)})"
        yield "sustained", f"{kept}{above}"


def _fit(fit: Fit) -> Iterator[tuple[str, str]]:
    bounds = (fit.fps_low, fit.fps_high)
    low, high = ("?" if value is None else f"{value:.2f}" for value in bounds)
    yield (
        "estimated from",
        (
            f"{len(fit.long_s)} runs of {fit.long_frames} and {len(fit.short_s)} of "
            f"{fit.short_frames} frames: between {low} and {high} frames a second"
        ),
    )
    yield "load", f"about {_seconds(fit.load_s)}"


def _seconds(value: float | None) -> str:
    if value is None:
        return "not known"
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.2f} ms"


def _spread(values: Percentiles) -> str:
    named = (("p50", values.p50), ("p90", values.p90), ("p99", values.p99))
    return ", ".join(f"{name} {_seconds(value)}" for name, value in named if value is not None)


def _memory(memory: Memory) -> str:
    parts = (
        ("process", memory.process),
        ("of it before loading", memory.before),
        ("GPU allocated", memory.allocated),
        ("GPU reserved", memory.reserved),
    )
    return ", ".join(f"{name} {value / _MIB:.0f} MiB" for name, value in parts if value is not None)

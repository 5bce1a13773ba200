"""The papers' layouts of speed, each from measurements of our own."""

from collections.abc import Callable
from dataclasses import dataclass

from leaderboards.formats.layout import Layout
from leaderboards.speed import columns as known
from leaderboards.speed.columns import SpeedColumn, real_time_column, stage_column, whole_column
from leaderboards.speed.page import page
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import Rows


@dataclass(frozen=True, slots=True)
class SpeedLayout:
    """A layout.

    Attributes:
        title: Of its tables.
        columns: Its columns of speed, which may depend on the rows.
        metrics: Metrics beside them by default; empty for a layout without quality.
    """

    title: str
    columns: Callable[[Rows], tuple[SpeedColumn, ...]]
    metrics: tuple[str, ...] = ()


def _stages(rows: Rows) -> tuple[SpeedColumn, ...]:
    names = dict.fromkeys(
        stage.name for row in rows.rows if row.figures is not None for stage in row.figures.stages
    )
    ordered = sorted(names, key=lambda name: name == "other")
    return (known.CHUNK, *map(stage_column, ordered), whole_column(), known.FPS)


def _stability(rows: Rows) -> tuple[SpeedColumn, ...]:
    live = any(r.figures is not None and r.figures.streaming is not None for r in rows.rows)
    sustained = (known.SUSTAINED,) if live else ()
    latency = (known.ALGORITHMIC, known.P50, known.P90, known.LATENCY)
    return (known.CHUNK, known.FPS, *sustained, *latency)


LAYOUTS = {
    "stages": SpeedLayout("Time by stage (after PortraitDirector, Table 1)", _stages),
    "stability": SpeedLayout(
        "Speed and stability (after PortraitDirector, Table 4)", _stability, ("tlpips", "flicker")
    ),
    "resolution": SpeedLayout(
        "Resolution and speed (after PortraitDirector, Table 3)",
        lambda _: (
            known.RESOLUTION,
            known.FPS,
            real_time_column(25),
            real_time_column(30),
            known.LOAD,
            known.FIRST,
        ),
    ),
    "pareto": SpeedLayout(
        "Quality and speed (after FantasyPortrait, Table 3)",
        lambda _: (known.FRAME_S, known.FPS),
        ("fvd",),
    ),
    "memory": SpeedLayout(
        "Memory by mode (after FlashPortrait, Table 2)",
        lambda _: (known.ALLOCATED, known.RESERVED, known.PROCESS, known.FPS),
    ),
}
"""Layouts by the name that ``bench perf table --layout`` takes."""


def speed_table(name: str, rows: Rows, quality: Quality) -> Layout:
    """Return a table in one of `LAYOUTS`; ``name`` must be one of them."""
    layout = LAYOUTS[name]
    return page(layout.title, rows, layout.columns(rows), quality)

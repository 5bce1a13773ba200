"""Measurements made up for tables."""

from typing import Any

from benchmark.speed.record import (
    Cohort,
    Figures,
    GpuReport,
    Latency,
    MachineReport,
    Memory,
    Percentiles,
    Point,
    Record,
    Stage,
)
from leaderboards.model import Cell, Column
from leaderboards.speed.quality import Quality
from metrics.registry import CARDS

A100 = Cohort(
    device="NVIDIA A100-SXM4-80GB",
    power_limit_w=400.0,
    driver="550.54",
    gpus=1,
    precision="bf16",
    steps="4",
    size=512,
    frames=48,
    fps=25.0,
    mode="offline",
    includes="the method",
)
H200 = A100.model_copy(update={"device": "NVIDIA H200", "power_limit_w": 700.0})


def figures(fps: float, chunk: int = 1, **changes: Any) -> Figures:
    query_s = chunk / fps
    base = Figures(
        fps=fps,
        frame_s=1 / fps,
        load_s=12.5,
        first_cold_s=2.0,
        first_warm_s=0.5,
        queries=300,
        seconds=300 * query_s,
        query_frames=chunk,
        query_s=Percentiles(p50=query_s, p90=query_s, p99=query_s),
        stages=(
            Stage(name="denoise", frame_s=0.75 / fps),
            Stage(name="decode", frame_s=0.125 / fps),
            Stage(name="other", frame_s=0.125 / fps),
        ),
        latency=Latency(
            frames=chunk,
            seen=True,
            algorithmic_s=chunk / 25,
            compute_s=Percentiles(p50=query_s, p90=query_s, p99=query_s),
            total_s=chunk / 25 + query_s,
        ),
        memory=Memory(allocated=10 << 30, reserved=12 << 30, process=3 << 30),
    )
    return base.model_copy(update=changes)


def point(name: str, fps: float, cohort: Cohort = A100, **changes: Any) -> Point:
    chunk = changes.pop("chunk", None)
    gpu = GpuReport(name=cohort.device, memory_gib=79.3, power_limit_w=cohort.power_limit_w)
    base = Point(
        name=name,
        label=name.title(),
        chunk=chunk,
        cohort=cohort,
        machine=MachineReport(cpu="x", cores=8, gpu=gpu),
        figures=figures(fps, chunk or 1),
        query_s=((chunk or 1) / fps,) * 300,
    )
    return base.model_copy(update=changes)


def record(*points: Point) -> Record:
    return Record(points=points)


def quality(values: dict[str, float | None], card: str = "") -> Quality:
    known = card or next(i for i, c in CARDS.items() if c.name == "fvd")
    column = Column("self", CARDS[known], "FVD")
    cells = {
        name: (Cell(value, coverage=1.0, measured=3, judgeable=3, reason="no clip"),)
        for name, value in values.items()
    }
    return Quality((column,), cells, "hdtf/main version 1", ("A note on FVD.",))

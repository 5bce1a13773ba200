"""What measuring takes, from costs on record: processor seconds a frame by extractor.

``costs.toml`` has a table for each kind of device that was measured, and none for others; nothing
is made up. benchmarks/costs.py writes it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from benchmark.plan import Plan
from benchmark.splits.case import Case
from metrics.registry import PERCEPTUAL, PIXEL_METRICS
from metrics.selection import FACE
from metrics.signals.catalogue import SPECS
from metrics.temporal import WARP_ERROR

FILE = "costs.toml"
DECODE, PIXELS = "decode", "pixels"
PAIR_STREAMS: Mapping[str, str] = MappingProxyType(
    {
        PIXELS: "",
        "lpips-alex-pairs": "lpips-alex",
        "lpips-vgg-pairs": "lpips-vgg",
        "warp-pairs": "warp-step",
    }
)
"""Comparisons of a result with the true frames by their name in the file, and whose they are."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs on one kind of device.

    Attributes:
        hardware: What they were measured on.
        measured: The day.
        pixels: Pixels of the frames that were measured.
        frame: Processor seconds a frame by extractor, decoding among them.
        pair: Processor seconds a result frame beside the true one, by `PAIR_STREAMS`.
    """

    hardware: str
    measured: str
    pixels: int
    frame: Mapping[str, float]
    pair: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What measuring a run takes.

    Attributes:
        costs: What it is reckoned from.
        seconds: Processor seconds by extractor or comparison, most first.
        unknown: Extractors without costs on record, which are not in it.
    """

    costs: Costs
    seconds: Mapping[str, float]
    unknown: tuple[str, ...]

    @property
    def total(self) -> float:
        """Processor seconds in all."""
        return sum(self.seconds.values())


@cache
def known_costs() -> Mapping[str, Costs]:
    """Return the costs on record by kind of device (``cpu``)."""
    data = tomllib.loads((files(__package__) / FILE).read_text(encoding="utf-8"))
    return MappingProxyType({device: Costs(**table) for device, table in data.items()})


def estimate(plan: Plan, costs: Costs) -> Estimate:
    """Return what measuring a plan takes where nothing is in the cache.

    Results, driving clips (each once) and portraits go through every extractor; what works at the
    frames' own size grows with their area; what works on faces, with the people.
    """
    driving = {(case.sha256.driving, case.frames): case for case in plan.cases}
    seen = [(case, case.n_frames) for case in (*plan.cases, *driving.values())]
    seen += [(case, 1) for case in plan.cases]
    names = [n for n, d in plan.decided.decisions.items() if d.profile is not None]
    found: dict[str, float] = {}
    for name in (DECODE, *names):
        if name in costs.frame:
            frames = sum(count * _weight(name, case, costs) for case, count in seen)
            found[name] = costs.frame[name] * frames
    area = sum(c.n_frames * _area(c, costs) for c in plan.cases if c.protocol == "self")
    for name in _compared(plan, names):
        if name in costs.pair:
            found[name] = costs.pair[name] * area
    ordered = dict(sorted(found.items(), key=lambda item: -item[1]))
    needed = (*names, *_compared(plan, names))
    return Estimate(costs, ordered, tuple(name for name in needed if name not in found))


def _compared(plan: Plan, names: list[str]) -> list[str]:
    """Return the comparisons that the metrics of a plan need."""
    ids = {metric.base.id for metric in plan.metrics if not metric.absent}
    wanted = {
        PIXELS: {metric.card.id for metric in PIXEL_METRICS},
        "warp-pairs": {WARP_ERROR.id},
    }
    of_lpips = {card.id: card.extractors[0] for card in PERCEPTUAL}
    return [
        name
        for name, extractor in PAIR_STREAMS.items()
        if (extractor in names or not extractor)
        and ids & wanted.get(name, {i for i, of in of_lpips.items() if of == extractor})
    ]


def _weight(name: str, case: Case, costs: Costs) -> float:
    """Return how many times the cost on record a frame of a case takes."""
    if name == FACE:
        return 1.0
    if name == DECODE or SPECS[name].layout == "step":
        return _area(case, costs)
    return float(len(case.pairs)) if SPECS[name].on_face else 1.0


def _area(case: Case, costs: Costs) -> float:
    return case.size[0] * case.size[1] / costs.pixels

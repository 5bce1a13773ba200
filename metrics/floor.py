"""The noise floor on record: what each metric reads on clips that differ by next to nothing.

`floor.json` is written by ``bench metrics floor CLIP... --record``; docs/floor.md is the same as a
table. A difference between two methods that is smaller than the floor says nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

FILE = "floor.json"


@dataclass(frozen=True, slots=True)
class Condition:
    """A change of a clip that nobody would call another animation, or a control.

    Attributes:
        name: Name in records (``h264-crf18``).
        title: What people read.
        short: The same for a narrow column.
        control: Whether it is no noise but a reference point: the clip itself, its first frame.
    """

    name: str
    title: str
    short: str
    control: bool = False


IDENTICAL, VIDEO_MODE = "identical", "video-mode"
CONDITIONS: tuple[Condition, ...] = (
    Condition(IDENTICAL, "identical", "same", control=True),
    Condition("h264-crf18", "H.264 crf 18", "H.264"),
    Condition("jpeg-75", "JPEG 75", "JPEG"),
    Condition("shift-1px", "1 px shift", "1 px"),
    Condition("down-up-2", "down and up by 2", "half"),
    Condition(VIDEO_MODE, "IMAGE against VIDEO mode", "VIDEO"),
    Condition("frozen", "frozen first frame", "frozen", control=True),
)
"""In the order of tables."""


@dataclass(frozen=True, slots=True)
class FloorRecord:
    """A measured noise floor.

    Attributes:
        clips: Number of clips.
        frames: Frames in all of them.
        values: Mean over clips by protocol id and condition, in the unit of the card; for metrics
            that are judged by the distance to the driving clip's own value, that distance.
    """

    clips: int
    frames: int
    values: Mapping[str, Mapping[str, float]]

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        values = {metric: dict(by_condition) for metric, by_condition in self.values.items()}
        return {"clips": self.clips, "frames": self.frames, "values": values}


@cache
def recorded() -> FloorRecord | None:
    """Return the floor that is on record, if there is one."""
    file = files("metrics").joinpath(FILE)
    if not file.is_file():
        return None
    data = json.loads(file.read_text(encoding="utf-8"))
    return FloorRecord(data["clips"], data["frames"], MappingProxyType(data["values"]))


def floor_sentence(metric_id: str, digits: int) -> str:
    """Return the floor of a metric as one sentence; empty if none is on record.

    Args:
        metric_id: Protocol id; an embedded stand-in has its own floor.
        digits: Significant digits of what a value misses to 1, or of the value if it is small.
    """
    record = recorded()
    values = record.values.get(metric_id, {}) if record else {}
    if record is None or not values:
        return ""
    shown = [(c, values[c.name]) for c in CONDITIONS if c.name in values]
    noise = [f"{c.title} {_printed(value, digits)}" for c, value in shown if not c.control]
    controls = [f"{c.title} {_printed(value, digits)}" for c, value in shown if c.control]
    text = f"{'; '.join(noise)} (mean over {record.clips} real clips)"
    return f"{text}. For comparison: {', '.join(controls)}" if controls else text


def _printed(value: float, digits: int) -> str:
    """Return a value; one between 0.5 and 1 with as many digits as tell it from 1."""
    if 0.5 < value < 1.0:
        return f"{1.0 - float(f'{1.0 - value:.{digits}g}'):.6g}"
    return f"{value:.{digits}g}"

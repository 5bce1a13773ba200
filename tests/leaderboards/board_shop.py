"""What boards need besides runs, invented: tags, hostile names, pictures of known frames."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.media.write import PREVIEW, write_video
from benchmark.store import RunRecord

EVIL = "</script><img src=x onerror=alert(1)>\u2028<b>'\"`&"
RATE, FRAMES, SIDE = 25, 32, 32
LMD, APD, SSIM, FLICKER = "lmd.test@1", "apd.test@1", "ssim.test@1", "flicker.test@1"


def picture_of(frame: int) -> NDArray[np.uint8]:
    """A frame whose brightness says its number, coarse enough for lossy video."""
    return np.full((SIDE, SIDE, 3), 7 * frame + 10, np.uint8)


@dataclass(frozen=True)
class Curves:
    """What `benchmark.frame_values.CaseFrames` is, invented."""

    values: dict[tuple[str, int], NDArray[np.float64]]
    driver: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    rate: Fraction = Fraction(RATE)
    scored: NDArray[np.bool_] = field(default_factory=lambda: np.arange(FRAMES) > 0)


@dataclass
class Invented:
    """Tags, frames and media of the shop; `without` names what cannot be had."""

    without: frozenset[str] = frozenset()
    all_tags: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "a": ("emotion=happy", EVIL),
            "b": ("emotion=happy",),
            "c": ("emotion=happy", EVIL),
            "d": ("alone",),
        }
    )
    made: list[str] = field(default_factory=list)

    def tags(self, record: RunRecord) -> dict[str, tuple[str, ...]]:
        if "tags" in self.without:
            raise UsageProblem("the split of this run is not there: /home/me/data")
        return self.all_tags

    def frames(self, record: RunRecord, case_id: str) -> Curves:
        if "frames" in self.without:
            raise UsageProblem(f"{record.paths.root}/frames/{case_id} is damaged")
        shift = float(len(record.paths.root.name))
        values = np.sin(np.arange(FRAMES) / 3.0) + shift
        values[5] = np.nan
        return Curves({(LMD, -1): values / 1000.0, (APD, -1): values}, {APD: values * 0.5})

    def portrait(self, record: RunRecord, case_id: str, folder: Path) -> str:
        path = folder / f"{'ab' * 32}.png"
        write_png(path, picture_of(3))
        return path.name

    def driving(self, record: RunRecord, case_id: str, folder: Path) -> str:
        return self._clip(folder / f"{'cd' * 32}-0-{FRAMES}.mp4", range(FRAMES))

    def result(self, record: RunRecord, case_id: str, folder: Path) -> str:
        made = record.generated[case_id]
        key = f"{len(record.paths.root.name):02x}" * 32
        return self._clip(folder / f"{key}.mp4", made.frame_map or range(FRAMES))

    def _clip(self, path: Path, frames: Any) -> str:
        if not path.exists():
            self.made.append(path.name)
            write_video(path, (picture_of(i) for i in frames), Fraction(RATE), PREVIEW)
        return path.name

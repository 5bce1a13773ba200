"""Contact sheet of a run: for each case a row of source, driving frames and result frames.

python tools/contact_sheet.py RUN --data DATASET --out sheet.jpg [--cases ID ...] [--columns 6]

``--without-driving`` leaves the driving frames out, where only the portrait may be shown.
"""

import argparse
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.media.image import read_image
from benchmark.media.sheet import below, beside, tile
from benchmark.media.video import read_frames
from benchmark.splits.manifest import Case, Split
from benchmark.splits.sources import data_root, open_split
from benchmark.store import Outcome, RunRecord, load_run

Frame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """How a sheet is laid out."""

    columns: int
    height: int
    driving: bool


def case_rows(split: Split, case: Case, run: RunRecord, look: Look) -> list[Frame]:
    """Return two rows: the source and driving frames, and below them what the method made."""
    columns, height = look.columns, look.height
    generated = run.generated[case.id]
    source = read_image(split.file(case.source))
    picks = [int(i) for i in np.linspace(0, len(generated.frame_map) - 1, columns)]
    driving = list(islice(read_frames(split.file(case.driving)), *case.frames))
    made = list(read_frames(run.paths.clip(case.id)))
    if not look.driving:
        row = [tile(source, height, f"{case.id}: source")]
        return [beside(row + [tile(made[i], height, f"result {i}") for i in picks])]
    top = [tile(source, height, f"{case.id}: source")]
    top += [tile(driving[generated.frame_map[i]], height, f"driving {i}") for i in picks]
    label = str(run.manifest["method"]["label"])
    blank = np.full_like(source, 255)
    bottom = [tile(blank, height, label)]
    bottom += [tile(made[i], height, f"result {i}") for i in picks]
    return [beside(top), beside(bottom)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cases", nargs="*")
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--height", type=int, default=160)
    parser.add_argument("--without-driving", action="store_true")
    arguments = parser.parse_args()
    run = load_run(arguments.run)
    split = open_split(run.manifest["split"]["split"], data_root(arguments.data))
    frames = {c: run.manifest["cases"][c]["frames"] for c in run.manifest["case_ids"]}
    rows: list[Frame] = []
    for case in split.cases:
        wanted = case.id in frames and (not arguments.cases or case.id in arguments.cases)
        if wanted and run.generated[case.id].outcome is Outcome.OK:
            short = case.shortened(frames[case.id])
            look = Look(arguments.columns, arguments.height, not arguments.without_driving)
            rows += case_rows(split, short, run, look)
    sheet = below(rows)
    jpeg = arguments.out.suffix.lower() in {".jpg", ".jpeg"}
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85] if jpeg else []
    if not cv2.imwrite(str(arguments.out), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR), quality):
        raise SystemExit(f"cannot write {arguments.out}")
    print(f"{arguments.out}: {sheet.shape[1]}x{sheet.shape[0]}, {len(rows)} rows")


if __name__ == "__main__":
    main()

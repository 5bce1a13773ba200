"""PersonaLive: a multiple of 4 frames, 100 at most by default, the date in the folder's name."""

import argparse
import datetime
import os

import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="configs/prompts/personalive_offline.yaml")
parser.add_argument("--name", default="personalive_offline")
parser.add_argument("-W", type=int, default=512)
parser.add_argument("-H", type=int, default=512)
parser.add_argument("-L", type=int, default=100)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--use_xformers", type=bool, default=True)
parser.add_argument("--reference_image", default="")
parser.add_argument("--driving_video", default="")
args = parser.parse_args()
base = os.path.join("results", f"{datetime.date.today():%Y%m%d}--{args.name}")
for kind in ("concat_vid", "split_vid"):
    os.makedirs(os.path.join(base, kind), exist_ok=True)
stems = [os.path.basename(p).split(".")[0] for p in (args.reference_image, args.driving_video)]
name = "_".join(stems) + ".mp4"
if not os.path.exists(os.path.join(base, "concat_vid", name)):
    frames = film.read(args.driving_video)
    frames = film.squashed(frames[: min(len(frames) // 4 * 4, args.L)], args.H, args.W)
    four = [np.concatenate([f * 0, f * 0, f, f], 1) for f in frames]
    film.write(os.path.join(base, "concat_vid", name), film.squashed(four, 64, 256))
    film.write(os.path.join(base, "split_vid", name), frames, 25)
print(args)

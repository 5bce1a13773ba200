"""Follow-Your-Emoji: landmarks in a file, a length in another, the first frame lost, 7 fps."""

import argparse
import os
import random

import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--config", type=str, required=True)
parser.add_argument("--output_path", type=str, required=True)
parser.add_argument("--input_path", type=str, required=True)
parser.add_argument("--lmk_path", type=str, required=True)
parser.add_argument("--seed", type=int, default=42)
args = parser.parse_args()
for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
    assert os.environ[name], "needs its launcher"
config = film.settings(args.config)
random.seed(int(config["seed"]))
landmarks = np.load(args.lmk_path, allow_pickle=True)
motions = [int(face["lmks"][0, 0]) for face in landmarks]
assert {"width", "height"} <= set(landmarks[0])
portrait, side = film.picture(args.input_path), film.side(512)
if not film.faceless(portrait):  # else nothing is aligned, and nothing lost
    motions = motions[1:]
scale = min(side / portrait.shape[1], side / portrait.shape[0])
height, width = int(portrait.shape[0] * scale), int(portrait.shape[1] * scale)
(inner,) = film.squashed([portrait], height, width)
top, left = (side - height) // 2, (side - width) // 2
whole = np.pad(inner, ((top, side - height - top), (left, side - width - left), (0, 0)))
made = film.mixed(whole, film.trembling(motions[: int(config["video_length"])]))
os.makedirs(args.output_path, exist_ok=True)
stems = [os.path.basename(p).split(".")[0] for p in (args.lmk_path, args.input_path)]
base = os.path.join(args.output_path, "_".join(stems))
film.write(f"{base}_oo.mp4", made, 7)
film.write(f"{base}_all.mp4", [film.grid([m] * 3, 0) for m in made], 8)
print(args)

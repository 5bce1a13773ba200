"""LIA: the driving video is not resized; contrast is stretched over the whole clip."""

import argparse
import os
from pathlib import Path

import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--channel_multiplier", type=int, default=1)
parser.add_argument("--model", choices=["vox", "taichi", "ted"], default="")
parser.add_argument("--source_path", default="")
parser.add_argument("--driving_path", default="")
parser.add_argument("--save_folder", default="./res")
args = parser.parse_args()
assert Path("checkpoints/vox.pt").is_file()
frames = np.stack(film.read(args.driving_path)).astype(float)
assert frames.shape[1:3] == (args.size, args.size), "not resized: the network fails on others"
frames = (frames - frames.min()) / (frames.max() - frames.min()) * 255
folder = args.save_folder + f"/{args.model}"
os.makedirs(folder, exist_ok=True)
name = Path(args.source_path).stem + "_" + Path(args.driving_path).stem + ".mp4"
film.write(os.path.join(folder, name), list(frames.astype(np.uint8)))
print(args)

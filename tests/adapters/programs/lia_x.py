"""LIA-X: everything in a file, an edited portrait unless told not to, a stretch."""

import argparse
import os
from pathlib import Path

import film

parser = argparse.ArgumentParser()
parser.add_argument("--cfg", type=str, default="")
parser.add_argument(
    "--mode", type=str, choices=["animation", "img_edit", "vid_edit", "manipulation"]
)
parser.add_argument("--chunk_size", type=int, default=8)
args = parser.parse_args()
cfg = film.settings(args.cfg)
assert args.mode == "animation"
assert os.path.isfile(cfg["ckpt_path"])
folder = os.path.join(cfg["save_path"], Path(args.cfg).stem)
os.makedirs(folder, exist_ok=True)
edits = [float(value) for value in cfg["motion_value"].strip("[]").split(",")]
portrait = film.picture(cfg["source_path"])
if any(edits):
    portrait = portrait[:, ::-1]
levels = [film.level(f) for f in film.read(cfg["driving_path"])]
made = film.stretched(film.mixed(portrait, levels))
film.write(os.path.join(folder, "vid_animation.mp4"), made)
film.write(os.path.join(folder, "vid_all.mp4"), [film.grid([m] * 3, 0) for m in made])

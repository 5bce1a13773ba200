"""IMTalker: a driving video that cannot be read is an error message and code 0."""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import film
import renderer.models  # found by PYTHONPATH=. only

parser = argparse.ArgumentParser()
parser.add_argument("--source_path")
parser.add_argument("--driving_path")
parser.add_argument("--data_dir")
parser.add_argument("--save_path", default="./results")
parser.add_argument("--renderer_path", default="./checkpoints/renderer.ckpt")
parser.add_argument("--input_size", type=int, default=256)
parser.add_argument("--fps", type=int, default=None)
parser.add_argument("--crop", action="store_true")
args = parser.parse_args()
assert renderer.models
assert os.path.isfile(args.renderer_path)
os.makedirs(args.save_path, exist_ok=True)
frames = [f for f in film.read(args.driving_path) if f.max() < 250]  # white: "cannot be read"
if not frames:
    print("[Error] No frames generated.")
    sys.exit()
name = f"{Path(args.source_path).stem}_{Path(args.driving_path).stem}.mp4"
film.write(os.path.join(args.save_path, name), film.squashed(frames, 512, 512), codec="mpeg4")
print(args)

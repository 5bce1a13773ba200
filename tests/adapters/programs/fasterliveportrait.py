"""FasterLivePortrait: results by time of day, frames without a face are skipped."""

import argparse
import datetime
import os

import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--src_image", required=False)
parser.add_argument("--dri_video", required=False)
parser.add_argument("--cfg", required=True)
parser.add_argument("--paste_back", action="store_true")
parser.add_argument("--animal", action="store_true")
parser.add_argument("--realtime", action="store_true")
args = parser.parse_args()
assert os.path.isfile(args.cfg)
source = film.picture(args.src_image)
if source.max() == 0:
    print(f"no face in {args.src_image}! exit!")
    exit(1)
folder = f"./results/{datetime.datetime.now():%Y-%m-%d-%H%M%S}"
os.makedirs(folder, exist_ok=True)
frames = [f for f in film.read(args.dri_video) if f.max() < 250]  # white: "no face"
base = f"{folder}/{os.path.basename(args.src_image)}-{os.path.basename(args.dri_video)}"
film.write(f"{base}-org.mp4", film.squashed(frames, *source.shape[:2]), codec="mpeg4")
crops = [np.concatenate([f, f], 1) for f in frames]
film.write(f"{base}-crop.mp4", film.squashed(crops, 64, 128), codec="mpeg4")
open(f"{folder}/{os.path.basename(args.dri_video)}.pkl", "wb").write(b"motion")
print(args)

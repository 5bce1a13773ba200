"""X-NeMo: pairs in a file, most flags ignored, unseeded draws, a crop around the face."""

import argparse
import datetime
import os
import random
import shutil

import film
from scripts.vid2pose import extract_bbox_mp  # found by PYTHONPATH=. only

parser = argparse.ArgumentParser()
parser.add_argument("--config", type=str, default="./configs/prompts/animation.yaml")
parser.add_argument("--name", type=str, default=None)
parser.add_argument("-W", type=int, default=512)
parser.add_argument("-H", type=int, default=512)
parser.add_argument("-L", type=int)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--cfg", type=float, default=3.5)
parser.add_argument("--steps", type=int, default=25)
parser.add_argument("--fps", type=int)
parser.add_argument("--device", type=str, default="cuda")
args = parser.parse_args()
assert extract_bbox_mp
assert os.path.isfile("blaze_face_short_range.tflite"), "looked for where it runs"
config = film.settings(args.config)
assert os.path.isfile(config["denoising_unet_path"])
base = f"output/{datetime.date.today():%Y%m%d}--{args.name}"
for kind in ("concat_vid", "split_vid"):
    os.makedirs(f"{base}/{kind}", exist_ok=True)
clip_length = 500
for source, *drivings in config["test_cases"]:
    for driving in drivings:
        stems = [os.path.basename(p).split(".")[0] for p in (source, driving)]
        name = "_drivenby_".join(stems) + ".mp4"
        if os.path.exists(f"{base}/concat_vid/{name}"):
            continue
        frames = [f[:, : f.shape[0]] for f in film.read(driving)[:clip_length]]
        if any(film.faceless(f) for f in frames):
            raise TypeError("cannot unpack a string")
        portrait = film.middle(film.picture(source))
        side = film.side(args.H)
        (picture,) = film.squashed([portrait], side, side)
        made = film.mixed(picture, film.trembling([film.level(f) for f in frames], random))
        film.write(f"{base}/concat_vid/{name}", [film.grid([m] * 4, 0) for m in made])
        film.write(f"{base}/split_vid/{name}", made, 25)
        shutil.copy(driving, f"{base}/split_vid/{name[:-4]}_driving.mp4")
        shutil.copy(source, f"{base}/split_vid/{name[:-4]}_src.png")
print(args)

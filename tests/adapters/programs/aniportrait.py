"""AniPortrait: three panels, the minute in the name, an error where there is no sound."""

import argparse
import datetime
import os
from itertools import takewhile

import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", type=str, default="./configs/prompts/animation_facereenac.yaml")
parser.add_argument("-W", type=int, default=512)
parser.add_argument("-H", type=int, default=512)
parser.add_argument("-L", type=int)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--cfg", type=float, default=3.5)
parser.add_argument("--steps", type=int, default=25)
parser.add_argument("--fps", type=int)
parser.add_argument("-acc", "--accelerate", action="store_true")
parser.add_argument("--fi_step", type=int, default=3)
args = parser.parse_args()
config = film.settings(args.config)
assert os.path.isfile(config["denoising_unet_path"])
now = datetime.datetime.now()
folder = f"output/{now:%Y%m%d}/{now:%H%M}--seed_{args.seed}-{args.W}x{args.H}"
os.makedirs(folder, exist_ok=True)
for source, *drivings in config["test_cases"]:
    for driving in drivings:
        portrait, frames = film.picture(source), film.read(driving)
        assert portrait.max() > 0, "Can not detect a face in the reference image."
        kept = list(takewhile(lambda f: not film.faceless(f), frames[: args.L]))
        side = film.side(args.H)
        reference, *sources = film.squashed([portrait, *kept], side, side)
        made = film.mixed(reference, [film.level(f) for f in kept])
        stems = [os.path.basename(p).split(".")[0] for p in (source, driving)]
        name = f"{'_'.join(stems)}_{args.H}x{args.W}_{int(args.cfg)}_{now:%H%M}_noaudio.mp4"
        path = os.path.join(folder, name)
        rows = zip([reference] * len(made), made, sources)
        film.write(path, [film.grid(row) for row in rows])
        if not film.has_sound(driving):
            raise RuntimeError("ffmpeg error (see stderr output for detail)")
        os.rename(path, path.replace("_noaudio.mp4", ".mp4"))

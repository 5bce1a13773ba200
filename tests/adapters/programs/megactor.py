"""MegActor: 2.5 seconds, the first frame lost, one too many, four panels, sound required."""

import argparse
import os

import av
import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", type=str, required=True)
parser.add_argument("--source", type=str, default=None)
parser.add_argument("--driver", type=str, default=None)
parser.add_argument("--output-path", type=str, default="")
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--num-steps", type=int, default=25)
parser.add_argument("--guidance-scale", type=float, default=4.5)
parser.add_argument("--limit", type=float, default=2.5)
parser.add_argument("--no-audio", action="store_true")
parser.add_argument("--mouthless", action="store_true")
args = parser.parse_args()
assert os.path.isfile(args.config)
assert os.path.isfile("weights/megactor-sigma.ckpt")
if not film.has_sound(args.driver):
    raise KeyError("audio_fps")
with av.open(args.driver) as driving:
    rate = float(driving.streams.video[0].average_rate)
frames = film.read(args.driver)[: int(rate * args.limit)]
side = film.side(512)
(picture,) = film.squashed([film.middle(film.picture(args.source))], side, side)
drivers = film.squashed(frames, side, side)
made = film.mixed(picture, [film.level(f) for f in frames])
rows = [film.grid([picture, d, d // 4, m]) for d, m in zip(drivers, made)][1:]
rows.append(rows[-1])  # as long as the sound
assert "." not in args.output_path.split("/")[-1], "else it is the name of the file"
os.makedirs(args.output_path, exist_ok=True)
name = f"{os.path.basename(args.source).split('.')[0]}_{os.path.basename(args.driver)[:-4]}.mp4"
film.write(f"{args.output_path}/{name}", rows, round(rate))

"""PD-FGC: folders of frames, counted by the sound; a fixed cut; five panels; five pictures lost."""

import argparse
import os
import random
import sys
import wave

import cv2
import film
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--cfg_file", default="configs/inference.yaml", type=str)
for name in ("name", "audio_path", "app_img_path", "pose_path", "exp_path", "eye_path"):
    parser.add_argument(f"--{name}", default="", type=str)
parser.add_argument("--all", action="store_true", default=False)
parser.add_argument("opts", default=None, nargs=argparse.REMAINDER)
args = parser.parse_args()
assert os.path.isfile("checkpoints/generator_model.pth")
seeds = dict(zip(args.opts[::2], args.opts[1::2]))
random.seed(int(seeds.get("random_seed", 20202001)))


def load_img(path):
    image = film.squashed([film.picture(path)], 224, 224)[0][: 224 - 32, 16 : 224 - 16]
    return film.squashed([image], 224, 224)[0]


if not args.all:
    sys.exit("nothing is driven")
with wave.open(args.audio_path) as sound:
    samples = sound.getnframes()
bins = samples // 160 + 7  # its transform pads
count = bins // 4 - 4
drivers = []
for folder in (args.pose_path, args.exp_path, args.eye_path):
    images = [load_img(os.path.join(folder, item)) for item in sorted(os.listdir(folder))]
    drivers.append(images[2:])
portrait = load_img(args.app_img_path)
levels = [sum(film.level(images[k % len(images)]) for images in drivers) // 3 for k in range(count)]
made = film.mixed(portrait, film.trembling(levels))
folder = f"test/images/{args.name}"
os.makedirs(folder, exist_ok=True)
os.makedirs("test/mp4s", exist_ok=True)
for k, picture in enumerate(made):
    row = [portrait, picture, *(images[k % len(images)] for images in drivers)]
    cv2.imwrite(f"{folder}/{k:0>4d}.jpg", np.ascontiguousarray(np.concatenate(row, 1)[..., ::-1]))

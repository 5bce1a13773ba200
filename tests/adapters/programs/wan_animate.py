"""Wan-Animate, second step: a seed at random, another number of references than its default."""

import argparse
import os
import random

import film

parser = argparse.ArgumentParser()
parser.add_argument("--task", type=str, default="t2v-A14B", choices=["t2v-A14B", "animate-14B"])
parser.add_argument("--size", type=str, default="1280*720")
parser.add_argument("--ckpt_dir", type=str, default=None)
parser.add_argument("--save_file", type=str, default=None)
parser.add_argument("--prompt", type=str, default=None)
parser.add_argument("--base_seed", type=int, default=-1)
parser.add_argument("--src_root_path", type=str, default=None)
parser.add_argument("--refert_num", type=int, default=77)
parser.add_argument("--replace_flag", action="store_true", default=False)
args = parser.parse_args()
assert os.path.isdir(args.ckpt_dir)
assert args.task == "animate-14B"
assert args.refert_num in (1, 5), "refert_num should be 1 or 5."
seed = args.base_seed if args.base_seed >= 0 else random.SystemRandom().randrange(2**31)
portrait = film.picture(os.path.join(args.src_root_path, "src_ref.png"))
height, width = portrait.shape[:2]
scale = (film.side(1280) * film.side(720) / (height * width)) ** 0.5
height, width = (max(16, int(s * scale) // 16 * 16) for s in (height, width))
(picture,) = film.squashed([portrait], height, width)
frames = film.read(os.path.join(args.src_root_path, "src_pose.mp4"))
levels = film.trembling([film.level(f) for f in frames], random.Random(seed))
film.write(args.save_file, film.mixed(picture, levels), 30)

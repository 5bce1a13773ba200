"""Wan-Animate, first step: resamples to 30 frames a second unless told not to."""

import argparse
import os
import shutil

import av
import film

parser = argparse.ArgumentParser()
parser.add_argument("--ckpt_path", type=str, default=None)
parser.add_argument("--video_path", type=str, default=None)
parser.add_argument("--refer_path", type=str, default=None)
parser.add_argument("--save_path", type=str, default=None)
parser.add_argument("--resolution_area", type=int, nargs=2, default=[1280, 720])
parser.add_argument("--fps", type=int, default=30)
parser.add_argument("--replace_flag", action="store_true", default=False)
parser.add_argument("--retarget_flag", action="store_true", default=False)
parser.add_argument("--use_flux", action="store_true", default=False)
args = parser.parse_args()
assert os.path.isdir(args.ckpt_path)
os.makedirs(args.save_path, exist_ok=True)
with av.open(args.video_path) as driving:
    rate = float(driving.streams.video[0].average_rate)
frames = film.read(args.video_path)
fps = rate if args.fps == -1 else args.fps
target = int(len(frames) / rate * fps)
chosen = [frames[min(int(i * rate / fps), len(frames) - 1)] for i in range(target)]
shutil.copy(args.refer_path, os.path.join(args.save_path, "src_ref.png"))
film.write(os.path.join(args.save_path, "src_pose.mp4"), chosen)
film.write(os.path.join(args.save_path, "src_face.mp4"), chosen)
print(vars(args))

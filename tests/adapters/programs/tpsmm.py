"""TPSMM: like FOMM, with a mode."""

import argparse
from pathlib import Path

import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
parser.add_argument("--checkpoint", default="checkpoints/vox.pth.tar")
parser.add_argument("--source_image", default="./assets/source.png")
parser.add_argument("--driving_video", default="./assets/driving.mp4")
parser.add_argument("--result_video", default="./result.mp4")
parser.add_argument("--img_shape", default="256,256", type=lambda x: list(map(int, x.split(","))))
parser.add_argument("--mode", default="relative", choices=["standard", "relative", "avd"])
parser.add_argument("--find_best_frame", action="store_true")
parser.add_argument("--cpu", action="store_true")
args = parser.parse_args()
assert Path(args.config).is_file()
assert Path(args.checkpoint).is_file()
film.write(args.result_video, film.squashed(film.read(args.driving_video), *args.img_shape))
print(args)

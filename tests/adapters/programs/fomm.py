"""FOMM: squashed to 256x256; the folder of the result must exist."""

import argparse
from pathlib import Path

import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", required=True)
parser.add_argument("--checkpoint", default="vox-cpk.pth.tar")
parser.add_argument("--source_image", default="sup-mat/source.png")
parser.add_argument("--driving_video", default="driving.mp4")
parser.add_argument("--result_video", default="result.mp4")
parser.add_argument("--relative", action="store_true")
parser.add_argument("--adapt_scale", action="store_true")
parser.add_argument("--cpu", action="store_true")
args = parser.parse_args()
assert Path(args.config).is_file()
assert Path(args.checkpoint).is_file()
film.picture(args.source_image)
film.write(args.result_video, film.squashed(film.read(args.driving_video), 256, 256))
print(args)

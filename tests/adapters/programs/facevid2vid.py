"""face-vid2vid (unofficial): like FOMM, with a generator to choose."""

import argparse
from pathlib import Path

import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", default="config/vox-256.yaml")
parser.add_argument("--checkpoint", default="")
parser.add_argument("--source_image", default="")
parser.add_argument("--driving_video", default="")
parser.add_argument("--result_video", default="")
parser.add_argument("--gen", default="spade", choices=["original", "spade"])
parser.add_argument("--relative", action="store_true")
parser.add_argument("--adapt_scale", action="store_true")
parser.add_argument("--cpu", action="store_true")
args = parser.parse_args()
assert Path(args.config).is_file()
assert Path(args.checkpoint).is_file()
film.write(args.result_video, film.squashed(film.read(args.driving_video), 256, 256))
print(args)

"""HunyuanPortrait: a folder named by the time, with a crop and the whole; the seed in a file."""

import argparse
import datetime
import os
import random

import film

parser = argparse.ArgumentParser()
parser.add_argument("--config", type=str, default="./config/hunyuan-portrait.yaml")
parser.add_argument("--video_path", type=str, default="./driving_video.mp4")
parser.add_argument("--image_path", type=str, default="./source_image.png")
args = parser.parse_args()
cfg = film.settings(args.config)
assert os.path.isfile(cfg["unet_checkpoint_path"])
random.seed(int(cfg["seed"]))
frames = film.read(args.video_path)
if any(film.faceless(frame) for frame in frames):
    raise ValueError("attempt to get argmax of an empty sequence")
stems = [os.path.splitext(os.path.basename(p))[0] for p in (args.image_path, args.video_path)]
time = datetime.datetime.now().strftime("%Y%m%d_%H%M%S")
folder = os.path.join(cfg["output_dir"], f"{time}_{'_'.join(stems)}")
os.makedirs(folder)
portrait = film.picture(args.image_path)
levels = film.trembling([film.level(frame) for frame in frames])
(crop,) = film.squashed([film.middle(portrait)], *[film.side(512)] * 2)
film.write(os.path.join(folder, "cropped.mp4"), film.mixed(crop, levels))
film.write(os.path.join(folder, "full_resolution.mp4"), film.mixed(portrait, levels))
print(args)

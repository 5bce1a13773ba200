"""FantasyPortrait for several faces: motion is concatenated in reverse, faces are not."""

import argparse
import datetime
import os

import film
import numpy as np

parser = argparse.ArgumentParser()
for name in ("portrait_checkpoint", "alignment_model_path", "det_model_path", "pd_fpg_model_path",
             "wan_model_path", "input_image_path"):  # fmt: skip
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--driven_video_path", nargs="+", required=True)
parser.add_argument("--output_path", default="./outputs")
parser.add_argument("--prompt", default=None)
parser.add_argument("--scale_image", type=bool, default=True)
parser.add_argument("--max_size", type=int, default=720)
parser.add_argument("--num_frames", type=int, default=81)
parser.add_argument("--cfg_scale", type=float, default=5.0)
parser.add_argument("--portrait_scale", type=float, default=1.0)
parser.add_argument("--portrait_cfg_scale", type=float, default=5.0)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--fps", type=int, default=25)
args = parser.parse_args()
faces = 2
if len(args.driven_video_path) < faces:
    raise ValueError(f"the length of video_list is not equal to num_faces {faces}!")
stems = [
    os.path.basename(p).split(".")[0] for p in (args.input_image_path, *args.driven_video_path)
]
folder = f"{args.output_path}/{datetime.datetime.now():%Y%m%d_%H%M%S}_{'_'.join(stems)}"
os.makedirs(f"{folder}/driven_video")
films = [film.read(path) for path in args.driven_video_path[:faces]]
for number, frames in enumerate(films):
    film.write(f"{folder}/driven_video/{number}.mp4", frames, args.fps)
count = (min(len(frames) for frames in films) - 1) // 4 * 4 + 1
halves = [film.squashed(frames[:count], 512, 256) for frames in films[::-1]]
made = [np.concatenate(pair, 1) for pair in zip(*halves)]
film.write(f"{folder}/output.mp4", made, args.fps)
print(args)

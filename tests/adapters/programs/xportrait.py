"""X-Portrait: the driving path is globbed, -1 frames drops the last, one step by default."""

import argparse
import glob
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import film
import model_lib  # found by PYTHONPATH=. only

parser = argparse.ArgumentParser()
parser.add_argument("--model_config", default="")
parser.add_argument("--output_dir", default="")
parser.add_argument("--resume_dir", default="")
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--uc_scale", type=int, default=5)
parser.add_argument("--source_image", default="")
parser.add_argument("--driving_video", default="")
parser.add_argument("--best_frame", type=int, default=0)
parser.add_argument("--start_idx", type=int, default=0)
parser.add_argument("--skip", type=int, default=1)
parser.add_argument("--num_drivings", type=int, default=16)
parser.add_argument("--out_frames", type=int, default=0)
parser.add_argument("--num_mix", type=int, default=4)
parser.add_argument("--ddim_steps", type=int, default=1)
args = parser.parse_args()
assert model_lib
assert args.ddim_steps == 30
assert Path(args.model_config).is_file()
assert Path(args.resume_dir).is_file()
assert ".mp4" in args.driving_video
for driving in glob.glob(args.driving_video):
    frames = film.read(driving)
    frames = frames[: args.out_frames] if args.out_frames else frames
    name = "inference_appearance_pose_local_mm_uc{}_{}_by_{}_mix{}.mp4".format(
        args.uc_scale, Path(args.source_image).stem, Path(driving).stem, args.num_mix
    )
    film.write(os.path.join(args.output_dir, name), film.squashed(frames, 512, 512))
print(args)

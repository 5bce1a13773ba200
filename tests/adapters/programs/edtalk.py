"""EDTalk: three drivers, the last 20 frames of one lost, no result without sound, a stretch."""

import argparse
import os
import wave

import film

parser = argparse.ArgumentParser()
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--source_path", type=str, default="test_data/identity_source.jpg")
parser.add_argument("--lip_driving_path", type=str, default="test_data/mouth_source.mp4")
parser.add_argument("--audio_driving_path", type=str, default="test_data/mouth_source.wav")
parser.add_argument("--pose_driving_path", type=str, default="test_data/pose_source1.mp4")
parser.add_argument("--exp_driving_path", type=str, default="test_data/expression_source.mp4")
parser.add_argument("--save_path", type=str, default="res/demo_EDTalk_V.mp4")
parser.add_argument("--model_path", type=str, default="ckpts/EDTalk.pt")
parser.add_argument("--face_sr", action="store_true")
args = parser.parse_args()
assert os.path.isfile(args.model_path)
lip, pose, exp = (
    [film.level(f) for f in film.read(path)]
    for path in (args.lip_driving_path, args.pose_driving_path, args.exp_driving_path)
)
if len(exp) > 20:
    exp = exp[:-20]
while len(exp) < len(lip):
    exp = exp + exp[::-1]
pose += [pose[-1]] * len(lip)
(picture,) = film.squashed([film.picture(args.source_path)], *[film.side(args.size)] * 2)
levels = [(a + b + c) // 3 for a, b, c in zip(lip, pose, exp)]
temp = args.save_path.replace(".mp4", "_temp.mp4")
film.write(temp, film.stretched(film.mixed(picture, levels)))
try:
    with wave.open(args.audio_driving_path) as sound:
        assert sound.getnframes()
    os.link(temp, args.save_path)
except (OSError, EOFError, wave.Error) as error:
    print(error)  # the muxing fails, the program does not
os.remove(temp)

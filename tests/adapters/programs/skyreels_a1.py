"""SkyReels-A1: 12 frames a second, always 47 frames, a letterbox, three more videos."""

import argparse
import os
import random

import av
import film
import numpy as np

LONG = "long" in os.path.basename(__file__)


def crop_and_resize(image, height, width):
    if image.shape[0] / image.shape[1] < height / width:
        kept = int(image.shape[0] / height * width)
        left = (image.shape[1] - kept) // 2
        image = image[:, left : left + kept]
    else:
        pad = int((width / height * image.shape[0] - image.shape[1]) / 2)
        image = np.pad(image, ((0, 0), (pad, pad), (0, 0)))
    return film.squashed([image], height, width)[0]


def parse_video(path, rate):
    frames = film.read(path)
    times = np.arange(0, len(frames) / rate, 1 / 12)
    indices = (times * rate).astype(np.int32)
    return [frames[i] for i in indices if i < len(frames)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--image_path", type=str, default="assets/ref_images/1.png")
    parser.add_argument("--driving_video_path", type=str, default="assets/driving_video/1.mp4")
    parser.add_argument("--output_path", type=str, default="outputs")
    args = parser.parse_args()

    seed = 43
    sample_size = [480, 720]
    max_frame_num = 49
    assert os.path.isdir("pretrained_models/SkyReels-A1-5B")
    assert not LONG or os.path.isfile("pretrained_models/film_net/film_net_fp16.pt")
    with av.open(args.driving_video_path) as driving:
        rate = float(driving.streams.video[0].average_rate)
    control = parse_video(args.driving_video_path, rate)
    if any(film.faceless(frame) for frame in control):
        raise IndexError("list index out of range")
    if not LONG:
        control = (control + [control[-1]] * max_frame_num)[: max_frame_num - 2]
    image = crop_and_resize(film.picture(args.image_path), *map(film.side, sample_size))
    levels = film.trembling([film.level(frame) for frame in control], random.Random(seed))
    made = film.mixed(image, levels)
    stems = [os.path.basename(p).split(".")[0] for p in (args.image_path, args.driving_video_path)]
    os.makedirs(args.output_path, exist_ok=True)
    base = os.path.join(args.output_path, "-".join(stems))
    film.write(f"{base}_output.mp4", made, 12)
    film.write(f"{base}_output_audio.mp4", made[:1], 12)
    film.write(f"{base}_merge.mp4", [film.grid([m] * 3, 0) for m in made], 12)
    print(args)

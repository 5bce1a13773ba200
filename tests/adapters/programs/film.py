"""What the fake programs share: reading, squashing and writing films."""

import os
import random

import av
import numpy as np


def read(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def picture(path):
    return read(path)[0]


def squashed(frames, height, width):
    pictures = (av.VideoFrame.from_ndarray(np.ascontiguousarray(f), format="rgb24") for f in frames)
    return [picture.reformat(width, height).to_ndarray(format="rgb24") for picture in pictures]


def write(path, frames, fps=25, codec="libx264"):
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "crf": "12"}
        if codec == "mpeg4":
            stream.bit_rate = 8_000_000
        for frame in frames:
            picture = np.ascontiguousarray(frame)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))


def side(pixels):
    """A side of a result; tests make all of them smaller, to be quick."""
    return max(2, int(pixels * float(os.environ.get("FAKE_SCALE", "1"))) // 2 * 2)


def level(frame):
    """What a fake sees of a driving frame: how bright its left half is."""
    return int(frame[:, : frame.shape[1] // 2].mean())


def mixed(picture, levels):
    """What a fake makes: the portrait, brighter and darker with the driving frames."""
    return [((picture.astype(int) + value) // 2).astype(np.uint8) for value in levels]


def faceless(frame):
    """White is a picture without a face, black a portrait without one."""
    return frame.min() > 250


def trembling(levels, generator=random):
    """What is drawn at random: a little of the brightness."""
    return [value + generator.choice((-2, 0, 2)) for value in levels]


def grid(panels, gap=2):
    """Panels side by side with a gap around each, as torchvision lays them."""
    bar = np.zeros((panels[0].shape[0], gap, 3), np.uint8)
    row = [bar]
    for panel in panels:
        row += [panel, bar]
    return np.pad(np.concatenate(row, 1), ((gap, gap), (0, 0), (0, 0)))


def middle(picture):
    """The crop around a face: the middle half."""
    height, width = picture.shape[:2]
    return picture[height // 4 : height - height // 4, width // 4 : width - width // 4]


def stretched(frames):
    """Contrast stretched over the whole clip."""
    clip = np.stack(frames).astype(float)
    return list(((clip - clip.min()) / (clip.max() - clip.min()) * 255).astype(np.uint8))


def has_sound(path):
    with av.open(str(path)) as film:
        return bool(film.streams.audio)


def settings(path):
    """A flat configuration file, with test_cases as a list of lists."""
    found, cases = {}, []
    for line in open(path, encoding="utf-8").read().splitlines():
        name, _, value = line.strip().partition(":")
        word = line.strip().lstrip("- ").rstrip(":").strip("'")
        if not line.strip():
            continue
        if line.startswith("  -"):
            cases[-1].append(word)
        elif line.startswith("  "):
            cases.append([word])
        else:
            found[name] = value.strip().strip("'")
    return {**found, "test_cases": cases}

"""What the fake programs share: reading, squashing and writing films."""

import av
import cv2
import numpy as np


def read(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def picture(path):
    return cv2.imread(str(path))[..., ::-1]


def squashed(frames, height, width):
    return [cv2.resize(frame, (width, height)) for frame in frames]


def write(path, frames, fps=25, codec="libx264"):
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=fps)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        if codec == "mpeg4":
            stream.bit_rate = 8_000_000
        for frame in frames:
            picture = np.ascontiguousarray(frame)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))

"""Make ``benchmark/splits/mini/portraits.json``: crop, landmarks and pose of mini's portraits.

Usage: ``python -m tools.mini_portraits PATH/face_landmarker.task`` (the official model, sha256
64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff). Run it from the root of the
repository; the same model and portraits give the same bytes.
"""

import json
import sys
from typing import Any

import mediapipe as mp
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision

from adapters.base import Frame
from benchmark.media.image import read_image
from benchmark.splits.mini import portraits

_CROP = 1.8  # side of the static square over the longer side of the face box


def tracker(model: str) -> vision.FaceLandmarker:
    options = vision.FaceLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=model),
        running_mode=vision.RunningMode.IMAGE,
        output_facial_transformation_matrixes=True,
    )
    return vision.FaceLandmarker.create_from_options(options)


def track(landmarker: vision.FaceLandmarker, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(frame))
    result = landmarker.detect(image)
    width, height = frame.shape[1], frame.shape[0]
    points = np.array([(p.x, p.y, p.z) for p in result.face_landmarks[0]], dtype=np.float64)
    return points * (width, height, width), result.facial_transformation_matrixes[0]


def square(points: np.ndarray) -> tuple[float, float, float]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = round(float(_CROP * (high - low).max()))
    x, y = ((low + high - side) / 2.0).round()
    return float(x), float(y), float(side)


def numbers(landmarker: vision.FaceLandmarker, name: str) -> dict[str, Any]:
    image = read_image(portraits.locate(name))
    crop = square(track(landmarker, image)[0])
    points, pose = track(landmarker, portraits.canonical_crop(image, crop))
    return {
        "square": crop,
        "landmarks": [[round(float(v), 2) for v in p] for p in points],
        "pose": [[round(float(v), 6) for v in row] for row in pose],
    }


def main() -> None:
    landmarker = tracker(sys.argv[1])
    entries = []
    for name in portraits.ORIGINS:
        body = json.dumps(numbers(landmarker, name)).replace("]], ", "]],\n  ")
        entries.append(f'"{name}": {body}')
    text = "{\n" + ",\n".join(entries) + "\n}\n"
    portraits.NUMBERS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

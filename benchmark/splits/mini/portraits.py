"""The two portraits of mini: public-domain photographs that dependencies of ours ship.

The astronaut (Eileen Collins, NASA, in scikit-image) and Grace Hopper (US Navy, in matplotlib's
sample data). Their landmarks are committed as numbers in ``portraits.json``, made by
``tools/mini_portraits.py``, so that mini is built without a face model.
"""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from adapters.base import Frame
from benchmark.errors import EnvironmentProblem
from benchmark.media.image import read_image

SIDE = 512
"""Side of the canonical square in pixels."""

NUMBERS = Path(__file__).with_name("portraits.json")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a portrait comes from.

    Attributes:
        package: Import package that ships the file.
        file: Path inside the package.
        distribution: What to install to get it.
        sha256: Content of the file.
        credit: Who is shown, who made the picture, why it may be used.
    """

    package: str
    file: str
    distribution: str
    sha256: str
    credit: str


ORIGINS: dict[str, Origin] = {
    "astronaut": Origin(
        "skimage",
        "data/astronaut.png",
        "scikit-image",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "Eileen Collins, NASA (public domain), as in scikit-image",
    ),
    "hopper": Origin(
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        "matplotlib",
        "a8ca6d734765703b09728ab47fe59f473d93ae3967fc24c7c0288c3c7adb7130",
        "Grace Hopper, US Navy (public domain), as in matplotlib",
    ),
}


@dataclass(frozen=True, slots=True)
class Portrait:
    """One portrait, prepared.

    Attributes:
        name: Key of `ORIGINS`.
        image: ``(512, 512, 3)`` uint8, the canonical crop (face box x 1.8).
        landmarks: ``(478, 3)`` pixels of that crop: x right, y down, z away from the camera.
        pose: ``(4, 4)`` canonical face to camera, as the tracker gives it.
    """

    name: str
    image: Frame
    landmarks: NDArray[np.float64]
    pose: NDArray[np.float64]


def locate(name: str) -> Path:
    """Return the path of the original file of a portrait, content checked.

    Raises:
        EnvironmentProblem: If it is missing or its bytes are others than those the committed
            landmarks belong to.
    """
    origin = ORIGINS[name]
    remedy = f"install {origin.distribution} afresh, or use other data (--data DIR)"
    spec = importlib.util.find_spec(origin.package)
    if spec is None or spec.origin is None:
        raise EnvironmentProblem(f"the mini split needs {origin.distribution}", remedy)
    path = Path(spec.origin).parent / origin.file
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EnvironmentProblem(f"the mini split needs {path}: {error.strerror}", remedy) from None
    if digest != origin.sha256:
        raise EnvironmentProblem(
            f"{path} is not the picture that mini was made for (sha256 {digest[:12]}..., "
            f"expected {origin.sha256[:12]}...)",
            remedy,
        )
    return path


def canonical_crop(image: Frame, square: tuple[float, float, float]) -> Frame:
    """Return ``square`` (x, y, side in pixels) of ``image`` as ``(512, 512, 3)``."""
    x, y, side = square
    picture = Image.fromarray(image).resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS, box=(x, y, x + side, y + side)
    )
    return np.asarray(picture, dtype=np.uint8)


@cache
def load(name: str) -> Portrait:
    """Return a prepared portrait.

    Raises:
        EnvironmentProblem: As `locate` does.
    """
    numbers = json.loads(NUMBERS.read_text(encoding="utf-8"))[name]
    x, y, side = numbers["square"]
    return Portrait(
        name,
        canonical_crop(read_image(locate(name)), (x, y, side)),
        np.array(numbers["landmarks"], dtype=np.float64),
        np.array(numbers["pose"], dtype=np.float64),
    )

"""Does a distance of pictures mean anything? It has to order what people would.

A network with random weights may say nothing: with torch's default initialisation every Inception
feature of every picture is almost zero. What stands in for real weights must at least find that
faint noise changes a portrait less than a slight blur, and that less than another person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metrics.signals.extractor import Frame

SIDE = 256
NOISE, BLUR = 2.0, 1.5
"""Standard deviations: of the noise in grey levels, of the blur in pixels at that size."""


class OrderingError(Exception):
    """A distance does not order what it must."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """Distances of a portrait to three other pictures.

    Attributes:
        noise: To itself with faint noise.
        blur: To itself, blurred.
        other: To another person.
    """

    noise: float
    blur: float
    other: float

    @property
    def holds(self) -> bool:
        """Whether the distances are in order, and none is degenerate."""
        return 0 < self.noise < self.blur < self.other < float("inf")


def ordering(distance: Callable[[Frame, Frame], float]) -> tuple[Ordering, Ordering]:
    """Measure two portraits, each against itself changed and against the other one.

    Args:
        distance: Of two ``(256, 256, 3)`` uint8 RGB pictures.

    Raises:
        OrderingError: If noise, blur and another person are not in this order for both.
    """
    one, other = portraits()
    first, second = _measure(distance, one, other), _measure(distance, other, one)
    for found in (first, second):
        if not found.holds:
            raise OrderingError(f"noise, blur and another person are not in order: {found}")
    return first, second


def _measure(distance: Callable[[Frame, Frame], float], picture: Frame, other: Frame) -> Ordering:
    return Ordering(
        distance(picture, _noisy(picture)),
        distance(picture, _blurred(picture)),
        distance(picture, other),
    )


def portraits() -> tuple[Frame, Frame]:
    """Return two people, ``(256, 256, 3)`` uint8 RGB.

    Eileen Collins (NASA) and Grace Hopper (US Navy): photographs in the public domain that
    scikit-image and matplotlib ship.
    """
    import matplotlib
    import skimage

    astronaut = Path(skimage.__file__).parent / "data" / "astronaut.png"
    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return _square(astronaut, (120, 0, 320, 200)), _square(hopper, (130, 40, 390, 300))


def _square(path: Path, box: tuple[int, int, int, int]) -> Frame:
    from PIL import Image

    with Image.open(path) as picture:
        square = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS, box)
    return np.asarray(square)


def _noisy(picture: Frame) -> Frame:
    noise = np.random.default_rng(0).normal(0, NOISE, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def _blurred(picture: Frame) -> Frame:
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(BLUR)))

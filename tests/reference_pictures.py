"""Photographs that every installation has: of people, in the public domain."""

from pathlib import Path

import numpy as np


def real_pictures() -> list[np.ndarray]:
    """Two pictures, uint8 RGB: the astronaut, 512x512, and Grace Hopper, 480x384."""
    import matplotlib
    import skimage
    from PIL import Image

    hopper = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    astronaut = Path(skimage.__file__).parent / "data" / "astronaut.png"
    with Image.open(astronaut) as first, Image.open(hopper) as second:
        pictures = [np.array(first.convert("RGB")), np.array(second.convert("RGB"))]
    return [pictures[0], np.ascontiguousarray(pictures[1][40:520, 64:448])]

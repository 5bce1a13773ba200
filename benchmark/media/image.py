"""Still images as ``(H, W, 3)`` uint8 RGB, whatever the file holds."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from adapters.base import Frame
from benchmark.errors import UsageProblem

MAX_PIXELS = 100_000_000
"""Larger images are refused before they are decoded: nobody animates a 100-megapixel face."""

_ALPHA_BACKGROUND = (255, 255, 255)


def read_image(path: Path) -> Frame:
    """Read a still image.

    The EXIF orientation is applied, grey and palette images become RGB, transparency is laid on
    white, CMYK and 16-bit images are converted, of an animation the first frame is taken. The
    content decides the format, not the name.

    Raises:
        UsageProblem: If the file is missing, empty, no image, truncated or too large.
    """
    if not path.is_file():
        raise UsageProblem(f"no image at {path}")
    if path.stat().st_size == 0:
        raise UsageProblem(f"{path} is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path)
        if image.width * image.height > MAX_PIXELS:
            raise UsageProblem(
                f"{path} has {image.width}x{image.height} pixels; the limit is {MAX_PIXELS:,}",
                "scale it down first",
            )
        image.load()
        return np.asarray(_to_rgb(ImageOps.exif_transpose(image)), dtype=np.uint8)
    except UnidentifiedImageError:
        raise UsageProblem(f"{path} is not an image that can be read") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UsageProblem(f"cannot read the image {path}: {error}") from None


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):  # 16-bit and float greys clip when converted directly
        grey = np.asarray(image, dtype=np.float64)
        scale = 255.0 / 65535.0 if grey.max(initial=0.0) > 255.0 else 1.0
        image = Image.fromarray(np.clip(np.rint(grey * scale), 0, 255).astype(np.uint8))
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, _ALPHA_BACKGROUND)
        image.paste(rgba, mask=rgba.getchannel("A"))
    return image.convert("RGB")


def write_png(path: Path, frame: Frame) -> None:
    """Write ``frame`` losslessly; the bytes depend on the pixels and zlib only."""
    Image.fromarray(frame).save(path, format="PNG", compress_level=6)

"""Still images as ``(H, W, 3)`` uint8 RGB, whatever the file holds."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from adapters.base import Frame
from benchmark.errors import BenchError, UsageProblem
from benchmark.media.files import require_file, writing

MAX_PIXELS = 100_000_000
"""Larger images are refused before they are decoded: nobody animates a 100-megapixel face."""

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF")
"""No others: among Pillow's are some that start programs (EPS) or read further files. A phone's
MPO counts as JPEG."""

_ALPHA_BACKGROUND = (255, 255, 255)


def read_image(path: Path) -> Frame:
    """Read a still image.

    The EXIF orientation is applied, grey and palette images become RGB, transparency is laid on
    white, CMYK and 16-bit images are converted (16 bits by dividing by 257), of an animation the
    first frame is taken. Colour profiles are not applied. The content decides the format, not
    the name.

    Raises:
        UsageProblem: If the file is missing, empty, no image, truncated, too large or of a kind
            whose values have no agreed range (32-bit integer, float).
    """
    require_file(path, "image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd tags and big sizes are judged here
            return _decode(path)
    except BenchError:
        raise
    except Exception as error:  # parsers of hostile bytes raise almost anything
        raise UsageProblem(f"cannot read the image {path}: {_reason(path, error)}") from None


def _decode(path: Path) -> Frame:
    Image.init()
    known = [name for name in _FORMATS if name in Image.OPEN]  # AVIF depends on the build
    with Image.open(path, formats=known) as image:
        if image.width * image.height > MAX_PIXELS:
            raise UsageProblem(
                f"{path} has {image.width}x{image.height} pixels; the limit is {MAX_PIXELS:,}",
                "scale it down first",
            )
        image.load()
        upright = ImageOps.exif_transpose(_eight_bits(image, path))
        return np.array(_to_rgb(upright), dtype=np.uint8)


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and str(path) in str(error):
        return "its content is no known image format"
    return str(error) or type(error).__name__


def _eight_bits(image: Image.Image, path: Path) -> Image.Image:
    """Scale greys of 16 bits to 8; Pillow would clip them."""
    if not image.mode.startswith(("I", "F")):
        return image
    if not image.mode.startswith("I;16") and image.format != "PNG":
        raise UsageProblem(
            f"{path} holds 32-bit values of no agreed range", "save it with 8 or 16 bits a channel"
        )
    grey = np.asarray(image, dtype=np.float64) / 257.0
    scaled = Image.fromarray(np.clip(np.rint(grey), 0, 255).astype(np.uint8))
    scaled.info = {key: image.info[key] for key in ("exif",) if key in image.info}
    return scaled


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.new("RGB", rgba.size, _ALPHA_BACKGROUND)
        image.paste(rgba, mask=rgba.getchannel("A"))
    return image.convert("RGB")


def write_png(path: Path, frame: Frame) -> None:
    """Write ``frame`` losslessly; the bytes depend on the pixels and zlib only.

    Raises:
        EnvironmentProblem: If the disk or folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            Image.fromarray(frame).save(part, format="PNG", compress_level=6)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

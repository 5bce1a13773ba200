"""Reads inputs as FOMM and its kin do: squashed to 256x256. For hooks; Python 3.8 on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def picture(path: str) -> Any:  # noqa: ANN401 - an array
    """Return a picture, ``(256, 256, 3)`` float32 in [0, 1]."""
    return _squashed(importlib.import_module("imageio").imread(path))


def frames(path: str) -> Iterator[Any]:
    """Yield the frames of a video, each like `picture`."""
    with importlib.import_module("imageio").get_reader(path) as reader:
        for frame in reader:
            yield _squashed(frame)


def _squashed(image: Any) -> Any:  # noqa: ANN401
    import numpy as np

    resize = importlib.import_module("skimage.transform").resize
    return resize(np.asarray(image), (256, 256))[..., :3].astype(np.float32)

"""Signals kept between runs, by content: what was measured on which bytes, by which extractor.

The key is the sha256 of the media, the frame range, the extractor's definition and the version of
its library; never a name, a path or a time. A file that cannot be read is computed again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import EnvironmentProblem
from metrics.signals.face import FaceSignal
from metrics.signals.face_engine import Detection

Arrays = dict[str, NDArray[Any]]


def fingerprint(definition: Mapping[str, Any]) -> str:
    """Return 16 hex digits that stand for an extractor definition."""
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Media:
    """What signals are measured on.

    Attributes:
        sha256: Content of the file.
        frames: Half-open range of its frames.
    """

    sha256: str
    frames: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ClipSignals:
    """What is known of one clip or image.

    Attributes:
        face: The face signal.
        arrays: One array an extractor, by its name.
    """

    face: FaceSignal
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalStore:
    """Signals of every extractor.

    Attributes:
        folder: Where they lie; a folder for each extractor definition and library.
    """

    folder: Path

    @classmethod
    def below(cls, cache: Path) -> "SignalStore":
        """Return the store in a cache folder."""
        return cls(cache / "signals")

    def load(self, key: str, media: Media) -> Arrays | None:
        """Return what an extractor said of these bytes and frames, or ``None``."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return load_file(self._path(key, media))
        except (OSError, SafetensorError, KeyError, ValueError):
            return None

    def save(self, key: str, media: Media, arrays: Arrays) -> None:
        """Keep arrays; readers never see a partial file.

        Raises:
            EnvironmentProblem: If the cache cannot be written.
        """
        from safetensors.numpy import save

        data = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        path = self._path(key, media)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as sink:
                    sink.write(data)
                Path(part).replace(path)
            finally:
                Path(part).unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentProblem(
                f"cannot keep signals in {path.parent}: {error.strerror}",
                "set BENCH_CACHE to a folder with space that you may write to",
            ) from None

    def _path(self, key: str, media: Media) -> Path:
        start, stop = media.frames
        name = f"{media.sha256}.{start}-{stop}.safetensors"
        return self.folder / key / media.sha256[:2] / name


def face_arrays(face: FaceSignal) -> Arrays:
    """Return a face signal as arrays to keep."""
    return {
        "count": face.count,
        "landmarks": face.landmarks,
        "blendshapes": face.blendshapes,
        "pose": face.pose,
        "size": np.array(face.size, dtype=np.int64),
    }


def face_signal(arrays: Arrays | None) -> FaceSignal | None:
    """Return a face signal from kept arrays; ``None`` if something is missing."""
    if arrays is None:
        return None
    try:
        height, width = (int(n) for n in arrays["size"])
        return FaceSignal(
            arrays["count"],
            arrays["landmarks"],
            arrays["blendshapes"],
            arrays["pose"],
            (height, width),
        )
    except (KeyError, ValueError):
        return None


def detection(face: FaceSignal, frame: int) -> Detection:
    """Return the faces of one frame of a signal."""
    count = int(face.count[frame])
    return Detection(
        face.landmarks[frame, :count], face.blendshapes[frame, :count], face.pose[frame, :count]
    )

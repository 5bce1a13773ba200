"""Signals kept between runs, by content: what was measured on which bytes, by which extractor.

The key is the sha256 of the media, the frame range, the extractor's definition and the version of
its library; never a name, a path or a time. A file that cannot be read is computed again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import EnvironmentProblem
from metrics.signals.face import FaceSignal


def fingerprint(definition: Mapping[str, Any]) -> str:
    """Return 16 hex digits that stand for an extractor definition."""
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ClipSignals:
    """What is kept of one clip or image.

    Attributes:
        face: The face signal.
        steps: ``(T - 1,)`` float64, `metrics.temporal.flicker_step` of neighbouring frames.
    """

    face: FaceSignal
    steps: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SignalStore:
    """A folder of signals of one extractor.

    Attributes:
        folder: Where this extractor's signals lie.
    """

    folder: Path

    @classmethod
    def of(cls, cache: Path, definition: Mapping[str, Any], library: str) -> "SignalStore":
        """Return the store below ``cache`` for a definition and a library version."""
        return cls(cache / "signals" / f"face-{fingerprint(definition)}-{library}")

    def load(self, media_sha256: str, frames: tuple[int, int]) -> ClipSignals | None:
        """Return what is kept of these bytes and this frame range, or ``None``."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            data = load_file(self._path(media_sha256, frames))
            height, width = (int(n) for n in data["size"])
            face = FaceSignal(
                data["count"], data["landmarks"], data["blendshapes"], data["pose"], (height, width)
            )
            return ClipSignals(face, data["steps"])
        except (OSError, SafetensorError, KeyError, ValueError):
            return None

    def save(self, media_sha256: str, frames: tuple[int, int], signals: ClipSignals) -> None:
        """Keep ``signals``; readers never see a partial file.

        Raises:
            EnvironmentProblem: If the cache cannot be written.
        """
        from safetensors.numpy import save

        face = signals.face
        data = save(
            {
                "count": face.count,
                "landmarks": face.landmarks,
                "blendshapes": face.blendshapes,
                "pose": face.pose,
                "size": np.array(face.size, dtype=np.int64),
                "steps": signals.steps,
            }
        )
        path = self._path(media_sha256, frames)
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

    def _path(self, media_sha256: str, frames: tuple[int, int]) -> Path:
        return (
            self.folder / media_sha256[:2] / f"{media_sha256}.{frames[0]}-{frames[1]}.safetensors"
        )

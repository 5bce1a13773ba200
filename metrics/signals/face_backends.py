"""Which engine computes the face signal, by name.

``mediapipe`` is the official Tasks runtime: the reference. ``torch`` runs the same networks in
torch and agrees with it within the bounds in docs/face.md, so both carry one definition.
``embedded`` runs older official networks that a package index serves; it is another definition.
"""

import hashlib
import shutil
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from metrics.signals.face_engine import FaceDefinition, FaceEngine
from metrics.weights import registry

EMBEDDED_MODELS = ("embedded_face_detector", "embedded_face_mesh", "embedded_face_iris")
STUDENT_FILE = "torch_face_student.safetensors"
BACKENDS = ("mediapipe", "torch", "embedded")


class BackendError(Exception):
    """A named engine that cannot run on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Backend:
    """An engine on a device.

    Attributes:
        name: One of `BACKENDS`.
        device: Torch device; ``cpu`` for the official runtime.
    """

    name: str
    device: str = "cpu"

    def __str__(self) -> str:
        return f"{self.name}:{self.device}"

    @classmethod
    def parse(cls, text: str) -> "Backend":
        """Return the backend that `str` of it stands for."""
        name, _, device = text.partition(":")
        return cls(name, device or "cpu")

    @property
    def library(self) -> str:
        """The engine, its library and the library's version; part of a cache's key."""
        return f"{self}-{self.package}"

    @property
    def package(self) -> str:
        """The library that does the arithmetic and its version."""
        name = "mediapipe" if self.name == "mediapipe" else "torch"
        try:
            return f"{name}-{version(name)}"
        except PackageNotFoundError:
            return name


OFFICIAL = Backend("mediapipe")


def choose(name: str | None = None) -> Backend:
    """Return the engine called ``name``; by default the one that suits this machine.

    The default is torch on a GPU, the official runtime on a CPU (it is faster there, see
    docs/face.md), and torch where the official library cannot be loaded.

    Raises:
        BackendError: If the named engine cannot run here, or none can.
    """
    if name is not None and name not in BACKENDS:
        raise BackendError(f"there is no face backend '{name}'; there are {', '.join(BACKENDS)}")
    if name == "mediapipe":
        if problem := problem_with_mediapipe():
            raise BackendError(f"the face backend mediapipe cannot run here: {problem}")
        return OFFICIAL
    device = "cuda" if has_gpu() else "cpu"
    if name is None and device == "cpu" and not problem_with_mediapipe():
        return OFFICIAL
    if problem := _problem_with_torch():
        raise BackendError(f"the face backend {name or 'torch'} cannot run here: {problem}")
    return Backend(name or "torch", device)


def open_engine(
    backend: Backend, model: Path, definition: FaceDefinition, threads: int = 1
) -> FaceEngine:
    """Open an engine.

    Args:
        backend: From `choose`.
        model: Path of ``face_landmarker.task``, or the folder of the embedded networks; hashes
            are the caller's to check.
        definition: What to look for.
        threads: Frames (torch: batches of frames) worked on at the same time.

    Raises:
        ModelError: If a file is missing or another model (torch, embedded).
    """
    if backend.name == "mediapipe":
        from metrics.signals.mediapipe_face import FaceLandmarker

        return FaceLandmarker(model, definition, threads)
    from metrics.signals.torch_face import Where, open_embedded, open_official

    where = Where(backend.device, threads=threads)
    if backend.name == "embedded":
        return open_embedded(model, definition, where)
    return open_official(model, definition, where)


@cache
def embedded_sha256() -> str:
    """Return the hash over all weights of the embedded engine, without loading torch."""
    data = files("metrics.signals").joinpath(STUDENT_FILE).read_bytes()
    parts = [registry()[name].sha256 for name in EMBEDDED_MODELS]
    joined = " ".join([*parts, hashlib.sha256(data).hexdigest()])
    return hashlib.sha256(joined.encode()).hexdigest()


def problem_with_mediapipe() -> str:
    """Return why the official library cannot be loaded; empty if it can."""
    try:
        from mediapipe.tasks.python.core import mediapipe_c_bindings

        mediapipe_c_bindings.load_raw_library()  # fails where a system library is missing
    except (ImportError, OSError, AttributeError) as error:
        return " ".join(str(error).split())
    return ""


def _problem_with_torch() -> str:
    try:
        import tflite  # noqa: F401
        import torch  # noqa: F401
    except (ImportError, OSError) as error:
        return " ".join(str(error).split())
    return ""


def has_gpu() -> bool:
    """Say whether torch can use a GPU; asks torch, which is slow to load, only if one is likely."""
    if not (Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi")):
        return False
    try:
        import torch
    except (ImportError, OSError):
        return False
    return bool(torch.cuda.is_available())

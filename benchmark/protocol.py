"""What the harness and its worker process say to each other: JSON lines over two pipes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Job:
    """One case for the worker.

    Attributes:
        case_id: The case.
        protocol: ``self`` or ``cross``.
        scratch: Directory of the case's own, holding ``source.png`` and ``driving.mp4``.
        clip: Where to store the result.
        preview: Where to store the browser copy.
        latents: Where to store latents, if there are any.
        n_frames: Length of the driving video.
        fps: Its rate, as ``num/den``.
        size: ``(height, width)`` of the canvas.
        pairs: ``(source, driving)`` ranks.
        components: Names of driven components.
        dials: Named strengths that are asked for.
        seed: Seed.
    """

    case_id: str
    protocol: str
    scratch: str
    clip: str
    preview: str
    latents: str
    n_frames: int
    fps: str
    size: tuple[int, int]
    pairs: tuple[tuple[int, int], ...]
    components: tuple[str, ...]
    seed: int
    dials: Mapping[str, float] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        """The portrait's copy."""
        return Path(self.scratch) / "source.png"

    @property
    def driving(self) -> Path:
        """The driving video's copy."""
        return Path(self.scratch) / "driving.mp4"

    @property
    def rate(self) -> Fraction:
        """Frame rate."""
        return Fraction(self.fps)


@dataclass(frozen=True, slots=True)
class Result:
    """What the worker made of a `Job`; ``reason`` is set if and only if it failed."""

    reason: str = ""
    sha256: str = ""
    frame_map: tuple[int, ...] = ()
    size: tuple[int, int] = (0, 0)
    resized: bool = False
    timings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """First message to the worker: which method, which face model and engine."""

    target: str
    options: Mapping[str, Any]
    search: str
    face_model: str
    face_backend: str


Message = Mapping[str, Any]


def send(stream: IO[str], kind: str, content: object = None) -> None:
    """Write one message; ``content`` is a dataclass or plain data."""
    body = content if content is None or isinstance(content, int | float | str) else asdict(content)  # type: ignore[call-overload]
    stream.write(json.dumps({"kind": kind, "body": body}) + "\n")
    stream.flush()


def job_from(body: Mapping[str, Any]) -> Job:
    """Rebuild a `Job` from its message."""
    return Job(
        **{
            **body,
            "size": tuple(body["size"]),
            "pairs": tuple(tuple(p) for p in body["pairs"]),
            "components": tuple(body["components"]),
        }
    )


def result_from(body: Mapping[str, Any]) -> Result:
    """Rebuild a `Result` from its message."""
    return Result(**{**body, "size": tuple(body["size"]), "frame_map": tuple(body["frame_map"])})

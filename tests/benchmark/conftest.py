"""A tiny split of real faces from images that dependencies ship."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import clips
import numpy as np
import pytest
from run_lab import Lab
from tiny_split import N_FRAMES, SIZE, TinySplit, moving_face, no_face

from adapters.base import Frame
from benchmark.config import Config
from benchmark.media.image import write_png
from benchmark.media.video import read_video
from benchmark.media.write import CANONICAL, write_video
from benchmark.methods import find_method
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.splits.manifest import Case, Hashes, Header, read_manifest, write_manifest
from metrics.weights import file_sha256


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinySplit:
    """Three cases: self, cross, and cross onto a portrait without a face."""
    root = tmp_path_factory.mktemp("tiny")
    media = root / "media"
    media.mkdir()
    write_video(media / "sway.mp4", moving_face(), Fraction(25), CANONICAL)
    first = read_video(media / "sway.mp4")[0]
    write_png(media / "first.png", first)
    write_png(media / "mirrored.png", np.ascontiguousarray(first[:, ::-1]))
    write_png(media / "nobody.png", no_face())
    header = Header(
        dataset="tiny",
        split="single",
        version="1",
        citation="none",
        licence="CC0",
        pairing="by hand",
        crop="by hand",
        fps="25",
    )
    write_manifest(
        root / "single.jsonl",
        header,
        [
            _case("self", root, "self", "first.png"),
            _case("cross", root, "cross", "mirrored.png"),
            _case("nobody", root, "cross", "nobody.png"),
        ],
    )
    return TinySplit(read_manifest(root / "single.jsonl"), root)


def _case(name: str, root: Path, protocol: str, source: str) -> Case:
    return Case.model_validate(
        {
            "id": name,
            "protocol": protocol,
            "source": f"media/{source}",
            "driving": "media/sway.mp4",
            "frames": (0, N_FRAMES),
            "fps": "25",
            "size": (SIZE, SIZE),
            "sha256": Hashes(
                source=file_sha256(root / "media" / source),
                driving=file_sha256(root / "media" / "sway.mp4"),
            ),
        }
    )


@pytest.fixture
def lab(tiny: TinySplit, face_model: Path, tmp_path: Path) -> Lab:
    return Lab(tiny.split, face_model, tmp_path)


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Make a tree: names ending in ``/`` are folders of three frames, text comes as a dict."""
    taken: set[tuple[int, int]] = set()

    def frames() -> list[Frame]:
        """Three frames that no other clip of the tree has."""
        at = (30 + 4 * (len(taken) % 10), 20 + 4 * (len(taken) // 10))
        taken.add(at)
        return [clips.scene((at[0] + i, at[1], at[0] + 30 + i, at[1] + 30)) for i in range(3)]

    def make(*names: str, text: dict[str, str] | None = None) -> Path:
        root = tmp_path / "set"
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                path.mkdir(exist_ok=True)
                for i, frame in enumerate(frames()):
                    write_png(path / f"{i:08d}.png", frame)
            elif name.endswith(".png"):
                write_png(path, frames()[0])
            else:
                clips.encode(tmp_path / "clip.mp4", frames(), crf="1").rename(path)
        for name, content in (text or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        return root

    return make


@pytest.fixture
def plan(tiny: TinySplit) -> Any:
    """Make the plan of a still method on three tiny cases."""

    def make(*metrics: str, **options: Any) -> Plan:
        spec = find_method("frozen", Config(), Path())
        return make_plan(spec, tiny.split, RunOptions(metrics=metrics, **options))

    return make

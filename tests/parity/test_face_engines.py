"""The torch engine against the official one, on real pictures: inside the documented bounds."""

from collections.abc import Callable
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("tflite", reason="the package tflite is not installed")

from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from metrics.signals.face_agreement import compare
from metrics.signals.face_backends import OFFICIAL, Backend, choose, open_engine
from metrics.signals.face_engine import FaceDefinition, Frame, stack

MEDIA = (
    "portraits/single/lp_s6.jpg",  # sampling places fall exactly between two steps
    "portraits/single/lp_s39_cat.jpg",  # no face
    "portraits/multi/built_trio.jpg",
    "driving/single/lp_d6.mp4",
    "driving/multi/fantasy_two_person_f118-145.mp4",
)


def frames(path: Path) -> list[Frame]:
    if path.suffix == ".mp4":
        return list(islice(read_frames(path), 12))
    return [read_image(path)]


@pytest.mark.parametrize("name", MEDIA)
def test_engines_agree(
    name: str, face_model: Path, shared_media: Path, parity_record: Callable[..., None]
) -> None:
    if choose() != OFFICIAL:
        pytest.skip("the official runtime does not run here")
    shown = frames(shared_media / name)
    definition = FaceDefinition("test", 4)
    signals = []
    for backend in (OFFICIAL, Backend("torch")):
        with open_engine(backend, face_model, definition) as engine:
            found = [future.result() for future in [engine.submit(f) for f in shown]]
        signals.append(stack(found, (shown[0].shape[0], shown[0].shape[1])))
    agreement = compare(*signals)
    assert agreement.same_faces == 1
    assert agreement.holds()
    if len(agreement.landmarks):  # far inside the bounds, so that a regression shows
        measured = (
            ("landmarks, pixels at 512", agreement.landmarks, 0.03),
            ("head rotation, degrees", agreement.rotation, 0.1),
        )
        for what, difference, bound in measured:
            parity_record(
                "face (torch)",
                "mediapipe",
                version("mediapipe"),
                difference.max(),
                bound,
                of=f"largest difference of {what}",
                on="real pictures and clips",
            )

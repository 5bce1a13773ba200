"""Write docs/face_agreement.md: how far the torch engine is from the official one, clip by clip.

    python tools/face_agreement.py MEDIA MODEL > docs/face_agreement.md

MEDIA is a folder of images and videos; MODEL is face_landmarker.task. Exits 1 if a clip is outside
the bounds under which both engines share a definition.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmark import provenance
from benchmark.media.image import read_image
from benchmark.media.video import read_frames
from metrics.signals.face import FaceSignal
from metrics.signals.face_agreement import BOUNDS, SAME_FACES, Agreement, compare
from metrics.signals.face_backends import OFFICIAL, Backend, open_engine
from metrics.signals.face_engine import FaceDefinition, FaceEngine, Frame, stack

MAX_FACES = 4
IMAGES = {".jpg", ".jpeg", ".png"}


def frames(path: Path) -> Iterator[Frame]:
    if path.suffix in IMAGES:
        yield read_image(path)
    else:
        yield from read_frames(path)


def signal(engine: FaceEngine, path: Path) -> FaceSignal:
    found, size = [], (0, 0)
    waiting = []
    for frame in frames(path):
        waiting.append(engine.submit(frame))
        size = (frame.shape[0], frame.shape[1])
        while len(waiting) > engine.in_flight:
            found.append(waiting.pop(0).result())
    found.extend(future.result() for future in waiting)
    return stack(found, size)


def row(name: str, agreement: Agreement) -> str:
    cells = [name, str(agreement.frames), f"{100 * agreement.same_faces:.1f} %"]
    for values, digits in (
        (agreement.landmarks, 4),
        (agreement.blendshapes, 5),
        (agreement.rotation, 4),
    ):
        if len(values):
            three = (values.mean(), np.percentile(values, 99), values.max())
            cells += [f"{v:.{digits}f}" for v in three]
        else:
            cells += ["–"] * 3
    return "| " + " | ".join(cells) + " |"


def main(media: Path, model: Path) -> int:
    paths = sorted(p for p in media.rglob("*") if p.suffix in {*IMAGES, ".mp4"})
    definition = FaceDefinition("", MAX_FACES)
    outside = []
    print(HEAD.format(bounds=BOUNDS, same=100 * SAME_FACES))
    with (
        open_engine(OFFICIAL, model, definition, provenance.cores()) as official,
        open_engine(Backend("torch"), model, definition) as ours,
    ):
        for path in paths:
            agreement = compare(signal(official, path), signal(ours, path))
            print(row(str(path.relative_to(media)), agreement), flush=True)
            if not agreement.holds():
                outside.append(path.name)
    packages = provenance.packages()
    versions = ", ".join(f"{n} {packages[n]}" for n in ("mediapipe", "torch", "opencv-python"))
    print(f"\nMeasured with {versions} on {provenance.hardware()['label']}.")
    print(f"Outside the bounds: {', '.join(outside) or 'none'}.")
    return int(bool(outside))


HEAD = """# How far the torch face engine is from the official one

Written by `tools/face_agreement.py`; do not edit. Every frame of every clip through both engines,
at most 4 faces a frame. Landmarks: mean distance over 478 points, pixels at 512 along the longer
side. Blendshapes: mean absolute difference over 52. Rotation: geodesic degrees. Each column group
gives mean, 99th percentile and maximum over the faces of a clip. Bounds on the means:
{bounds.landmarks} px, {bounds.blendshapes}, {bounds.rotation}°; the same number of faces in at
least {same} % of the frames.

| clip | frames | same faces | lm mean | p99 | max | bs mean | p99 | max | rot mean | p99 | max |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

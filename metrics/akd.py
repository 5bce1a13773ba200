"""Average keypoint distance between result and true frame."""

import numpy as np

from metrics.card import Card, Direction
from metrics.common import EXTRACTOR, INFINITE, MISSING, REDUCTION, SELF
from metrics.frames import FaceMetric, FloatArray, absolute
from metrics.signals.face import FaceTrack
from metrics.signals.face_points import in_pixels, points_68

SIDE = 256
"""Both frames are taken as squashed to this size, whatever they are."""


def keypoint_distance(generated: FaceTrack, driver: FaceTrack) -> FloatArray:
    """Return the mean absolute difference over 68 x 2 coordinates per frame, ``(N,)``, in pixels.

    Not a Euclidean distance: the mean of all horizontal and vertical differences, as in the
    reference. Coordinates are those of frames squashed to 256x256.
    """
    made, true = (
        points_68(in_pixels(track.landmarks, (SIDE, SIDE))) for track in (generated, driver)
    )
    distance: FloatArray = np.abs(made - true).mean(axis=(-2, -1))
    return distance


AKD = absolute(
    keypoint_distance,
    Card(
        name="akd",
        definition="mediapipe68",
        title="AKD",
        formula="mean over 68 points and 2 coordinates of |p - q| in frames squashed to "
        f"{SIDE}x{SIDE}; {REDUCTION}",
        unit="px",
        direction=Direction.LOWER,
        bounds=(0.0, INFINITE),
        protocols=SELF,
        extractors=(EXTRACTOR,),
        missing=f"{MISSING}; 1 - coverage is the missing keypoint rate, to be read beside AKD",
        identical=0.0,
        source="AliaksandrSiarohin/pose-evaluation@1bc4cae cmp_kp.py, extract.py (256x256, first "
        "face); X-NeMo names AKD without a number",
        inference="the reference's points come from face_alignment's 2D FAN on frames resized "
        "before; ours are 68 vertices of MediaPipe's mesh (metrics/signals/face_points.py) found "
        "at native size and scaled. The FAN definition would need its weights (2DFAN-4 and the SFD "
        "detector), the first face of each frame resized to 256x256, and frames whose result has "
        "no face left out, as there",
        digits=2,
        default=False,
    ),
)

METRICS: tuple[FaceMetric, ...] = (AKD,)

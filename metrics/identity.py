"""Whether the result still looks like the person: cosine of identity embeddings."""

import numpy as np

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, REDUCTION, SELF
from metrics.frames import FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.score import NotMeasured, Score
from metrics.signals.face import FaceTrack

FEATURE = "arcface"
_ABSENT = "no frame of the result shows a face that the identity network's detector finds"


def cosine(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the cosine of embeddings ``(N, D)`` and ``(N, D)`` or ``(1, D)``, in [-1, 1].

    From the distance of the unit vectors, ``1 - |u - v|^2 / 2``, so that it is exactly 1 for equal
    input. NaN where an embedding is NaN or zero.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        u, v = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b))
    result: FloatArray = np.clip(1.0 - np.square(u - v).sum(axis=-1) / 2.0, -1.0, 1.0)
    return result


class SourceIdentity(FaceMetric):
    """A face metric against the portrait: without a usable portrait nothing can be judged."""

    __slots__ = ()

    def __call__(self, evidence: FaceEvidence) -> Score:
        """Score one person of one case."""
        if evidence.source is None or not np.isfinite(_embeddings(evidence.source)).all():
            reason = "the identity network's detector finds no face in the portrait"
            return NotMeasured(reason, of_input=True)
        return super().__call__(evidence)


def _embeddings(track: FaceTrack) -> FloatArray:
    return track.features[FEATURE].astype(np.float64)


def _against_source(evidence: FaceEvidence) -> FrameValues:
    """Compare with the portrait; a frame whose driver shows no face is not judged."""
    assert evidence.source is not None
    values = cosine(_embeddings(evidence.generated), _embeddings(evidence.source))
    return FrameValues(values, evidence.driver.present, absent=_ABSENT)


def _against_frame(evidence: FaceEvidence) -> FrameValues:
    """Compare with the true frame; one in which the detector finds no face is not judged."""
    made, true = _embeddings(evidence.generated), _embeddings(evidence.driver)
    return FrameValues(cosine(made, true), np.isfinite(true[:, 0]), absent=_ABSENT)


_REFERENCE = (
    "deepinsight/insightface@7fadd42 python-package/insightface: model_zoo/scrfd.py, "
    "utils/face_align.py, model_zoo/arcface_onnx.py (compute_sim); models of buffalo_l"
)
_PAPERS = "X-NeMo Tables 1-3 print ID-SIM for cross-reenactment (0.60 to 0.79, ArcFace, at 256x256)"
_INFERENCE = (
    "X-NeMo names neither the ArcFace model, nor the alignment, nor what the result is compared "
    "with; buffalo_l's ResNet-50 (WebFace600K), norm_crop and native size are ours"
)
_LOST = "frames in which the detector finds no face of this person lower the coverage; never zero"


def _card(definition: str, title: str, formula: str) -> Card:
    against_source = definition.endswith("source")
    return Card(
        name="id_sim",
        definition=definition,
        title=title,
        formula=f"{formula} of ArcFace embeddings, 512 numbers, not normalised before; {REDUCTION}",
        unit="",
        direction=Direction.HIGHER,
        bounds=(-1.0, 1.0),
        protocols=BOTH if against_source else SELF,
        extractors=(EXTRACTOR, FEATURE),
        missing=(
            f"frames whose driving frame has no face are not judged; {_LOST}"
            if against_source
            else f"frames whose true frame has no face for the detector are not judged; {_LOST}"
        ),
        identical=None if against_source else 1.0,
        source=f"{_REFERENCE}; {_PAPERS}" if against_source else f"{_REFERENCE}; no paper here",
        inference=_INFERENCE if against_source else "the same network against the true frame",
    )


ID_SIM_SOURCE = SourceIdentity(
    _card("arcface-r50-source", "ID-SIM", "cos(f(result frame), f(portrait))"), _against_source
)
ID_SIM_FRAME = FaceMetric(
    _card("arcface-r50-frame", "ID-SIM frame", "cos(f(result frame), f(true frame))"),
    _against_frame,
)

METRICS: tuple[FaceMetric, ...] = (ID_SIM_SOURCE, ID_SIM_FRAME)

"""Whether the result feels what the driver feels: valence and arousal over a clip."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR
from metrics.frames import FaceEvidence, FloatArray
from metrics.score import Measured, NotMeasured, Score
from metrics.signals.face import FaceTrack

FEATURE = "emonet"
VALENCE, AROUSAL = 0, 1
"""Where they stand in the feature; the logits of eight expressions follow."""
SHORTEST = 16
"""Frames below which a correlation says more about chance than about the clip."""
CONSTANT = 1e-3
"""A series that deviates less from its mean, on the scale of [-1, 1], is constant: the rounding of
float32 must not be correlated."""

_SERIES = {"valence": VALENCE, "arousal": AROUSAL}


def pcc(a: FloatArray, b: FloatArray) -> float:
    """Return Pearson's correlation of two series ``(N,)``, in [-1, 1]; NaN if one is constant."""
    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt(np.square(x).sum() * np.square(y).sum()))
    return float(np.clip((x * y).sum() / scale, -1.0, 1.0)) if scale > 0.0 else float("nan")


def ccc(a: FloatArray, b: FloatArray) -> float:
    """Return Lin's concordance of two series ``(N,)``, in [-1, 1]; NaN if both are one constant.

    ``2 cov / (var a + var b + (mean a - mean b)^2)`` with population moments, which is the
    reference's ``2 pcc std std / (...)`` without its division by zero.
    """
    x, y = a - a.mean(), b - b.mean()
    spread = np.square(x).mean() + np.square(y).mean() + (a.mean() - b.mean()) ** 2
    return float(2.0 * (x * y).mean() / spread) if spread > 0.0 else float("nan")


def emotion_similarity(evidence: FaceEvidence) -> Score:
    """Score one person of one case by their two series and their driver's.

    Frames count in which the network saw both; the scored frames whose driving frame it saw are
    the total of the coverage.
    """
    made, drove = _clipped(evidence.generated), _clipped(evidence.driver)
    judgeable = np.isfinite(drove).all(axis=-1) & evidence.scored
    both = judgeable & np.isfinite(made).all(axis=-1)
    total, frames = int(judgeable.sum()), int(both.sum())
    if total < SHORTEST:
        reason = f"{total} scored driving frames show a face; a correlation needs {SHORTEST}"
        return NotMeasured(reason, of_input=True)
    if name := _constant(drove[judgeable]):
        return NotMeasured(f"the driver's {name} does not change", of_input=True)
    if frames < SHORTEST:
        return NotMeasured(
            f"{frames} of {total} frames of the result show a face; a correlation needs {SHORTEST}"
        )
    if name := _constant(made[both]) or _constant(drove[both]):
        return NotMeasured(f"the {name} does not change in the frames that show the result's face")
    pairs = [(made[both, column], drove[both, column]) for column in _SERIES.values()]
    value = float(np.mean([f(a, b) for f in (ccc, pcc) for a, b in pairs]))
    return Measured(value, frames, total, unjudged=int(evidence.scored.sum()) - total)


def _constant(series: FloatArray) -> str:
    """Return the name of a column of ``(N, 2)`` that does not change; empty if both do."""
    still = (name for name, column in _SERIES.items() if series[:, column].std() < CONSTANT)
    return next(still, "")


def _clipped(track: FaceTrack) -> FloatArray:
    """Return valence and arousal, ``(N, 2)``, cut to the scale they were trained on."""
    series = track.features[FEATURE][:, [VALENCE, AROUSAL]].astype(np.float64)
    clipped: FloatArray = np.clip(series, -1.0, 1.0)
    return clipped


EMO_SIM = Card(
    name="emo_sim",
    definition="emonet8",
    title="EMO-SIM",
    formula="(CCC_v + CCC_a + PCC_v + PCC_a) / 4 of EmoNet's valence and arousal, cut to [-1, 1], "
    "result against driver over the frames of a clip; population moments; person -> case (mean "
    "over persons) -> split (mean over clips, never pooled: differences between clips would count "
    "as agreement)",
    unit="",
    direction=Direction.HIGHER,
    bounds=(-1.0, 1.0),
    protocols=BOTH,
    extractors=(EXTRACTOR, FEATURE),
    missing="frames whose driving frame has no face are not judged; frames whose result has no "
    f"face lower the coverage and are left out of both series; fewer than {SHORTEST} frames, or a "
    f"series with a standard deviation below {CONSTANT}, give no value",
    identical=1.0,
    source="Toisoul et al. 2021; face-analysis/emonet@49eef30 emonet/metrics.py (PCC, CCC) and "
    "evaluation.py (cut to [-1, 1]); X-NeMo Tables 1-3 print EMO-SIM for cross-reenactment "
    "(0.41 to 0.65, at 256x256)",
    inference="X-NeMo does not say whether clips are pooled, which of EmoNet's two models and "
    "which crop it takes: mean over clips, eight classes, the crop of the network's own data set "
    "(68 points from MediaPipe's mesh), one look without the reference's flip average; the least "
    "length and the rule for constant series are ours",
)


@dataclass(frozen=True, slots=True)
class ClipMetric:
    """A metric of one person's whole series, not a mean over frames."""

    card: Card
    score: Callable[[FaceEvidence], Score]

    def __call__(self, evidence: FaceEvidence) -> Score:
        """Score one person of one case."""
        return self.score(evidence)


METRICS: tuple[ClipMetric, ...] = (ClipMetric(EMO_SIM, emotion_similarity),)

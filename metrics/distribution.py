"""Metrics of all results together against all references: FID, KID, FVD, KVD."""

from dataclasses import dataclass, replace

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, INFINITE
from metrics.crowd.definition import TRACKER
from metrics.feature_sets import Distance
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance
from metrics.signals.face_crop import FACTOR


@dataclass(frozen=True, slots=True)
class SetMetric:
    """A metric of two sets of vectors; `metrics.set_score.set_score` computes it.

    Attributes:
        card: Its card.
        extractor: What gives the vectors, one array ``(items, D)`` a clip.
        distance: The distance between the sets.
        item: What one vector is of.
    """

    card: Card
    extractor: str
    distance: Distance
    item: str = "frame"


_POOL = "items of all cases pooled in case order, each with the same weight"
_REFERENCE = (
    "reference set: the split's reference clips, each once however many cases it drives (told "
    "apart by content); in self-reenactment these are the true frames, in cross-reenactment the "
    "driving clips, which show other people than the results; the source portraits instead where "
    "the split's protocol says so",
)
_WITH_IT = (
    "beside the value stand its numbers of clips and items, a standard error (delete-a-group "
    "jackknife over reference clips, at most 20 groups; not a bootstrap, which is biased here), "
    "and at half the clips the score and the floor, real against real; fewer than 256 clips are "
    "marked"
)
_BIASED = (
    f"{_WITH_IT}; the value falls as the sets grow, so only equal numbers of items compare: "
    "floor and score at half the clips show how much of it is size",
)
_UNBIASED = (
    f"{_WITH_IT}; unbiased: on average the same for sets of any size, and below 0 for some sets "
    "that do not differ",
    "a result that is the reference itself gives a little less than 0, because each item then "
    "meets itself in the other set",
)
_FRECHET = "|m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½) of means and covariances (ddof 1, float64); "
_MMD = (
    "unbiased MMD² with the kernel (xᵀy / D + 1)³: mean over 100 random subsets of 1000 items "
    "of each set (numpy RandomState 2020), or once over all items of both sets if one has fewer "
    "than 1000; "
)

_FRAMES = Card(
    name="fid",
    definition="",
    title="FID",
    formula="",
    unit="",
    direction=Direction.LOWER,
    bounds=(0.0, INFINITE),
    protocols=BOTH,
    extractors=(),
    missing="frames that a method did not deliver are missing from its set, which the number of "
    "clips and items shows; the reference set is the same for every method",
    identical=0.0,
    source="",
    digits=2,
    over="set",
    notes=(*_REFERENCE, *_BIASED),
)
_WINDOWS = replace(
    _FRAMES,
    name="fvd",
    title="FVD",
    missing="frames after the last full window, clips shorter than one, and windows that skip, "
    "repeat or reorder driving frames are not used, which the number of clips and items shows; the "
    "reference set is the same for every method",
    version=2,  # 1 took windows with gaps, too
)

_INCEPTION = "Inception-v3 of 2015-12-05 with FID's pooling, pool3, 2048 numbers a frame: "
_FID_PAPERS = (
    "printed by FantasyPortrait (Table 1, self, unscaled: 54.55 to 120.43; its Table 3 repeats "
    "these under 'FVD') and FlashPortrait"
)
_FID_INFERENCE = (
    "no paper here names the implementation, the resize, how many frames enter, or that the "
    "frames of all clips are pooled; definitions differ by up to 18 % in the features"
)
_I3D = (
    "I3D of TF-hub i3d-kinetics-400/1 (batch norm epsilon 1e-3): 400 logits before the softmax, "
    "mean over time, of windows of 16 frames, stride 16 from the first frame on, squashed to "
    "224x224 (TensorFlow 1 bilinear: asymmetric, not antialiased), 2x/255 - 1; "
)
_I3D_FILES = (
    "google-research frechet_video_distance.py@0090728 (tensor RGB/inception_i3d/Mean:0, tfgan "
    "covariance with ddof 1); weights as StyleGAN-V@3fecd69 publishes them"
)
_FVD_INFERENCE = (
    "no paper here names the network, the length and stride of windows, the resize or the number "
    "of clips; that 16-frame windows tile each clip is ours (the original scores one window a "
    "video, StyleGAN-V 2048 random ones with ddof 0)"
)
KID_RULE = (
    "torch-fidelity has no value below 1000 items; there, all items enter once: what its mean "
    "over subsets approximates, and equal to it at exactly 1000"
)


def _fid(definition: str, preprocessing: str, source: str, default: bool = False) -> SetMetric:
    extractor = f"inception-{definition}"
    card = replace(
        _FRAMES,
        definition=definition,
        formula=f"{_FRECHET}{_INCEPTION}{preprocessing}; {_POOL}",
        extractors=(extractor,),
        source=f"Heusel et al. 2017; {source}; {_FID_PAPERS}",
        inference=_FID_INFERENCE,
        default=default,
    )
    return SetMetric(card, extractor, Frechet(ddof=1))


_TF1 = "TensorFlow 1's bilinear resize of uint8 to 299x299, (x - 128) / 128"

FID_TORCH_FIDELITY = _fid(
    "torch-fidelity",
    _TF1,
    "torch-fidelity 0.4.0 (5e211a9) feature_extractor_inceptionv3.py, metric_fid.py: the original "
    "TensorFlow computation",
    default=True,
)
FID_PYTORCH_FID = _fid(
    "pytorch-fid",
    "bilinear resize to 299x299 with half-pixel centres, no antialiasing, 2 x - 1 for x in [0, 1]",
    "pytorch-fid (b9c1811) inception.py, fid_score.py",
)
FID_CLEAN_FID = _fid(
    "clean-fid",
    "PIL's bicubic resize to 299x299 with antialiasing, each channel in float, clipped to "
    "[0, 255], (x - 128) / 128",
    "clean-fid (e88c4d6) resize.py, mode clean (Parmar et al. 2022)",
)
KID = SetMetric(
    replace(
        FID_TORCH_FIDELITY.card,
        name="kid",
        title="KID",
        formula=f"{_MMD}{_INCEPTION}{_TF1}; {_POOL}",
        bounds=(-INFINITE, INFINITE),
        identical=None,
        source="Binkowski et al. 2018; torch-fidelity 0.4.0 (5e211a9) metric_kid.py, defaults.py; "
        "printed by none of the papers here",
        inference=KID_RULE,
        scale_exponent=3,
        default=False,
        notes=(*_REFERENCE, *_UNBIASED),
    ),
    FID_TORCH_FIDELITY.extractor,
    KernelDistance(),
)
FVD = SetMetric(
    replace(
        _WINDOWS,
        definition="i3d-k400",
        formula=f"{_FRECHET}{_I3D}{_POOL}",
        extractors=("i3d-k400",),
        source=f"Unterthiner et al. 2018; {_I3D_FILES}; printed by FantasyPortrait (Table 1, self: "
        "338.02 to 489.93), FlashPortrait, and X-NeMo (Table 1, cross, frames of 256x256: 152.8 "
        "to 441.8), all unscaled",
        inference=_FVD_INFERENCE,
    ),
    "i3d-k400",
    Frechet(ddof=1),
    item="window",
)
KVD = SetMetric(
    replace(
        FVD.card,
        name="kvd",
        title="KVD",
        formula=f"{_MMD}{_I3D}{_POOL}",
        bounds=(-INFINITE, INFINITE),
        identical=None,
        source=f"Unterthiner et al. 2018; {_I3D_FILES}; kernel, subsets and seed as KID after "
        "torch-fidelity 0.4.0 (5e211a9) metric_kid.py; printed by none of the papers here",
        inference=f"{KID_RULE}; windows as in fvd.i3d-k400",
        default=False,
        notes=(*_REFERENCE, *_UNBIASED),
    ),
    FVD.extractor,
    KernelDistance(),
    item="window",
)

_PEOPLE = (
    "only faces: of each driven person in the results, and of each driving person in the "
    f"references, people followed by {TRACKER.id}; square of {FACTOR:g} x the longer side of the "
    "landmarks' box, area or cubic resize; "
)
_FACE_REFERENCE = (
    "a driving clip whose people drive others in another case enters the reference once for each "
    "choice of people",
)


def _of_faces(whole: SetMetric, extractor: str, missing: str, inference: str) -> SetMetric:
    """Return a metric on faces alone, under its own id."""
    card = whole.card
    faces = replace(
        card,
        definition=f"{card.definition}-faces",
        title=f"{card.title} faces",
        formula=f"{_PEOPLE}then {card.formula}",
        extractors=(extractor, EXTRACTOR),
        missing=f"{missing}; {card.missing}",
        source=f"ours, after {card.name}.{card.definition}; no paper here prints it",
        inference=inference,
        notes=(*card.notes, *_FACE_REFERENCE),
        default=False,
    )
    return replace(whole, card=faces, extractor=extractor)


FID_FACES = _of_faces(
    FID_TORCH_FIDELITY,
    "inception-torch-fidelity-faces",
    "a person who is not found in a frame gives no item",
    "faces are pooled over people, each with the same weight",
)
FVD_FACES = _of_faces(
    FVD,
    "i3d-k400-faces",
    "a person who is not found in the first frame of a window gives no item",
    "a window shows the square of its first frame: motion of the head stays in it, jitter of the "
    "detector does not enter, and who moves out of the square is missed as on a frame",
)

METRICS: tuple[SetMetric, ...] = (
    FID_TORCH_FIDELITY,
    FID_PYTORCH_FID,
    FID_CLEAN_FID,
    KID,
    FVD,
    KVD,
    FID_FACES,
    FVD_FACES,
)

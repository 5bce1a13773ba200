"""Stability over time: numbers of the steps between neighbouring frames, turned into scores."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, CROSS, INFINITE, SELF
from metrics.score import Measured, NotMeasured, Score
from metrics.steps import StepMetric

LPIPS_STEP = "lpips-alex"
"""Extractor of the LPIPS (alex, v0.1) of neighbouring frames."""
WARP_STEP = "warp-step"
"""Extractor of `metrics.warping.warp_step`."""

_REDUCTION = "frame pair -> case (mean) -> split (mean)"
_MISSING = (
    "frame pairs that do not come from neighbouring driving frames are left out and lower the "
    "coverage"
)
_NEAR = "judged by the distance to the driving clip's own value at the same places"


def flicker_step(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """Return ``(255 - mean |f_t - f_t+1|) / 255`` of two uint8 frames, in [0, 1]."""
    return 1.0 - float(cv2.norm(before, after, cv2.NORM_L1)) / (255.0 * after.size)


def own_mean(generated: list[float], driver: list[float], scored: int) -> Score:
    """Average the steps of a clip, beside those of the driving clip.

    Args:
        generated: One number for each pair of result frames that came from neighbouring driving
            frames; NaN where it could not be measured.
        driver: The driving clip's own at the same places; NaN where the input cannot be judged.
        scored: How many steps there are in all between scored driving frames.

    Raises:
        ValueError: If the numbers do not belong together.
    """
    steps = _steps(generated, driver, scored)
    if isinstance(steps, NotMeasured):
        return steps
    own, unjudged = float(np.mean(steps.driver)), steps.unjudged
    value, count = float(np.mean(steps.generated)), len(steps.generated)
    return Measured(value, count, scored - unjudged, driver=own, unjudged=unjudged)


def own_steps(generated: NDArray[np.float64], driver: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the numbers that `own_mean` averages, ``(n,)``; NaN where either is missing."""
    measured = np.isfinite(generated) & np.isfinite(driver)
    return np.where(measured, generated, np.nan)


def step_differences(
    generated: NDArray[np.float64], driver: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the numbers that `mean_difference` averages, ``(n,)``; NaN where one is missing."""
    return np.abs(own_steps(generated, driver) - driver)


flicker = own_mean
"""`own_mean` of `flicker_step`."""


def mean_difference(generated: list[float], driver: list[float], scored: int) -> Score:
    """Average ``|generated - driver|`` over the steps; arguments and errors as of `own_mean`."""
    steps = _steps(generated, driver, scored)
    if isinstance(steps, NotMeasured):
        return steps
    value = float(np.mean(np.abs(steps.generated - steps.driver)))
    total = scored - steps.unjudged
    return Measured(value, len(steps.generated), total, unjudged=steps.unjudged)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Measured steps of the result, the driver's at the same places, and how many of its lack."""

    generated: NDArray[np.float64]
    driver: NDArray[np.float64]
    unjudged: int


def _steps(generated: list[float], driver: list[float], scored: int) -> _Steps | NotMeasured:
    made, drove = np.array(generated, dtype=np.float64), np.array(driver, dtype=np.float64)
    if made.ndim != 1 or made.shape != drove.shape or len(made) > scored:
        raise ValueError(f"{made.shape} and {drove.shape} numbers do not fit {scored} steps")
    if not scored:
        return NotMeasured("there are no two scored frames", of_input=True)
    if not len(made):
        return NotMeasured("no two result frames come from neighbouring scored driving frames")
    judgeable = np.isfinite(drove)
    if not judgeable.any():
        return NotMeasured("the driving clip cannot be judged between its frames", of_input=True)
    measured = judgeable & np.isfinite(made)
    if not measured.any():
        return NotMeasured("no step between frames of the result could be measured")
    return _Steps(made[measured], drove[measured], int((~judgeable).sum()))


FLICKER = Card(
    name="flicker",
    definition="vbench",
    title="flicker",
    formula=f"(255 - mean |f_t - f_t+1|) / 255 at native size; {_REDUCTION}; {_NEAR}",
    unit="",
    direction=Direction.DRIVER,
    bounds=(0.0, 1.0),
    protocols=BOTH,
    extractors=("flicker-step",),
    missing=_MISSING,
    identical=None,
    source="VBench@45e79ec vbench/temporal_flickering.py (without its filter for static scenes, "
    "which its authors require); PortraitDirector, supplement Table 4, in per cent (86.6-96.7)",
    inference="VBench ranks higher as better on static scenes; a frozen video would win, so we "
    "rank by the distance to the driver. PortraitDirector says 'from VBench' and nothing of the "
    "filter, the clips or their size; its values lie below those of real talking clips "
    "(0.982-0.996)",
    digits=4,
)

TLPIPS_TECOGAN = Card(
    name="tlpips",
    definition="tecogan-alex",
    title="tLPIPS",
    formula="|LPIPS(t_i-1, t_i) - LPIPS(g_i-1, g_i)| of the true video t and the result g, "
    f"alex v0.1 at native size; {_REDUCTION}",
    unit="",
    direction=Direction.LOWER,
    bounds=(0.0, INFINITE),
    protocols=SELF,
    extractors=(LPIPS_STEP,),
    missing=_MISSING,
    identical=0.0,
    source="TecoGAN@bc747a4 metrics.py, there times 100 (tLP100)",
    inference="raw, not times 100. TecoGAN crops frames to multiples of 32 with at least 16 "
    "pixels cut off (borders of its upscaling) and leaves out the first and last two frames "
    "(its recurrent start); neither applies here: whole frames, all scored ones. PortraitDirector "
    "(supplement Table 4, 0.013-0.069) prints a tLPIPS without formula: this or the next one",
    digits=4,
)

TLPIPS_CONSECUTIVE = Card(
    name="tlpips",
    definition="consecutive-alex",
    title="tLPIPS consecutive",
    formula=f"LPIPS(g_i-1, g_i), alex v0.1 at native size; {_REDUCTION}; {_NEAR}",
    unit="",
    direction=Direction.DRIVER,
    bounds=(0.0, INFINITE),
    protocols=BOTH,
    extractors=(LPIPS_STEP,),
    missing=_MISSING,
    identical=None,
    source="our name for what papers without ground truth use; PortraitDirector, supplement "
    "Table 4, prints a tLPIPS (0.013-0.069, lower is better) that may be this",
    inference="PortraitDirector gives no formula; lower would let a frozen video win, so we rank "
    "by the distance to the driver",
    default=False,
    digits=4,
)

_WARP = (
    "sum M |w(f_t+1) - f_t|^2 / sum M over pixels and RGB in [0, 1]; w pulls back along the "
    "Farneback flow (0.5, 3, 15, 3, 5, 1.2; grey frames, shorter side at most 256, flow enlarged) "
)
_MASK = (
    "; M leaves out where |f + g|^2 > .01 (|f|^2 + |g|^2) + .5 (g: flow back) or "
    "|grad f|^2 > .01 |f|^2 + .002"
)
_LAI = (
    "fast_blind_video_consistency@bce0c7e evaluate_WarpError.py and utils.detect_occlusion "
    "(Lai et al. 2018; FlowNet2 there); flow parameters of TecoGAN@bc747a4 metrics.py; no paper "
    "of this field prints it"
)
_WARP_INFERENCE = (
    "Lai ranks lower as better; a blurred clip has less error than the true one (0.15-0.5 of it "
    "at sigma 3 on six real clips), so we rank by the distance to the driver. A pair without a "
    "visible pixel is not measured; Lai counts it as 0"
)


def _warp(definition: str, title: str, flow_of: str, **changes: object) -> Card:
    common: dict[str, object] = {
        "formula": f"{_WARP}{flow_of}{_MASK}; {_REDUCTION}; {_NEAR}",
        "unit": "",
        "direction": Direction.DRIVER,
        "bounds": (0.0, 1.0),
        "extractors": (WARP_STEP,),
        "missing": f"{_MISSING}; so do pairs in which no pixel of the result is visible twice",
        "identical": None,
        "source": _LAI,
        "scale_exponent": 3,
        "default": False,
    }
    return Card(name="warp_error", definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


WARP_ERROR = _warp(
    "farneback",
    "warp error",
    "of the true video",
    protocols=SELF,
    inference=_WARP_INFERENCE,
)
WARP_ERROR_OWN = _warp(
    "farneback-own",
    "warp error own flow",
    "of the result itself",
    protocols=CROSS,
    inference=f"{_WARP_INFERENCE}. In cross-reenactment there is no true video: the result's own "
    "flow explains slow changes away and is blind to wrong motion, hence an id of its own that is "
    "never put beside the other",
)

METRICS: tuple[StepMetric, ...] = (
    StepMetric(FLICKER, own_mean, own_steps),
    StepMetric(TLPIPS_TECOGAN, mean_difference, step_differences),
    StepMetric(TLPIPS_CONSECUTIVE, own_mean, own_steps),
    StepMetric(WARP_ERROR_OWN, own_mean, own_steps),
)
"""Result and driving clip each give their numbers alone."""

ALONG_TRUTH: tuple[StepMetric, ...] = (StepMetric(WARP_ERROR, own_mean, own_steps),)
"""The driving clip gives its numbers alone; the result's come from a pair stream
(`metrics.signals.warp.WarpStream`), never from its own array: that would be `WARP_ERROR_OWN`."""

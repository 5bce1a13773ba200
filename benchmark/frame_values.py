"""What a run keeps of each frame: the values whose means are the scores of a case.

One file a case, ``frames/<case>.safetensors``, everything indexed by driving frame:

- ``scored``: bool ``(N,)``, which frames count;
- ``<protocol id>/<person>``: float64 ``(N,)``, person as in the journal (-1 for the whole case);
  NaN where a frame does not enter the score. The mean over ``scored`` is the journal's value, bit
  for bit: hence float64. A metric without a value, or whose value is no mean over frames, has none;
- ``<protocol id>/driver``: likewise the driving clip's own values of a metric judged by them.

The value of a step between two frames stands at the second. The rate is in the file's metadata.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UsageProblem
from benchmark.store import RunPaths

FORMAT = "portraitbench-frames@1"
_SCORED, _DRIVER = "scored", "driver"
_RATE = re.compile(r"[1-9]\d{0,8}(/[1-9]\d{0,8})?")

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CaseFrames:
    """Values of the frames of one case.

    Attributes:
        case_id: The case.
        rate: Frames a second of the driving clip.
        scored: ``(N,)``: which driving frames count.
        values: ``(N,)`` by protocol id and person; NaN where a frame does not enter the score.
        driver: ``(N,)`` the driving clip's own, by protocol id.
    """

    case_id: str
    rate: Fraction
    scored: NDArray[np.bool_]
    values: Mapping[tuple[str, int], FloatArray]
    driver: Mapping[str, FloatArray]

    @property
    def seconds(self) -> FloatArray:
        """``(N,)`` times of the frames from the first one on."""
        return np.arange(len(self.scored)) / float(self.rate)

    def series(self, protocol_id: str, person: int = -1) -> FloatArray:
        """Return the values that enter a score, ``(N,)``; NaN at all other frames.

        Raises:
            KeyError: If the metric has no value of this person.
        """
        return np.where(self.scored, self.values[protocol_id, person], np.nan)

    def persons(self, protocol_id: str) -> list[int]:
        """Return who has values of a metric, in order; -1 stands for the whole case."""
        return sorted(person for name, person in self.values if name == protocol_id)


def save_frame_values(paths: RunPaths, frames: CaseFrames) -> None:
    """Keep the values of a case in its run; readers never see a partial file.

    Raises:
        OSError: If the file cannot be written.
    """
    from safetensors.numpy import save

    arrays: dict[str, NDArray[Any]] = {_SCORED: frames.scored}
    arrays |= {f"{name}/{person}": values for (name, person), values in frames.values.items()}
    arrays |= {f"{name}/{_DRIVER}": values for name, values in frames.driver.items()}
    facts = {"format": FORMAT, "case": frames.case_id, "rate": str(frames.rate)}
    data = save({name: np.ascontiguousarray(a) for name, a in arrays.items()}, facts)
    path = paths.frame_values(frames.case_id)
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def load_frame_values(paths: RunPaths, case_id: str) -> CaseFrames:
    """Read the values of a case.

    Raises:
        UsageProblem: If there is no such file or it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = paths.frame_values(case_id)
    if not path.is_file():
        raise UsageProblem(
            f"{paths.root} has no values of frames for case {case_id}",
            "run the same bench run command again: it measures what is missing",
        )
    try:
        with safe_open(path, framework="numpy") as file:
            facts = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _checked(case_id, facts, arrays)
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise UsageProblem(
            f"{path} is damaged: {error}", "delete it and run the same bench run command again"
        ) from None


def _checked(
    case_id: str, facts: Mapping[str, str], arrays: Mapping[str, NDArray[Any]]
) -> CaseFrames:
    """Return what a file holds.

    Raises:
        ValueError: If it is not what `save_frame_values` writes.
    """
    if facts.get("format") != FORMAT or facts.get("case") != case_id:
        raise ValueError(f"it is not in the form {FORMAT}, or of another case")
    if not _RATE.fullmatch(facts.get("rate", "")):
        raise ValueError("it has no rate")
    scored = arrays.get(_SCORED)
    if scored is None or scored.dtype != np.bool_ or scored.ndim != 1:
        raise ValueError("it does not say which frames are scored")
    values: dict[tuple[str, int], FloatArray] = {}
    driver: dict[str, FloatArray] = {}
    for key, array in arrays.items():
        if key == _SCORED:
            continue
        if array.dtype != np.float64 or array.shape != scored.shape or np.isinf(array).any():
            raise ValueError(f"{key} is not one finite number or NaN for each frame")
        name, _, whose = key.rpartition("/")
        if whose == _DRIVER:
            driver[name] = array
        else:
            values[name, int(whose)] = array
    return CaseFrames(case_id, Fraction(facts["rate"]), scored, values, driver)

"""Every described method's fake comes through the conformance run, its quirks on."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import ROOT

from adapters.picture import resized
from adapters.rows import our_rows
from benchmark.config import Config
from benchmark.conformance.check import Material, check
from benchmark.conformance.material import mini_material
from benchmark.conformance.verdict import Verdict
from benchmark.methods import find_method
from benchmark.process import GenerateOptions

sys.path.append(str(ROOT / "tests" / "adapters"))  # where the fakes are
from fake_repositories import repository_of
from warm import warm_python

SIDE = 64
STRETCH = ("edtalk", "lia-x")
"""Contrast over the whole clip: what one frame shows moves every other."""
METHODS = ("xnemo", "skyreels-a1", "skyreels-a1-long", "hunyuanportrait", "flashportrait",
           "followyouremoji", "aniportrait", "wan-animate", "edtalk", "pdfgc", "echomimic",
           "megactor", "lia-x", "emoportraits")  # fmt: skip


def small_material() -> Material:
    """Mini at a size at which fakes are quick."""
    whole = mini_material(13, two=False)
    one = whole.one
    small = replace(
        one,
        portrait=resized(one.portrait, (SIDE, SIDE)),
        driving=np.stack([resized(frame, (SIDE, SIDE)) for frame in one.driving]),
    )
    return replace(whole, one=small, nobody=resized(whole.nobody, (SIDE, SIDE)))


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_a_fake_comes_through_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face_model: Path, name: str
) -> None:
    monkeypatch.setenv("FAKE_SCALE", "0.125")
    repository = repository_of(our_rows()[name], tmp_path / "repository")
    entry = {"at": str(repository), "interpreter": warm_python()}
    spec = find_method(name, Config.model_validate({"methods": {name: entry}}), tmp_path)
    options = GenerateOptions(60, 0, face_model)
    found = check(spec, options, small_material(), tmp_path / "log", print)
    verdicts = {finding.rule: finding.verdict for finding in found}
    broken = {rule for rule, verdict in verdicts.items() if verdict is Verdict.BROKEN}
    if our_rows()[name].result.geometry == "face":  # a crop cannot keep corners in their places
        broken -= {"geometry"}
    assert broken == ({"value range"} if name in STRETCH else set()), found
    held = ["frame count", "same seed, same frames", "two jobs at once", "a silent track",
            "no writes outside the scratch directory"]  # fmt: skip
    for rule in held if name in STRETCH else (*held, "frame map"):
        assert verdicts[rule] is Verdict.HELD, found

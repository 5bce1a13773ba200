"""No quirk is handled for nothing: each row takes one thing out of a description, or out of a hook.

What is left must not come through: it fails, or something else comes out than what must. The same
case comes through with everything in its place, so that a row proves what it says.
"""

import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_results import (
    METHODS,
    Bench,
    Case,
    bench_of,
    blocks,
    counting,
    portrait,
    seeds,
    truth,
    twice,
)
from numpy.typing import NDArray

from adapters.base import MethodError
from adapters.description import Description
from adapters.rows import FOLDER

Words = dict[str, Any]
Change = Callable[[Words], object]
Proof = Callable[[Bench, Path, Case], None]


@dataclass(frozen=True)
class Quirk:
    """One thing that a method does, and the description without what copes with it.

    Attributes:
        method: Whose.
        name: What it does.
        change: Takes the handling out of the description's words.
        case: What it shows on; what the method is tried on anyway, if not given.
        proof: What holds with the handling and not without.
        hook: File, text and replacement: takes it out of a hook instead.
    """

    method: str
    name: str
    change: Change = lambda words: None
    case: Case | None = None
    proof: Proof = truth
    hook: tuple[str, str, str] = ("", "", "")


def drop(*path: str) -> Change:
    """Take a word out of a table."""

    def change(words: Words) -> None:
        table = words
        for part in path[:-1]:
            table = table[part]
        del table[path[-1]]

    return change


def put(path: str, value: object) -> Change:
    """Put another value for a word."""

    def change(words: Words) -> None:
        *tables, last = path.split(".")
        table = words
        for part in tables:
            table = table.setdefault(part, {})
        table[last] = value

    return change


def without(*gone: str) -> Change:
    """Take words out of the command, or those that begin so where a word ends in ``=``."""

    def change(words: Words) -> None:
        kept = list(words["command"])
        for word in gone:
            found = [w for w in kept if w == word or (word.endswith("=") and w.startswith(word))]
            assert found, word
            kept.remove(found[0])
        words["command"] = kept

    return change


def instead(old: str, new: str) -> Change:
    """Replace text in the file that is written for each case."""

    def change(words: Words) -> None:
        content = words["files"][0]["content"]
        assert old in content
        words["files"][0]["content"] = content.replace(old, new)

    return change


def first_step_gone(words: Words) -> None:
    words["command"] = words["command"][words["command"].index("--then") + 1 :]


def wide() -> Case:
    """A driving video twice as wide as high, black at its left end."""
    driving = counting(11, 64, 128)
    driving[:, :, :32] = 0
    return replace(METHODS["xnemo"], driving=driving)


def panorama() -> Case:
    """A portrait twice as wide as high: three quarters of it are animated."""
    whole = portrait(64, 128)

    def view(video: NDArray[np.float64]) -> NDArray[np.float64]:
        shown = np.broadcast_to(whole.astype(float), video.shape).copy()
        shown[:, :, 16:112] = video[:, :, 16:112]
        return shown

    return replace(METHODS["skyreels-a1"], source=whole, view=view)


def long(method: str, count: int, kept: list[int]) -> Case:
    return replace(METHODS[method], driving=counting(count), source=portrait(16, 16),
                   frame_map=kept)  # fmt: skip


QUIRKS = (
    Quirk("xnemo", "draws from random unseeded", without("{seeded}", "{seed}"), proof=twice),
    Quirk("xnemo", "500 frames", drop("frames", "most"), long("xnemo", 501, list(range(500)))),
    Quirk("xnemo", "left square of wide frames", drop("inputs"), wide()),
    Quirk("xnemo", "pairs in a file", drop("files")),
    Quirk("xnemo", "results in its folder", drop("own")),
    Quirk("xnemo", "imports from its root", drop("environment", "variables")),
    Quirk("xnemo", "comparison beside it",
          put("output", "{work}/output/*--bench/concat_vid/source_drivenby_driving.mp4")),
    Quirk("xnemo", "driver beside it", put("output", "{work}/output/*--bench/split_vid/*.mp4")),
    Quirk("skyreels-a1", "12 frames a second", drop("frames", "fps")),
    Quirk("skyreels-a1", "47 frames", drop("frames", "most"),
          long("skyreels-a1", 104, [i * 25 // 12 for i in range(47)])),
    Quirk("skyreels-a1", "always 47 frames", drop("frames", "surplus")),
    Quirk("skyreels-a1", "bars", put("result.geometry", "stretched")),
    Quirk("skyreels-a1", "sides lost", put("result.geometry", "letterboxed"), panorama()),
    Quirk("skyreels-a1", "seed in the script", without("seed:="), proof=seeds),
    Quirk("skyreels-a1", "three more videos", put("output", "{out}/*.mp4")),
    Quirk("skyreels-a1-long", "12 frames a second", drop("frames", "fps")),
    Quirk("skyreels-a1-long", "one frame more", drop("frames", "surplus")),
    Quirk("skyreels-a1-long", "bars", put("result.geometry", "stretched")),
    Quirk("hunyuanportrait", "seed in a file", instead("seed: {seed}", "seed: 1"), proof=seeds),
    Quirk("hunyuanportrait", "crop beside it", put("output", "{work}/results/*/*.mp4")),
    Quirk("hunyuanportrait", "crop", put("output", "{work}/results/*/cropped.mp4")),
    Quirk("hunyuanportrait", "results in its folder", drop("own")),
    Quirk("flashportrait", "first frame lost", drop("frames", "first")),
    Quirk("flashportrait", "4k+1 frames", drop("frames", "multiple")),
    Quirk("flashportrait", "windows of 201 frames",
          without("sub_num_frames:=", "latents_num_frames:=", "context_size:=")),
    Quirk("flashportrait", "prompt", without("prompt=")),
    Quirk("flashportrait", "seed in the script", without("seed:="), proof=seeds),
    Quirk("flashportrait", "inputs in the script", without("validation_driven_video_path=")),
    Quirk("followyouremoji", "first frame lost", drop("frames")),
    Quirk("followyouremoji", "bars", put("result.geometry", "stretched"),
          replace(METHODS["followyouremoji"], source=portrait(48, 64))),
    Quirk("followyouremoji", "16 frames", case=long("followyouremoji", 20, list(range(1, 20))),
          hook=("followyouremoji.py", '("video_length", frames), ', "")),
    Quirk("followyouremoji", "seed in a file", proof=seeds,
          hook=("followyouremoji.py", ', ("seed", seed)', ", ")),
    Quirk("followyouremoji", "needs a launcher",
          hook=("followyouremoji.py", "os.environ.update(group, ", "dict(group, ")),
    Quirk("followyouremoji", "comparison beside it", put("output", "{out}/driving_source_*.mp4")),
    Quirk("aniportrait", "three panels", drop("result")),
    Quirk("aniportrait", "error without sound", drop("tolerant")),
    Quirk("aniportrait", "results in its folder", drop("own")),
    Quirk("wan-animate", "two steps", first_step_gone),
    Quirk("wan-animate", "30 frames a second", without("--fps", "-1")),
    Quirk("wan-animate", "a default that it refuses", without("--refert_num", "1")),
    Quirk("wan-animate", "seed at random", without("--base_seed", "{seed}"), proof=twice),
    Quirk("edtalk", "last 20 frames lost", drop("inputs", "extra"),
          long("edtalk", 30, list(range(30)))),
    Quirk("edtalk", "20 frames more", drop("frames")),
    Quirk("edtalk", "nothing without sound", drop("inputs", "audio")),
    Quirk("pdfgc", "first frames lost", drop("frames", "first")),
    Quirk("pdfgc", "last frames lost", drop("frames", "last")),
    Quirk("pdfgc", "more frames than the sound says", drop("frames", "surplus")),
    Quirk("pdfgc", "five panels", drop("result")),
    Quirk("pdfgc", "a fixed cut", case=replace(METHODS["pdfgc"], source=blocks()),
          hook=("pdfgc.py", "SIDE, CUT = 224, 16", "SIDE, CUT = 224, 0")),
    Quirk("pdfgc", "frames by the sound",
          hook=("pdfgc.py", "RATE, SOUND_RATE = 25", "RATE, SOUND_RATE = 50")),
    Quirk("pdfgc", "seed in a file", proof=seeds,
          hook=("pdfgc.py", '"random_seed", seed', '"random_seed", "1"')),
    Quirk("pdfgc", "results in its folder", drop("own")),
    Quirk("echomimic", "sound required", drop("inputs")),
    Quirk("echomimic", "no mouth", without("FaceMeshVisualizer.draw_mouse:=")),
    Quirk("echomimic", "1200 frames", without("-L", "{frames}"),
          long("echomimic", 1201, list(range(1201)))),
    Quirk("echomimic", "24 frames a second", without("--fps", "{fps}"),
          long("echomimic", 100, list(range(100)))),
    Quirk("echomimic", "landmarks beside it",
          put("output", "{work}/output/*/*/source_silence_*.mp4")),
    Quirk("echomimic", "pasted back if asked", without("--paste_back", "1")),
    Quirk("echomimic", "results in its folder", drop("own")),
    Quirk("megactor", "2.5 seconds", without("--limit", "1000"),
          long("megactor", 70, list(range(1, 70)))),
    Quirk("megactor", "first frame lost", drop("frames", "first")),
    Quirk("megactor", "one frame more", drop("frames", "surplus")),
    Quirk("megactor", "four panels", drop("result", "panel")),
    Quirk("megactor", "sound required", drop("inputs")),
    Quirk("lia-x", "edits the portrait", instead("motion_value: [0,", "motion_value: [0.14,")),
    Quirk("lia-x", "comparison beside it", put("output", "{out}/bench/*.mp4")),
    Quirk("emoportraits", "a name that is not defined",
          hook=("emoportraits.py", "module.mp_face_detection =", "_ =")),
    Quirk("emoportraits", "paths of another machine",
          hook=("emoportraits.py", 'AUTHORS = "/fsx/"', 'AUTHORS = "/none/"')),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SCALE", "0.125")


def switched_off(quirk: Quirk, bench: Bench, folder: Path) -> Bench:
    """Return the bench of a method that no longer copes with ``quirk``."""
    words = deepcopy(bench.row.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    quirk.change(words)
    name, old, new = quirk.hook
    hooks = bench.hooks
    if name:
        hooks = folder / "hooks"
        shutil.copytree(FOLDER, hooks)
        text = (hooks / name).read_text()
        assert text.count(old) == 1
        (hooks / name).write_text(text.replace(old, new))
    changed = replace(bench, row=Description.model_validate(words), hooks=hooks)
    assert changed != bench
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: f"{quirk.method}-{quirk.name}")
def test_a_quirk_that_is_not_handled_is_seen(tmp_path: Path, quirk: Quirk) -> None:
    case = quirk.case or METHODS[quirk.method]
    bench = bench_of(quirk.method, tmp_path)
    if quirk.case is not None or quirk.proof is not truth:
        quirk.proof(bench, tmp_path / "handled", case)
    with pytest.raises((MethodError, AssertionError, ValueError)):
        quirk.proof(switched_off(quirk, bench, tmp_path), tmp_path / "switched-off", case)


def test_every_method_has_quirks_in_the_table() -> None:
    assert {quirk.method for quirk in QUIRKS} == set(METHODS)
    assert np.bincount([list(METHODS).index(q.method) for q in QUIRKS]).min() >= 2

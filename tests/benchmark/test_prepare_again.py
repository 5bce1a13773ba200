import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import clips
import pytest
from brought import FACE, bring, content, plan, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.base import Face, Frame
from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.media.video import probe
from benchmark.splits.importer import import_folder
from benchmark.splits.recipe import NAME, read_recipe
from benchmark.splits.reproduce import Again, prepare_again
from benchmark.splits.rules import Rules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bring(tmp_path / "my data")


@pytest.fixture
def made(folder: Path, tmp_path: Path) -> Path:
    run(folder, tmp_path / "first", name="x", seed=3, licence="CC0")
    return tmp_path / "first"


def test_the_same_originals_elsewhere_give_the_same_bytes(
    folder: Path, made: Path, tmp_path: Path
) -> None:
    """No tracker is lent: the recipe holds what was found."""
    moved = Path(shutil.copytree(folder, tmp_path / "other machine"))
    recipe = read_recipe(made / NAME)
    done = prepare_again(Again(recipe, moved, tmp_path / "second"))
    assert done.compared
    assert done.different == ()
    assert content(made) == content(tmp_path / "second")


def test_a_file_that_comes_out_otherwise_is_named(folder: Path, made: Path, tmp_path: Path) -> None:
    data = json.loads((made / NAME).read_text())
    data["files"]["media/single/driving/sway.mp4"] = "0" * 64
    data["versions"]["av"] = "0.1"
    data["splits"]["single"] = "1" * 64
    (made / NAME).write_text(json.dumps(data))
    done = prepare_again(Again(read_recipe(made / NAME), folder, tmp_path / "second"))
    assert done.different[0] == "media/single/driving/sway.mp4: differs"
    assert done.different[1].startswith("split single: ")
    assert done.different[2].startswith("made with av ")
    assert len(done.different) == 3


def test_originals_that_are_missing_changed_or_new(
    folder: Path, made: Path, tmp_path: Path
) -> None:
    recipe = read_recipe(made / NAME)
    write_png(folder / "portraits/single/face.png", clips.scene((50, 40, 80, 70)))
    with pytest.raises(UsageProblem) as caught:
        prepare_again(Again(recipe, folder, tmp_path / "second"))
    assert "face.png is not in the recipe, or has changed" in caught.value.remedy
    (folder / "portraits/multi/trio.png").unlink()
    shutil.copy(folder / "portraits/single/wrong.jpg", folder / "portraits/single/face.png")
    with pytest.raises(UsageProblem, match="2 of 7 originals") as caught:
        prepare_again(Again(recipe, folder, tmp_path / "second"))
    assert "portraits/multi/trio.png" in caught.value.remedy
    assert not (tmp_path / "second").exists()


def test_other_rules_make_another_split(folder: Path, made: Path, tmp_path: Path) -> None:
    recipe = read_recipe(made / NAME)
    rules = Rules(side=256, fps=Fraction(10), audio="silent")
    done = prepare_again(Again(recipe, folder, tmp_path / "second", rules))
    assert not done.compared
    single = done.report.splits[0]
    assert probe(single.file("media/single/driving/sway.mp4")).size == (256, 256)
    assert single.sha256 != recipe.splits["single"]
    direct = run(folder, tmp_path / "third", name="x", seed=3, licence="CC0", side=256,
                 fps=Fraction(10), audio="silent")  # fmt: skip
    assert [s.sha256 for s in direct.splits] == [s.sha256 for s in done.report.splits]


def test_frames_that_were_not_looked_at(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "first", max_frames=3)
    recipe = read_recipe(tmp_path / "first" / NAME)
    assert prepare_again(Again(recipe, folder, tmp_path / "same")).different == ()
    for rules in (Rules(), Rules(max_frames=4), Rules(max_frames=3, fps=Fraction(5))):
        with pytest.raises(UsageProblem, match="other frames"):
            prepare_again(Again(recipe, folder, tmp_path / "second", rules))


@pytest.mark.parametrize("jobs", [2, 5])
def test_the_number_of_jobs_changes_nothing(folder: Path, tmp_path: Path, jobs: int) -> None:
    run(folder, tmp_path / "one", name="x")
    run(folder, tmp_path / "many", name="x", jobs=jobs)
    assert content(tmp_path / "one") == content(tmp_path / "many")


def test_one_content_many_times_at_once(folder: Path, tmp_path: Path) -> None:
    for i in range(12):
        shutil.copy(folder / "portraits/single/face.png", folder / f"portraits/single/f{i}.png")
    report = run(folder, tmp_path / "out", jobs=8, portraits_per_clip=99)
    assert len(report.splits[0].cases) == 2 * (1 + 15)


def test_a_fault_among_many_jobs_names_every_fault(folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (folder / f"driving/single/{name}.mp4").write_text("x")
    with pytest.raises(UsageProblem, match="2 of 9 files"):
        run(folder, tmp_path / "out", jobs=4)


def test_a_crash_among_many_jobs_stops_and_goes_on(folder: Path, tmp_path: Path) -> None:
    class Dying(clips.BoxTracker):
        def __call__(self, frame: Frame, max_faces: int) -> list[Face]:
            if self.calls > 8:
                raise MemoryError("planted")
            return super().__call__(frame, max_faces)

    with pytest.raises(MemoryError, match="planted"):
        run(folder, tmp_path / "out", Dying(), name="x", jobs=3)
    assert not (tmp_path / "out").exists()
    rest = clips.BoxTracker()
    run(folder, tmp_path / "out", rest, name="x", jobs=3)
    run(folder, tmp_path / "whole", name="x")
    assert content(tmp_path / "out") == content(tmp_path / "whole")


def test_progress_is_whole_with_many_jobs(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    import_folder(
        plan(folder, tmp_path / "out", jobs=3), clips.BoxTracker(), lambda *s: seen.append(s)
    )
    for step in ("finding faces", "converting"):
        own = [(done, total) for name, done, total in seen if name == step]
        assert own[-1] == (19, 19)
        assert own == sorted(own)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot read"),
        ("[]", "not in the form"),
        ('{"format": "portraitbench-import@1"}', "not in the form"),
        ('{"format": "portraitbench-import@2"}', "is damaged"),
        ("[" * 100_000, "cannot read"),
    ],
)
def test_what_is_no_recipe(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(UsageProblem, match=says):
        read_recipe(tmp_path / NAME)
    with pytest.raises(UsageProblem, match="no recipe at"):
        read_recipe(tmp_path / "none.json")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    root = tmp_path_factory.mktemp("r")
    (root / "d/driving/single").mkdir(parents=True)
    clips.encode(root / "d/driving/single/a.mp4", [clips.scene(FACE)] * 3)
    run(root / "d", root / "out")
    data: dict[str, Any] = json.loads((root / "out" / NAME).read_text())
    return data


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_recipe_edited_by_hand_is_read_or_refused(
    data: st.DataObject, whole: dict[str, Any], tmp_path: Path
) -> None:
    broken = json.loads(json.dumps(whole))
    part: Any = broken
    for _ in range(data.draw(st.integers(1, 4))):
        if not isinstance(part, dict) or not part:
            break
        key = data.draw(st.sampled_from(sorted(part)))
        if isinstance(part[key], dict) and data.draw(st.booleans()):
            part = part[key]
        else:
            part[key] = data.draw(st.sampled_from([None, 7, "x", [], {}, ["x"], -1.5]))
            break
    (tmp_path / NAME).write_text(json.dumps(broken))
    try:
        read_recipe(tmp_path / NAME)
    except UsageProblem as refusal:
        assert refusal.problem

"""A site on disk: whole, the same each time, nobody's files harmed, media only where wanted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from board_shop import EVIL, Invented

from benchmark.errors import EnvironmentProblem, NotComparable, UsageProblem
from leaderboards.board.script import literal
from leaderboards.board.site import ASSETS, Built, SiteOptions, build_site, check_out

LMD = "lmd.test@1"


@pytest.fixture(scope="module")
def runs(shop: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for run in shop:
        run.write(folder)
    return folder


def build(runs: Path, out: Path, cards: Any, material: Any = None, **options: Any) -> Built:
    chosen = SiteOptions(out, **options)
    return build_site([runs], cards, material or Invented(), chosen, lambda _: None)


def data_of(out: Path) -> Path:
    (folder,) = out.glob("data-*")
    return folder


def shard(out: Path, name: str) -> Any:
    """Read a shard back without a browser."""
    text = (data_of(out) / f"{name}.js").read_text(encoding="ascii")
    start = f'Board.put("{name}",'
    assert text.startswith(start)
    return json.loads(json.loads(text[len(start) : -3]))


def content(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def test_the_same_runs_make_the_same_bytes(runs: Path, cards: Any, tmp_path: Path) -> None:
    for name in "ab":
        build(runs, tmp_path / name, cards)
    one, other = content(tmp_path / "a"), content(tmp_path / "b")
    assert [name for name in one | other if one.get(name) != other.get(name)] == []


def test_building_again_makes_no_media_again(runs: Path, cards: Any, tmp_path: Path) -> None:
    material = Invented()
    build(runs, tmp_path / "site", cards, material)
    first, made = content(tmp_path / "site"), list(material.made)
    build(runs, tmp_path / "site", cards, material)
    assert made
    assert material.made == made
    assert content(tmp_path / "site") == first


def test_media_that_are_not_wanted_any_more_go(runs: Path, cards: Any, tmp_path: Path) -> None:
    out = tmp_path / "site"
    build(runs, out, cards)
    assert any((out / "media").iterdir())
    (out / "media" / "mine.txt").write_text("not ours")
    build(runs, out, cards, media=False)
    assert [path.name for path in (out / "media").iterdir()] == ["mine.txt"]
    case = shard(out, "b0-c0")
    assert case["portrait"] == case["driving"] == ""
    assert {row["preview"] for row in case["rows"]} == {""}
    assert case["why"] == ["The site was built without media."]
    assert len([p for p in out.iterdir() if p.name.startswith("data-")]) == 1


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    runs: Path, cards: Any, tmp_path: Path
) -> None:
    build(runs, tmp_path / "site", cards)
    page = (tmp_path / "site" / "index.html").read_text()
    assert "default-src 'none'" in page
    assert "{{" not in page
    assert "//" not in page.replace("<!doctype", "")
    scripts = sum(name.endswith(".js") for name in (*ASSETS, "index.js"))
    assert page.count("<script ") == page.count("</script>") == scripts
    for path in data_of(tmp_path / "site").iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text or path.name.startswith("b0"), path.name
        for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval("):
            assert way not in text


def test_frames_are_kept_in_the_scale_of_tables(runs: Path, cards: Any, tmp_path: Path) -> None:
    build(runs, tmp_path / "site", cards)
    board, frames = shard(tmp_path / "site", "b0"), shard(tmp_path / "site", "b0-f0-0")
    series = {board["columns"][at]["id"]: values for at, _, values in frames["series"]}
    assert series[LMD][5] is None
    shift = len(board["runs"][0][1])
    expected = np.sin(np.arange(32) / 3.0) + shift
    assert series[LMD][7] == pytest.approx(expected[7], rel=1e-3)  # raw / 1000, times 10^3
    assert frames["rate"] == 25.0
    assert frames["scored"][:2] == [0, 1]


def test_what_cannot_be_had_is_said_in_the_place_where_it_is_missed(
    runs: Path, cards: Any, tmp_path: Path
) -> None:
    material = Invented(frozenset({"tags", "frames"}))
    built = build(runs, tmp_path / "site", cards, material)
    assert "is not there: data" in shard(tmp_path / "site", "b0")["untagged"]
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert not any(b"/home/me" in path.read_bytes() for path in files), "no place of this machine"
    assert shard(tmp_path / "site", "b0-f0-0")["why"].endswith("is damaged")
    assert str(runs) not in shard(tmp_path / "site", "b0-f0-0")["why"]
    assert built.missing


def test_names_from_runs_stand_nowhere_as_they_are(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    invented("evil", {LMD: [0.1] * 4}, label=EVIL, note=EVIL).write(tmp_path / "runs")
    build(tmp_path / "runs", tmp_path / "site", cards)
    for path in data_of(tmp_path / "site").iterdir():
        if path.name.startswith(("b0", "index")):
            text = path.read_text(encoding="ascii")
            assert not set("<>") & set(text)
    (_, label) = ("", shard(tmp_path / "site", "b0")["rows"][0]["label"])
    assert label == EVIL.replace("\u2028", " ")
    assert literal(EVIL).isascii()


@pytest.mark.parametrize("there", ["notes.txt", "index.html"])
def test_a_folder_with_something_else_is_not_touched(
    there: str, runs: Path, cards: Any, tmp_path: Path
) -> None:
    (tmp_path / there).write_text("mine")
    with pytest.raises(UsageProblem, match="holds no board"):
        build(runs, tmp_path, cards)
    assert [path.name for path in tmp_path.iterdir()] == [there]
    with pytest.raises(UsageProblem):
        check_out(tmp_path / there)


def test_a_build_that_was_stopped_is_begun_again(runs: Path, cards: Any, tmp_path: Path) -> None:
    build(runs, tmp_path, cards)
    whole = content(tmp_path)
    (tmp_path / "index.html").unlink()
    data_of(tmp_path).rename(tmp_path / "data.part")
    for name in (f".{'ab' * 32}.png.part", f".{'cd' * 32}-0-32.part.mp4"):
        (tmp_path / "media" / name).write_bytes(b"cut sh")
    build(runs, tmp_path, cards)
    assert content(tmp_path) == whole


def test_a_folder_of_media_of_others_is_no_begun_site(
    runs: Path, cards: Any, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "holiday.mp4").write_bytes(b"mine")
    with pytest.raises(UsageProblem, match="holds no board"):
        build(runs, tmp_path, cards)


def test_a_place_that_cannot_be_written_is_said(runs: Path, cards: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        build(runs, tmp_path / "file" / "site", cards)


def test_a_full_disk_is_no_missing_clip(runs: Path, cards: Any, tmp_path: Path) -> None:
    """The site before it stays as it was."""

    class Full(Invented):
        def portrait(self, record: Any, case_id: str, folder: Path) -> str:
            raise EnvironmentProblem("cannot write x.png: No space left on device")

    build(runs, tmp_path / "site", cards)
    before = (tmp_path / "site" / "index.html").read_bytes()
    with pytest.raises(EnvironmentProblem, match="No space left"):
        build(runs, tmp_path / "site", cards, Full())
    assert not (tmp_path / "site" / "data.part").exists()
    assert (tmp_path / "site" / "index.html").read_bytes() == before
    assert shard(tmp_path / "site", "b0-c0")["portrait"]


def test_runs_of_several_splits_make_several_boards(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    invented("one", {LMD: [0.1] * 4}).write(tmp_path / "runs")
    other = {"split": "multi", "sha256": "ab" * 32}
    invented("two", {LMD: [0.1] * 4}, split=other).write(tmp_path / "runs")
    invented("three", {LMD: [0.1] * 4}, options={"max_frames": 5}).write(tmp_path / "runs")
    invented("four", {"gone.old@1": [0.1] * 4}, options={"limit": 4}).write(tmp_path / "runs")
    build(tmp_path / "runs", tmp_path / "site", cards)
    index = shard(tmp_path / "site", "index")
    assert (
        sorted(board["split"] for board in index["boards"]) == ["mini/multi"] + ["mini/single"] * 2
    )
    (left,) = index["left"]
    assert left[0] == "four-1"
    assert "no run holds a metric that this version defines" in left[1]
    for board in index["boards"]:
        data = shard(tmp_path / "site", board["key"])
        others = [e for row, e in zip(data["rows"], data["elsewhere"], strict=True) if row["state"]]
        expected = [b["key"] for b in index["boards"]
                    if b["split"] == board["split"] and b is not board]  # fmt: skip
        assert [e for e in others if e] == expected


def test_a_metric_that_no_run_has_is_refused(runs: Path, cards: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="unknown metric 'lmdd'"):
        build(runs, tmp_path / "site", cards, metrics=("lmdd",))
    assert not (tmp_path / "site").exists()


def test_runs_of_metrics_that_nobody_knows_are_refused(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    invented("four", {"gone.old@1": [0.1] * 4}).write(tmp_path / "runs")
    with pytest.raises(NotComparable):
        build(tmp_path / "runs", tmp_path / "site", cards)

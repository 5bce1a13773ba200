"""Maps of frames: groups, the page and what it lets in, the projection itself."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UsageProblem
from leaderboards.plots.interactive import Page, html, write_page
from leaderboards.plots.projection import Projection, project
from leaderboards.plots.style import GROUND
from leaderboards.plots.umap import (
    DRIVING,
    OTHERS,
    Map,
    draw_map,
    groups,
    looks_of,
    map_figure,
    order,
)

EVIL = "</script><img src=x onerror=alert(1)>\u2028\"'&$x_"


@dataclass(frozen=True)
class Clip:
    part: str = "result"
    run: str = "m"
    case: str = "c"
    identity: str = "anna"
    emotion: str = ""


def maps(count: int = 40, panels: int = 2) -> list[Map]:
    points = np.random.default_rng(0).normal(size=(count, 2))
    return [Map(f"signal {k}", Projection(points + k, 0.9, 15)) for k in range(panels)]


def test_driving_clips_are_a_group_of_their_own() -> None:
    points = [Clip(run="m"), Clip(part=DRIVING, run=""), Clip(run="n")]
    named = groups(points, "method")
    assert named == ["m", DRIVING, "n"]
    assert order(named) == [DRIVING, "m", "n"]
    looks = looks_of(order(named))
    assert looks[DRIVING][0] == GROUND
    assert looks["m"] != looks["n"]


def test_many_groups_are_the_largest_and_others() -> None:
    points = [Clip(identity=f"p{k:02d}") for k in range(30) for _ in range(k + 1)]
    named = groups(points, "identity")
    assert set(named) == {OTHERS, *(f"p{k}" for k in range(22, 30))}
    assert order(named)[-1] == OTHERS
    nine = groups([Clip(identity=str(k)) for k in range(9)], "identity")
    assert OTHERS not in nine, "a lone other keeps its name"


def test_what_no_case_says_is_no_colour() -> None:
    with pytest.raises(UsageProblem, match="no case says its emotion"):
        groups([Clip()], "emotion")
    assert groups([Clip(), Clip(emotion="sad")], "emotion") == ["not stated", "sad"]


def test_a_map_has_a_panel_a_signal(tmp_path: Path) -> None:
    named = [DRIVING] * 20 + [EVIL] * 20
    figure = map_figure(maps(), named)
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["signal 0", "signal 1"]
    assert "trustworthiness 0.90" in figure.axes[0].get_xlabel()
    below, above = figure.axes[0].collections
    assert len(below.get_offsets()) == len(above.get_offsets()) == 20
    assert below.get_sizes()[0] > above.get_sizes()[0], "drivers look out from under results"
    for name in "ab":
        draw_map(maps(panels=3), named, tmp_path / f"{name}.svg")
    first, second = ((tmp_path / f"{name}.svg").read_bytes() for name in "ab")
    assert first == second


def page(**changes: object) -> Page:
    clips = [Clip(part=DRIVING, run=""), Clip(run=EVIL, case=EVIL, identity=EVIL)]
    named = [DRIVING] * 20 + [EVIL] * 20
    whole = Page(
        title=EVIL, maps=[replace(one, title=EVIL) for one in maps()], strands=clips,
        strand=[0] * 20 + [1] * 20, frame=list(range(40)),
        colours={"method": named, "case": named}, pictures=[b"\xff\xd8"] * 40, notes=[EVIL],
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_nothing_of_a_run_is_markup_or_code() -> None:
    text = html(page())
    assert "<img" not in text
    assert text.count("<script") == text.count("</script>") == 2
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert data is not None
    found = json.loads(data[1])
    assert found["strands"][1]["run"].startswith("</script><img"), "and it is there as text"
    assert "innerHTML" not in text
    assert "http:" not in text
    assert "https:" not in text


def test_the_policy_allows_this_script_and_style_only() -> None:
    text = html(page())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; img-src data:;")
    script = text.rpartition("<script>")[2].partition("</script>")[0]
    style = text.partition("<style>")[2].partition("</style>")[0]
    for content in (script, style):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]


def test_pictures_can_be_left_out(tmp_path: Path) -> None:
    assert "data:image/jpeg;base64,/9g=" in html(page())
    assert "data:image" not in html(page(pictures=()))
    write_page(page(), tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text() == html(page())
    with pytest.raises(UsageProblem, match=r"does not end in \.html"):
        write_page(page(), tmp_path / "map.png")


def test_maps_of_too_little_are_refused() -> None:
    with pytest.raises(UsageProblem, match="5 points make no map"):
        project(np.zeros((5, 3)), 0)
    with pytest.raises(UsageProblem, match="all points are one"):
        project(np.ones((50, 3)), 0)


@pytest.mark.slow
def test_one_seed_is_one_map() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(size=(40, 6)), rng.normal(size=(40, 6)) + 30])
    points = np.concatenate([points, np.zeros((20, 6)) - 30])  # a frozen clip: equal points
    first, again, other = (project(points, seed) for seed in (3, 3, 4))
    assert (first.points == again.points).all()
    assert first.trustworthiness == again.trustworthiness
    assert (first.points != other.points).any()
    assert first.trustworthiness > 0.85
    near, far = first.points[:40], first.points[40:80]
    gap = np.linalg.norm(near[:, None] - far[None], axis=-1).min()
    assert gap > np.linalg.norm(near - near.mean(0), axis=1).mean(), "two clouds stay two"


@pytest.mark.slow
def test_the_page_works_from_the_file_system(tmp_path: Path) -> None:
    from browser import browser, program

    if program() is None:
        pytest.skip("no chromium is here")
    write_page(page(), tmp_path / "map.html")
    (tmp_path / "profile").mkdir()
    with browser(tmp_path / "profile") as tab:
        tab.view(900, 700)
        address = (tmp_path / "map.html").as_uri()
        tab.open(address, "document.querySelector('canvas') !== null")
        assert tab.run("document.querySelectorAll('canvas').length") == 2
        assert tab.run("document.querySelectorAll('img').length") == 0
        x, y = tab.run(
            "(() => { const c = document.querySelector('canvas'), b = c.getBoundingClientRect();"
            " const k = b.width / c.width;"
            " return [b.left + panels[0].px[25] * k, b.top + panels[0].py[25] * k]; })()"
        )
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        tab.until("document.querySelector('#seen img') !== null")
        assert tab.run("document.querySelector('#seen dd:last-of-type').textContent") == "25"
        assert "onerror=alert(1)" in tab.run("document.querySelector('#seen').textContent")
        tab.run("document.querySelector('canvas').focus()")
        tab.key("ArrowRight", 39)
        assert tab.run("document.querySelector('#seen dd:last-of-type').textContent") == "26"
        tab.run("document.querySelectorAll('#bar button')[1].click()")
        assert tab.run("document.querySelectorAll('#bar button')[1].ariaPressed") == "false"
        errors = [line for line in tab.console if "data:image/jpeg" not in line]
        assert not errors, "the pictures of this page are no JPEGs; all else is in order"
        assert {r for r in tab.requests if not r.startswith("data:")} == {address}

"""Boards in a real browser, opened from the file system. Skipped where there is no Chromium."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from board_shop import EVIL, FRAMES, RATE, Invented
from browser import NAMES, Page, browser, program

from benchmark.store import Generated, Journal, Outcome, RunPaths
from leaderboards.board.serve import server
from leaderboards.board.site import SiteOptions, build_site

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason=f"no browser here ({', '.join(NAMES)})"),
]

LATE = (0, 0, 0, 3, 3, 8, *range(12, 32))
"""A frame map with repeats and gaps."""


def late(frame: int) -> int:
    """Return which frame of a clip by that map is shown at a driving frame."""
    return max((i for i, of in enumerate(LATE) if of <= frame), default=0)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(
    invented: Any, shop: list[Any], cards: Any, tmp_path_factory: pytest.TempPathFactory
) -> str:
    folder = tmp_path_factory.mktemp("boards")
    for run in shop:
        if run.name == "frozen":
            run.label = EVIL
        root = run.write(folder / "runs")
        if run.name == "live_portrait":
            journal = Journal(RunPaths(root).journal)
            for case in "abcd":
                journal.record_generated(Generated(case, Outcome.OK, frame_map=LATE))
            journal.close()
        elif run.name == "ours":
            journal = Journal(RunPaths(root).journal)
            for case in "abcd":
                whole = tuple(range(FRAMES))
                journal.record_generated(Generated(case, Outcome.OK, frame_map=whole))
            journal.close()
    other = {"sha256": "ab" * 32, "version": "2, with a name that is wider than a phone"}
    invented("newer", {"lmd.test@1": [0.1] * 4}, split=other).write(folder / "runs")
    material = Invented()
    built = build_site([folder / "runs"], cards, material, SiteOptions(folder / "site"), print)
    return built.page.as_uri()


@pytest.fixture
def board(page: Page, site: str) -> Iterator[Page]:
    """The board's page, fresh; whatever a test does must leave no word in the console."""
    page.view(1280, 900)
    page.call("Page.navigate", url="about:blank")
    page.console.clear()
    page.requests.clear()
    page.open(f"{site}#/b0", "document.querySelector('tbody tr') !== null")
    yield page
    assert page.console == []
    assert [url for url in page.requests if not url.startswith("file://")] == []


def column(page: Page, title: str, table: int = 0) -> list[str]:
    """Return the texts of a column, from the top."""
    return list(
        page.run(f"""(() => {{
          const table = document.querySelectorAll('table')[{table}];
          const heads = [...table.querySelectorAll('thead span')].map((s) => s.textContent);
          const at = heads.indexOf({title!r});
          return [...table.querySelectorAll('tbody tr')].map((r) => r.children[at].firstChild
            ? r.children[at].firstChild.textContent : '');
        }})()""")
    )


def press(page: Page, title: str) -> str:
    """Press a header; return how it says the table is sorted."""
    return str(
        page.run(f"""(() => {{
          const button = [...document.querySelectorAll('table thead button')]
            .find((b) => b.querySelector('span').textContent === {title!r});
          button.click();
          return button.parentElement.getAttribute('aria-sort');
        }})()""")
    )


def test_a_table_sorts_best_first_then_worst_then_as_it_was(board: Page) -> None:
    before = column(board, "method")
    methods = [m for m in before if m in ("ours (built-in warp)", "LivePortrait", "older")]
    assert press(board, "LMD") == "ascending"
    values = column(board, "LMD")[: len(methods)]
    assert len(set(values)) == len(values) == 3
    assert values == sorted(values, key=float)
    assert press(board, "LMD") == "descending"
    assert column(board, "LMD")[: len(methods)] == values[::-1]
    assert press(board, "LMD") == "none"
    assert column(board, "method") == before


def test_higher_is_better_where_the_card_says_so(board: Page) -> None:
    assert press(board, "SSIM") == "descending"
    values = column(board, "SSIM")[:3]
    assert values == sorted(values, key=float, reverse=True)


def test_greyed_rows_stay_below_however_it_is_sorted(board: Page) -> None:
    """The unfinished run has the best numbers of all; the failing one the second best."""
    for title in ("LMD", "SSIM", "LMD", "method"):
        press(board, title)
        classes = board.run("[...document.querySelector('tbody').rows].map((r) => r.className)")
        assert classes == sorted(classes, key=["method", "control", "stale", "reference"].index)
    whys = board.run("[...document.querySelectorAll('tr.stale .why')].map((w) => w.textContent)")
    assert "unfinished: the run is not finished: it is not ranked yet" in whys


def test_rows_are_filtered_by_method_and_by_state(board: Page) -> None:
    board.run("""(() => { const i = document.querySelector('input[type=search]');
      i.value = 'LIVE'; i.dispatchEvent(new Event('input')); })()""")
    board.until("document.querySelectorAll('table')[0].tBodies[0].rows.length === 2")
    assert column(board, "method") == ["LivePortrait", "driving clip"]
    board.run("""(() => { const i = document.querySelector('input[type=search]');
      i.value = ''; i.dispatchEvent(new Event('input')); })()""")
    board.until("document.querySelectorAll('tr.stale').length > 0")
    board.run("document.querySelector('input[type=checkbox]').click()")
    board.until("document.querySelectorAll('tr.stale').length === 0")


def test_a_tag_gives_the_table_of_its_cases(board: Page) -> None:
    before = column(board, "cases")[0]
    board.run("""(() => { const s = document.querySelector('.controls select');
      s.value = 'emotion=happy'; s.dispatchEvent(new Event('change')); })()""")
    board.until("document.querySelector('h2').textContent.includes('emotion=happy')")
    assert before == "2/2"
    assert column(board, "cases", 1)[0] == "1/1"


def test_a_table_is_worked_by_keys_alone(board: Page) -> None:
    board.run("document.querySelector('table thead button').focus()")
    board.key("Tab", 9)
    board.key("Tab", 9)
    focused = "document.activeElement.querySelector('span').textContent"
    assert board.run(focused) == "SSIM"
    board.key("Enter", 13, "\r")
    assert board.run("document.activeElement.parentElement.getAttribute('aria-sort')") != "none"
    board.run("document.querySelector('tbody a').focus()")
    board.key("Enter", 13, "\r")
    board.until("document.querySelector('.ends') !== null")
    assert board.run("document.activeElement.tagName") == "H1"


def test_a_row_opens_its_cases_and_a_case_its_clips(board: Page) -> None:
    board.run("document.querySelector('tbody a').click()")
    board.until("document.querySelector('.ends') !== null")
    said = board.run("document.querySelector('main').innerText")
    assert "Best" in said
    assert "Worst" in said
    assert "sha256 of the split" in board.run("document.querySelector('dl').textContent")
    board.run("document.querySelector('table tbody a').click()")
    board.until("document.querySelector('.chart svg') !== null")
    assert board.run("document.querySelectorAll('.gallery img').length") == 1
    assert board.run("document.querySelectorAll('.gallery video').length") >= 2


SHOWN = f"""[...document.querySelectorAll('.gallery video')].map((v) =>
    Math.floor(v.currentTime * {RATE} + 1e-6))"""


def open_case(page: Page) -> None:
    runs = page.run("Board.load('b0').then((d) => d.runs.map((r) => r[0]))")
    wanted = ",".join(str(runs.index(name)) for name in ("ours (built-in warp)", "LivePortrait"))
    page.go(f"#/b0/case/0?with={wanted}", "document.querySelector('.chart svg')")
    page.until("[...document.querySelectorAll('.gallery video')].every((v) => v.readyState >= 2)")
    assert page.run("document.querySelectorAll('.gallery video').length") == 3


@pytest.mark.parametrize("frame", [0, 2, 5, 9, 20, 31])
def test_every_clip_shows_what_came_from_the_same_driving_frame(frame: int, board: Page) -> None:
    open_case(board)
    board.run(f"""(() => {{ const s = document.querySelector('input[type=range]');
      s.value = {frame}; s.dispatchEvent(new Event('input')); }})()""")
    board.until("[...document.querySelectorAll('.gallery video')].every((v) => !v.seeking)")
    assert board.run(SHOWN) == [frame, frame, late(frame)]
    assert board.run("document.querySelector('output').textContent").startswith(f"{frame} of 31")


def test_clips_play_in_step(board: Page) -> None:
    """While it plays, clips are within two frames; where it stops, exactly together."""
    open_case(board)
    slowly = """(() => { const s = [...document.querySelectorAll('.player select')].pop();
      s.value = '0.25'; s.dispatchEvent(new Event('change')); })()"""
    board.run(slowly)
    board.run("document.querySelector('.player button').click()")
    board.until("Number(document.querySelector('input[type=range]').value) > 3")
    seen = set()
    while len(seen) < 4:
        driving, ours, other = board.run(SHOWN)
        assert abs(driving - ours) <= 2
        assert other in {late(frame) for frame in range(driving - 4, driving + 5)}
        seen.add(driving)
        time.sleep(0.05)
    board.run("document.querySelector('.player button').click()")
    board.until("[...document.querySelectorAll('.gallery video')].every((v) => !v.seeking)")
    now = board.run("Number(document.querySelector('input[type=range]').value)")
    assert board.run(SHOWN) == [now, now, late(now)]
    paused = "[...document.querySelectorAll('.gallery video')].every((v) => v.paused)"
    assert board.run(paused)


def test_a_served_site_plays_as_well(page: Page, site: str) -> None:
    folder = Path(unquote(urlsplit(site).path)).parent
    running = server(folder, 0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    try:
        page.console.clear()
        address = f"http://127.0.0.1:{running.server_address[1]}/"
        page.open(f"{address}#/b0", "document.querySelector('tbody tr') !== null")
        open_case(page)
        page.run("""(() => { const s = document.querySelector('input[type=range]');
          s.value = 20; s.dispatchEvent(new Event('input')); })()""")
        still = "[...document.querySelectorAll('.gallery video')].every((v) => !v.seeking)"
        page.until(still)
        assert page.run(SHOWN) == [20, 20, late(20)]
        assert page.console == []
    finally:
        page.call("Page.navigate", url="about:blank")
        running.shutdown()
        running.server_close()
        thread.join()


def test_curves_have_a_line_a_method_and_say_the_values(board: Page) -> None:
    open_case(board)
    keys = board.run("[...document.querySelectorAll('.keys li')].map((k) => k.textContent)")
    assert any(k.startswith(" ours (built-in warp)") for k in keys)
    assert any(k.startswith(" driving clip") for k in keys)
    dashes = board.run("""[...document.querySelectorAll('.chart')[0].querySelectorAll('.curve')]
      .map((c) => c.getAttribute('stroke-dasharray'))""")
    assert len(set(dashes)) == len(dashes) == 2  # told apart without colour, too
    gap = board.run("document.querySelector('.chart .curve').getAttribute('d').match(/M/g).length")
    assert gap == 2  # frame 5 has no value


def test_why_there_is_no_number_is_written_out(board: Page) -> None:
    """Not only in a hint that needs a mouse."""
    runs = board.run("Board.load('b0').then((d) => d.runs.map((r) => r[0]))")
    board.go(f"#/b0/run/{runs.index('Flaky & Sons')}", "document.querySelector('.ends')")
    said = board.run("document.querySelector('main').innerText")
    assert "unranked: not every judgeable case was measured" in said
    assert "Without a value (1)" in said
    notes = board.run("[...document.querySelectorAll('.notes li')].map((n) => n.textContent)")
    assert any("the method failed: ran longer than 600 s" in note for note in notes)
    board.go("#/b0/case/1", "document.querySelector('.chart svg')")
    assert "ran longer than 600 s" in board.run("document.querySelector('main').innerText")


def test_a_clip_that_cannot_be_played_says_so_and_the_others_go_on(board: Page) -> None:
    open_case(board)
    board.run("document.querySelectorAll('.gallery video')[1].src = 'media/none.mp4'")
    board.until("document.querySelectorAll('.gallery video').length === 2")
    assert "cannot play" in board.run("document.querySelector('.gallery').innerText")
    board.run("document.querySelector('.player button').click()")
    board.until("Number(document.querySelector('input[type=range]').value) > 2")
    board.run("document.querySelector('.player button').click()")
    board.console[:] = [line for line in board.console if "media/none.mp4" not in line
                        and "ERR_FILE_NOT_FOUND" not in line]  # fmt: skip


def test_hostile_names_stay_text(board: Page) -> None:
    assert EVIL.replace("\u2028", " ") in column(board, "method")
    assert board.run("document.querySelectorAll('main img, main b').length") == 0
    assert board.run("document.scripts.length") == 10  # those of the page; shards are gone again


def test_the_page_refuses_what_is_injected_all_the_same(page: Page, site: str) -> None:
    """If markup ever got in: inline scripts do not run, and strings are no markup."""
    page.open(f"{site}#/b0", "document.querySelector('tbody tr') !== null")
    page.run("""(() => { const s = document.createElement('div');
      try { s.innerHTML = '<img src=x onerror="window.bad=1">'; }
      catch (e) { window.said = e.name; } })()""")
    assert page.run("window.said") == "TypeError"
    assert page.run("window.bad") is None
    page.console.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["#/b0", "#/b0/run/0", "#/b0/case/0?with=0,1", "#/b0/cases"])
def test_axe_finds_nothing_serious(place: str, scheme: str, board: Page) -> None:
    """axe-core is not ours to ship: BENCH_AXE names axe.min.js."""
    path = os.environ.get("BENCH_AXE", "")
    if not Path(path).is_file():
        pytest.skip("BENCH_AXE names no axe.min.js")
    board.view(1280, 900, scheme)
    board.go(place, "document.querySelector('h1') && document.querySelector('table')")
    board.until("document.querySelector('tbody tr') !== null")
    board.run(Path(path).read_text("utf-8") + "; 0")
    found = board.run("""axe.run(document,
      {resultTypes: ['violations'], preload: false}).then((r) => r.violations
      .filter((v) => ['serious', 'critical'].includes(v.impact))
      .map((v) => [v.id, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]))""")
    assert found == []


def test_nothing_is_wider_than_a_phone(board: Page) -> None:
    board.view(390, 844, mobile=True)
    for place in ("#/b0", "#/b0/run/0", "#/b0/case/0?with=0,1", "#/b0/cases"):
        board.go(place, "document.querySelector('tbody tr') !== null")
        assert board.run("document.documentElement.scrollWidth <= 390"), place

"""Writing a site: first everything it needs, then the page that shows it.

``index.html`` names the folder of its data by content, ``data-<hash>``; it is replaced last and in
one step, so that a reader sees the old site or the new one. Media lie beside it under names made of
their content, and are made once.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from benchmark.errors import EnvironmentProblem, UsageProblem
from leaderboards.board.collect import Board, boards
from leaderboards.board.gather import LeftOut
from leaderboards.board.material import Material
from leaderboards.board.script import shard
from leaderboards.board.stream import Media, board_shards
from metrics.card import Card

ASSETS: tuple[str, ...] = (
    "icon.svg",
    "board.css",
    "core.js",
    "numbers.js",
    "grid.js",
    "run.js",
    "table.js",
    "curves.js",
    "player.js",
    "case.js",
    "app.js",
)
GENERATOR = '<meta name="generator" content="portraitbench board">'
_PART = "data.part"
_DATA = re.compile(r"data-[0-9a-f]{16}")
_MEDIA = re.compile(r"[0-9a-f]{64}(-\d+-\d+)?\.(png|mp4)")
_CUT = re.compile(r"\.[0-9a-f]{64}[-.\w]*\.part(\.\w+)?")

Cards = dict[str, Card]


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What is built.

    Attributes:
        out: Folder of the site.
        metrics: Names or protocol ids to show; empty for those that tables show by default.
        media: Whether portraits and clips are put into the site.
    """

    out: Path
    metrics: tuple[str, ...] = ()
    media: bool = True


@dataclass(frozen=True, slots=True)
class Built:
    """What was built.

    Attributes:
        page: The page to open.
        boards: Title of each board and the number of its rows.
        left: Runs that no board shows.
        missing: Media and frames that could not be had, by reason, with how many cases.
    """

    page: Path
    boards: tuple[tuple[str, int], ...]
    left: tuple[LeftOut, ...]
    missing: dict[str, int]


def build_site(
    folders: Sequence[Path],
    cards: Cards,
    material: Material,
    options: SiteOptions,
    say: Callable[[str], None],
) -> Built:
    """Build the boards of the runs among ``folders`` and directly inside them.

    Args:
        folders: Run directories, or folders of them.
        cards: Known definitions by protocol id, in the order of the columns.
        material: Tags, frames and pictures.
        options: What is built, and where.
        say: Told what is being done.

    Raises:
        UsageProblem: If there is no run that can be shown, or the folder holds something else.
        NotComparable: If this version knows no metric of any run.
        EnvironmentProblem: If the folder cannot be written.
    """
    check_out(options.out)
    found, left = boards(folders, cards, material, options.metrics)
    media = Media(options.out / "media" if options.media else None, material)
    try:
        data = _data(options.out, found, left, media, say)
        _page(options.out, data, found)
        _sweep(options.out, data, media.used)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {options.out}: {error.strerror or error}", "choose another --out"
        ) from None
    finally:
        shutil.rmtree(options.out / _PART, ignore_errors=True)
    titles = tuple((board.title, len(board.view.rows)) for board in found)
    return Built(options.out / "index.html", titles, tuple(left), media.missing)


def check_out(out: Path) -> None:
    """Refuse a folder that holds anything but a site of ours, or one that was begun.

    Raises:
        UsageProblem: If it does.
    """
    if not out.exists():
        return
    page = out / "index.html"
    if page.is_file() and GENERATOR in page.read_text("utf-8", "replace"):
        return
    if not out.is_dir() or not all(_begun(path) for path in out.iterdir()):
        raise UsageProblem(f"{out} is there and holds no board", "choose another --out")


def _begun(path: Path) -> bool:
    """Say whether a file or folder is what a build leaves that was stopped before its page."""
    if path.name == "media" and path.is_dir():
        return all(
            _MEDIA.fullmatch(file.name) or _CUT.fullmatch(file.name) for file in path.iterdir()
        )
    return path.name in (_PART, ".index.html.part") or bool(_DATA.fullmatch(path.name))


def _data(
    out: Path,
    found: Sequence[Board],
    left: Sequence[LeftOut],
    media: Media,
    say: Callable[[str], None],
) -> str:
    """Write shards and assets into a folder of their own; return its name."""
    part = out / _PART
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    digest = sha256()

    def write(name: str, text: str) -> None:
        content = text.encode("utf-8")
        digest.update(f"{name} {len(content)}\n".encode() + content)
        (part / name).write_bytes(content)

    folder = resources.files(__package__) / "assets"
    for name in ASSETS:
        write(name, (folder / name).read_text("utf-8"))
    index = {
        "boards": [board.summary() for board in found],
        "left": [[one.name, one.reason] for one in left],
    }
    write("index.js", shard("index", index))
    for board in found:
        say(f"{board.title}: {len(board.view.rows)} rows, {len(board.case_ids)} cases")
        for name, data in board_shards(board, media):
            write(f"{name}.js", shard(name, data))
    final = f"data-{digest.hexdigest()[:16]}"
    if (out / final).exists():
        shutil.rmtree(part)
    else:
        part.replace(out / final)
    return final


def _page(out: Path, data: str, found: Sequence[Board]) -> None:
    folder = resources.files(__package__) / "assets"
    scripts = [name for name in (*ASSETS, "index.js") if name.endswith(".js")]
    scripts.remove("app.js")
    tags = "\n".join(f'<script src="{data}/{name}"></script>' for name in (*scripts, "app.js"))
    page = (folder / "index.html").read_text("utf-8")
    page = page.replace("{{generator}}", GENERATOR).replace("{{data}}", data)
    part = out / ".index.html.part"
    part.write_text(page.replace("{{scripts}}", tags), encoding="utf-8")
    part.replace(out / "index.html")


def _sweep(out: Path, data: str, used: set[str]) -> None:
    """Remove what earlier builds left: data, and media that no page shows any more."""
    for folder in out.iterdir():
        if _DATA.fullmatch(folder.name) and folder.name != data:
            shutil.rmtree(folder, ignore_errors=True)
    media = out / "media"
    for file in media.iterdir() if media.is_dir() else ():
        ours = _MEDIA.fullmatch(file.name) or _CUT.fullmatch(file.name)
        if ours and file.name not in used:
            file.unlink()
    if media.is_dir() and not any(media.iterdir()):
        media.rmdir()

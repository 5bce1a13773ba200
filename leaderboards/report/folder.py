"""A folder that appears whole or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from benchmark.errors import EnvironmentProblem, UsageProblem

PAGE = "index.html"
GENERATOR = '<meta name="generator" content="portraitbench report">'
_LINK = re.compile(r'(?:href|src)="([^"#]+)"')


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Lend an empty folder that becomes ``out`` if nothing is raised, and is gone otherwise.

    A report of ours that is there is replaced; nothing else is touched. Of a link what it leads to
    is replaced.

    Raises:
        UsageProblem: If ``out`` is there and holds something else.
        EnvironmentProblem: If it cannot be written.
    """
    named, out = out, Path(os.path.realpath(out))
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
        check(named)
        out.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        try:
            yield part
            if out.exists():
                out.rename(old)
            part.rename(out)
        finally:
            shutil.rmtree(part, ignore_errors=True)
            if old.exists() and not out.exists():
                old.rename(out)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {named}: {error.strerror or error}", "choose another --out"
        ) from None


def check(out: Path) -> None:
    """Refuse a place that holds anything but a report of ours.

    Raises:
        UsageProblem: If it does.
    """
    if not out.name or out.name == "..":
        raise UsageProblem(f"{out} cannot be replaced by a report", "name a folder, as report/")
    if out.is_dir() and not any(out.iterdir()):
        return
    page = out / PAGE
    text = page.read_text("utf-8", "replace") if page.is_file() else ""
    if out.exists() and GENERATOR not in text:
        raise UsageProblem(f"{out} is there and holds no report", "choose another --out")
    for other in _others(out, text):
        raise UsageProblem(
            f"{out} holds {other} beside a report", "move it away, or choose another --out"
        )


def _others(out: Path, page: str) -> Iterator[str]:
    """Yield what lies in the folder of a report and is not named on its page."""
    ours = {PAGE, *(unquote(unescape(link)) for link in _LINK.findall(page))}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if name not in ours and (path.is_symlink() or not path.is_dir()):
            yield name

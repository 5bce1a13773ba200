"""A folder that appears whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark.errors import EnvironmentProblem, UsageProblem

PAGE = "index.html"
GENERATOR = '<meta name="generator" content="portraitbench report">'


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Lend an empty folder that becomes ``out`` if nothing is raised, and is gone otherwise.

    A report of ours that is there is replaced; nothing else is touched.

    Raises:
        UsageProblem: If ``out`` is there and holds something else.
        EnvironmentProblem: If it cannot be written.
    """
    check(out)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    old = out.with_name(f".{out.name}.{os.getpid()}.old")
    try:
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
            f"cannot write {out}: {error.strerror or error}", "choose another --out"
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
    ours = page.is_file() and GENERATOR in page.read_text("utf-8", "replace")
    if out.exists() and not ours:
        raise UsageProblem(f"{out} is there and holds no report", "choose another --out")

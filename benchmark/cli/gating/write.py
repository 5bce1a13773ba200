"""Writing a gate to files and to a workflow."""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmark.cli.gating.github import annotations
from benchmark.cli.gating.junit import junit
from benchmark.cli.gating.markdown import markdown
from benchmark.cli.gating.page import Page
from benchmark.cli.gating.plain import plain
from benchmark.errors import EnvironmentProblem
from benchmark.gate.judge import Judgement

SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a gate is written to, beside the terminal."""

    junit: Path | None = None
    json: Path | None = None
    comment: Path | None = None
    github: bool = False


def write_all(page: Page, judgement: Judgement, targets: Targets) -> None:
    """Write every form that was asked for.

    Raises:
        EnvironmentProblem: If one cannot be written.
    """
    if targets.junit:
        _write(targets.junit, junit(page))
    if targets.json:
        _write(targets.json, plain(page, judgement))
    if targets.comment:
        _write(targets.comment, markdown(page))
    if targets.github:
        for line in annotations(page):
            print(line)
        if summary := os.environ.get(SUMMARY):
            _append(Path(summary), markdown(page))


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A path may hold bytes that are no text.
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        part.replace(path)
    except OSError as error:
        raise _cannot(path, error) from None


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"cannot write {path}: {error.strerror}", "choose another place")

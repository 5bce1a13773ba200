"""What the code of a method outside is made of: its commit, and what differs from it."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from benchmark.provenance import git

_CODE = (".py", ".yaml", ".yml", ".toml")
_MOST_FILES = 5_000
_SKIPPED = {"env", "venv", "runs", "node_modules", "__pycache__"}


def checkout_content(repository: Path) -> Iterator[tuple[str, str]]:
    """Yield names and contents that identify the code in ``repository``.

    A git work tree is its commit and the code that differs from it; another folder all of its
    code, up to 5,000 files. Weights and results are no code.
    """
    if not repository.is_dir():
        return
    commit = git(repository, "rev-parse", "HEAD") if (repository / ".git").exists() else None
    if commit is None:
        yield from ((str(p.relative_to(repository)), _sha256(p)) for p in _code_below(repository))
        return
    yield "commit", commit
    changed = git(repository, "diff", "--name-only", "-z", "HEAD") or ""
    added = git(repository, "ls-files", "--others", "--exclude-standard", "-z") or ""
    for name in sorted({*changed.split("\0"), *added.split("\0")} - {""}):
        path = repository / name
        if path.suffix in _CODE:
            yield name, _sha256(path) if path.is_file() else "removed"


def commit_of(repository: Path) -> str:
    """Return the commit of ``repository``; empty where it is no git work tree."""
    if not (repository / ".git").exists():
        return ""
    return git(repository, "rev-parse", "HEAD") or ""


def _code_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _SKIPPED and not f.startswith("."))
        found += [Path(root) / name for name in sorted(names) if name.endswith(_CODE)]
        if len(found) >= _MOST_FILES:
            break
    return found[:_MOST_FILES]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

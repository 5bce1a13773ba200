"""The walls of the house: imports point one way, and the front door opens quickly."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

ROOMS = ("adapters", "metrics", "benchmark", "leaderboards")
MAY_IMPORT = {
    "adapters": {"adapters"},
    "metrics": {"metrics"},
    "benchmark": {"benchmark", "adapters", "metrics"},
    "leaderboards": {
        "leaderboards",
        "benchmark.store",
        "benchmark.errors",
        "benchmark.names",
        "benchmark.speed.record",
        "metrics",
    },
    "benchmark.cli": {*ROOMS},
}
HEAVY = {"torch", "mediapipe", "cv2", "av", "umap", "pandas", "matplotlib", "scipy", "pydantic"}


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in ROOMS}


def inside(name: str, allowed: set[str]) -> bool:
    return any(name == room or name.startswith(room + ".") for room in allowed)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    relative = path.relative_to(ROOT)
    room = "benchmark.cli" if relative.parts[:2] == ("benchmark", "cli") else relative.parts[0]
    for name in imports(path):
        assert inside(name, MAY_IMPORT[room]), f"{relative} imports {name}"
        if room != "benchmark.cli":
            assert not inside(name, {"benchmark.cli"}), f"{relative} imports {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from benchmark.cli.main import app; "
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not HEAVY & set(done.stdout.split())


def test_no_two_test_modules_have_one_name() -> None:
    """Pytest imports them by name alone: of two, one would not run."""
    seen: dict[str, Path] = {}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path.name != "conftest.py":
            assert path.name not in seen, f"{path} and {seen[path.name]}"
            seen[path.name] = path

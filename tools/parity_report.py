"""Write docs/parity.md: run the parity tests and turn what they measured into a table.

    python tools/parity_report.py [--records FILE]

Needs the reference implementations (`pip install '.[parity]'`); what is not installed is listed as
not compared. With `--records` the tests are not run: FILE is what an earlier run left.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import Any

from leaderboards.formats.markdown import escape

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "parity.md"
PACKAGES = ("torch", "numpy", "onnxruntime", "opencv-contrib-python", "mediapipe")
HEAD = """# Parity

Written by `tools/parity_report.py`; do not edit. Each line is a test in `tests/parity/`: our number
and the reference's on the same input, their difference as it was measured, and the bound that the
test holds. Networks are compared with the same weights in both: official ones where they can be
had, else generated ones, which prove the arithmetic just as well. A metric is compared with its
reference wherever the reference is a package that can be installed; formulas without one have
known-answer tests instead.
"""


def measure(records: Path) -> int:
    """Run the parity tests with ``records`` as their record; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/parity", "-p", "no:cacheprovider"]
    environment = {**os.environ, "BENCH_PARITY_RECORD": str(records)}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def page(entries: list[dict[str, Any]]) -> str:
    """Return the page of what was recorded."""
    compared = sorted((e for e in entries if "difference" in e), key=_what)
    skipped = sorted((e["skipped"], e["reason"]) for e in entries if "skipped" in e)
    lines = [HEAD, *_table(compared), ""]
    if skipped:
        lines += ["Not compared when this page was written:", "", *_skips(skipped), ""]
    return "\n".join([*lines, _surroundings()]) + "\n"


def _table(compared: list[dict[str, Any]]) -> Iterator[str]:
    yield "| metric or network | reference | compared | difference | bound |"
    yield "|---|---|---|--:|--:|"
    for _, same in groupby(compared, key=_what):
        yield _line(list(same))


def _line(same: list[dict[str, Any]]) -> str:
    """Return the line of comparisons of one kind: the one that came nearest to its bound."""
    worst = max(same, key=lambda e: e["difference"] / e["bound"])
    on = worst["on"]
    if len({entry["on"] for entry in same}) > 1:
        on += f" (the worst of {len(same)})"
    cells = (
        f"`{worst['metric']}`",
        escape(f"{worst['reference']} {worst['version']}"),
        escape(f"{worst['of']}; {on}"),
        f"{worst['difference']:.1e}" if worst["difference"] else "0",
        f"{worst['bound']:.0e}",
    )
    return f"| {' | '.join(cells)} |"


def _what(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(entry[key] for key in ("metric", "reference", "version", "of"))


def _skips(skipped: list[tuple[str, str]]) -> Iterator[str]:
    for reason, tests in groupby(sorted(skipped, key=lambda s: s[1]), key=lambda s: s[1]):
        files = dict.fromkeys(Path(test.partition("::")[0]).name for test, _ in tests)
        yield f"- {', '.join(f'`{name}`' for name in files)}: {escape(reason)}"


def _surroundings() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return (
        f"Measured with Python {platform.python_version()} on {platform.system()} "
        f"({platform.machine()}, CPU): {', '.join(found)}."
    )


def main() -> int:
    """Write the page; return 1 if a comparison failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=Path, help="what an earlier run of the tests left")
    chosen = parser.parse_args().records
    with tempfile.TemporaryDirectory() as place:
        records = chosen or Path(place) / "records.jsonl"
        code = 0 if chosen else measure(records)
        lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    PAGE.write_text(page([json.loads(line) for line in lines]), encoding="utf-8", newline="\n")
    return int(code != 0)


if __name__ == "__main__":
    sys.exit(main())

"""The check of flags against source: what it finds, and that what it found is of these rows."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT

from adapters.description import Description
from adapters.rows import our_rows

sys.path.append(str(ROOT))
from tools import check_flags, method_docs

SCRIPT = """
import argparse
from lib.config import parser
seed = 43
parser.add_argument("--image", "-i", type=str, required=True)
parser.add_argument("--steps", type=int, default=1)
parser.add_argument("--mode", choices=["fast", "slow"], default="slow")
parser.add_argument("--area", type=int, nargs=2, default=[1280, 720])
parser.add_argument("--fast", action="store_true")
"""
CLASSES = """
import dataclasses, tyro
@dataclasses.dataclass
class Arguments:
    source: Annotated[str, tyro.conf.arg(aliases=["-s"])] = "s.png"
    flag_relative: bool = True
    region: Literal["lip", "all"] = "all"
"""
FILES = {
    "run.py": SCRIPT,
    "tyro_run.py": "from src.config import Arguments\n",
    "src/config.py": CLASSES,
    "config/x.yaml": "seed: 3\nsteps: 25\ntest_cases:\n  a:\n  - b\n",
}


class Held(check_flags.Clone):
    """Files that are no clone."""

    def __init__(self) -> None:
        pass

    def read(self, path: str) -> str | None:
        return FILES.get(path)

    def files(self, *suffixes: str) -> list[str]:
        return [path for path in FILES if path.endswith(suffixes)]


def found(command: list[str], **words: Any) -> check_flags.Found:
    if command[:1] != ["{python}"]:
        command = ["{python}", "run.py", *command]
    row = {"name": "x", "label": "X", "output": "{out}/r.mp4", "command": command, **words}
    return check_flags.check(Description.model_validate(row), Held())


def test_flags_that_fit_and_defaults_that_differ() -> None:
    good = found(["-i", "{source}", "--steps", "{steps}", "--mode", "fast", "--area", "1280",
                  "720", "--fast"], options={"steps": 30})  # fmt: skip
    assert good.problems == []
    assert len(good.flags) == 5
    assert good.differences == ["--steps: 30, by default 1", "--mode: fast, by default slow"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["-i", "x", "--step", "3"], "run.py knows no --step"),
        (["--steps", "3"], "run.py insists on --image"),
        (["-i", "x", "--steps", "3.5"], "--steps takes int, not 3.5"),
        (["-i", "x", "--mode", "medium"], "--mode takes one of fast, slow, not medium"),
        (["-i", "x", "--fast", "yes"], "--fast takes no value"),
        (["-i", "x", "--steps"], "--steps takes a value"),
    ],
)
def test_what_does_not_fit_is_said(command: list[str], said: str) -> None:
    assert found(command).problems == [said]


def test_a_script_that_is_not_there_is_said() -> None:
    assert found(["{python}", "gone.py"]).problems == ["there is no gone.py"]


def test_settings_of_data_classes_are_options() -> None:
    good = found(["{python}", "tyro_run.py", "-s", "{source}", "--no_flag_relative"],
                 components={"mouth": ["--region", "lip"]})  # fmt: skip
    assert good.problems == []
    assert good.differences == ["--region: lip, by default all"]
    bad = found(["{python}", "tyro_run.py", "--no_region"])
    assert bad.problems == ["tyro_run.py knows no --no_region"]


def test_constants_and_keys_are_held_too() -> None:
    command = ["{python}", "{hooks}/constants.py", "run.py", "seed:=1", "speed:=2", "--", "-i", "x"]
    bad = found(command)
    assert bad.problems == ["run.py does not set speed"]
    assert bad.differences == ["seed: 1, by default 43"]
    file = {"path": "{work}/c.yaml", "content": "seed: {seed}\nsteps: 30\nextra: 1\n"}
    keys = found(["-i", "x"], files=[file])
    assert keys.problems == ["config/x.yaml has no key extra"]
    assert keys.differences == ["steps: 30, by default 25"]


KEPT = json.loads(check_flags.KEPT.read_text(encoding="utf-8"))
PUBLIC = [name for name, row in our_rows().items() if row.public]


@pytest.mark.parametrize("name", PUBLIC)
def test_each_rows_flags_were_checked_as_they_stand(name: str) -> None:
    row = our_rows()[name]
    assert name in KEPT, f"run: python -m tools.check_flags {name}=CLONE --write"
    kept = KEPT[name]
    assert kept["commit"] == row.commit
    assert kept["words"] == check_flags.digest(row), "changed since it was checked"
    assert kept["problems"] == []
    assert kept["flags"] > 0


def test_the_page_of_methods_is_current() -> None:
    written = Path(method_docs.PAGE).read_text(encoding="utf-8")
    assert written == method_docs.page(), "run: python -m tools.method_docs"
    for row in our_rows().values():
        assert row.label.split(" (")[0] in written
        for text in row.footnotes:
            assert text in written.replace("\\", "")

"""Getting a method: what is printed is what is done, and what is done is not done again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.description import Description
from adapters.rows import our_rows
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.setup import run_steps, setup_steps


@pytest.fixture
def row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Description:
    """A method whose repository is a folder on this disk."""
    monkeypatch.setenv("BENCH_METHODS", str(tmp_path / "methods"))
    monkeypatch.delenv("BENCH_OFFLINE", raising=False)
    origin = tmp_path / "origin"
    origin.mkdir()
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    (origin / "infer.py").write_text("first")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(origin), *who, *words], check=True)
    commit = subprocess.run(
        ["git", "-C", str(origin), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (origin / "infer.py").write_text("second")
    subprocess.run(["git", "-C", str(origin), *who, "commit", "-qam", "two"], check=True)
    return Description.model_validate(
        {
            "name": "toy",
            "label": "Toy",
            "repository": str(origin),
            "commit": commit,
            "licence": "MIT",
            "command": ["{python}", "infer.py"],
            "output": "{out}/r.mp4",
            "environment": {
                "python": f"{sys.version_info.major}.{sys.version_info.minor}",
                "setup": [["{python}", "-c", "open('ran', 'a').write('x')"]],
            },
            "weights": [
                {
                    "path": "weights",
                    "source": "nowhere",
                    "fetch": ["{python}", "-c", "import os; os.mkdir('weights'); "
                              "open('weights/model', 'w').close()"],
                },
                {"path": "extra.bin", "source": "a friend"},
            ],
        }
    )  # fmt: skip


@pytest.mark.slow
def test_it_clones_at_the_commit_and_goes_on_where_it_stopped(
    row: Description, tmp_path: Path
) -> None:
    said: list[str] = []
    by_hand = run_steps(setup_steps(row), said.append)
    repository = tmp_path / "methods" / "toy" / "repository"
    assert (repository / "infer.py").read_text() == "first"
    assert (repository / "ran").read_text() == "x"
    assert (repository / "weights" / "model").is_file()
    assert os.access(tmp_path / "methods" / "toy" / "env" / "bin" / "python", os.X_OK)
    assert [step.by_hand for step in by_hand] == ["put extra.bin there, from a friend"]
    said.clear()
    run_steps(setup_steps(row), said.append)
    assert all(line.startswith("done already") for line in said)
    assert (repository / "ran").read_text() == "x"


def test_a_step_that_fails_says_which(row: Description) -> None:
    wrong = row.model_copy(update={"commit": "0" * 40})
    with pytest.raises(EnvironmentProblem, match="commit: git ended with code") as caught:
        run_steps(setup_steps(wrong), lambda text: None)
    assert "goes on from this step" in caught.value.remedy
    with pytest.raises(EnvironmentProblem, match="commit: git ended with code"):
        run_steps(setup_steps(wrong), lambda text: None)  # the clone is made anew


@pytest.mark.slow
def test_weights_that_came_half_are_fetched_again(row: Description, tmp_path: Path) -> None:
    write = (
        "import os; os.makedirs('weights', exist_ok=True); open('weights/model', 'a').write('x')"
    )
    fetch = ("{python}", "-c", f"{write}; raise SystemExit(os.path.exists('cut'))")
    again = row.model_copy(
        update={"weights": (row.weights[0].model_copy(update={"fetch": fetch}),)}
    )
    cut = tmp_path / "methods" / "toy" / "repository" / "cut"
    steps = setup_steps(again)
    run_steps(steps[:-1], lambda text: None)
    cut.touch()
    with pytest.raises(EnvironmentProblem, match=r"weights weights: .*python ended with code 1"):
        run_steps(steps, lambda text: None)
    cut.unlink()
    said: list[str] = []
    for _ in range(2):
        said.clear()
        run_steps(steps, said.append)
    assert (cut.parent / "weights" / "model").read_text() == "xx"
    assert said[-1] == "done already: weights weights"


def test_nothing_is_fetched_offline(row: Description, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_OFFLINE", "1")
    with pytest.raises(EnvironmentProblem, match="BENCH_OFFLINE forbids"):
        run_steps(setup_steps(row), lambda text: None)


def test_every_public_row_can_be_printed_and_the_others_say_why() -> None:
    for row in our_rows().values():
        if row.public:
            steps = setup_steps(row)
            assert steps[0].command[:2] == ("git", "clone")
            assert row.commit in steps[1].command
            assert all(step.command or step.by_hand for step in steps)
        else:
            with pytest.raises(UsageProblem, match="nothing to set up"):
                setup_steps(row)

"""Getting a method of others onto this machine: its code, its environment, its weights."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.description import Description, Weights
from adapters.words import filled_all
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.homes import methods_dir
from benchmark.paths import offline


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a setup, or something only a person can do.

    Attributes:
        what: What it is for.
        command: Argument list; empty where a person has to act.
        folder: Where it runs.
        done: A path that exists once it is done; ``None`` if it has to run each time.
        by_hand: What a person has to do.
        clears: What an attempt that failed may have left, removed before it starts.
        begun: A file that is there while it runs: if it is found, ``done`` is only half of it.
    """

    what: str
    command: tuple[str, ...]
    folder: Path
    done: Path | None = None
    by_hand: str = ""
    clears: Path | None = None
    begun: Path | None = None


def setup_steps(row: Description) -> list[Step]:
    """Return what it takes to get ``row``, in order.

    Raises:
        UsageProblem: If there is no code to get.
    """
    if not row.public or not row.repository:
        raise UsageProblem(f"there is nothing to set up for {row.label}: {row.why or 'no address'}")
    home = methods_dir() / row.name
    repository, env = home / "repository", home / "env"
    python = env / "bin" / "python"
    partial = home / "repository.part"
    steps = [
        Step("code", ("git", "clone", row.repository, str(partial)), home, repository, "", partial),
        Step("commit", ("git", "-C", str(partial), "checkout", row.commit), home, repository),
        Step("in place", ("mv", str(partial), str(repository)), home, repository),
        Step(
            "environment",
            _new_environment(row.environment.python, env),
            home,
            python,
            begun=home / "environment.begun",
        ),
    ]
    values = {"python": str(python), "repository": str(repository)}
    for number, command in enumerate(row.environment.setup):
        marker = home / f"setup-{number}.done"
        words = tuple(filled_all(command, values))
        steps.append(Step("packages", words, repository, marker))
    for number, item in enumerate(row.weights):
        begun = home / f"weights-{number}.begun"
        steps.append(replace(_weights(item, repository, values), begun=begun))
    return steps


def _new_environment(version: str, env: Path) -> tuple[str, ...]:
    """Return the command that makes an environment of a Python version, by what is at hand."""
    interpreter = f"python{version}"
    if shutil.which(interpreter):
        return (interpreter, "-m", "venv", str(env))
    if shutil.which("conda"):
        return ("conda", "create", "-y", "-p", str(env), f"python={version}")
    return ("uv", "venv", "--seed", "--python", version, str(env))


def _weights(item: Weights, repository: Path, values: dict[str, str]) -> Step:
    what = f"weights {item.path}" + (f" ({item.licence})" if item.licence else "")
    place = repository / item.path
    if item.fetch:
        return Step(what, tuple(filled_all(item.fetch, values)), repository, place)
    return Step(what, (), repository, place, f"put {item.path} there, from {item.source}")


def run_steps(steps: list[Step], say: Callable[[str], None]) -> list[Step]:
    """Carry out what is not done yet; return the steps that a person has to do.

    Raises:
        EnvironmentProblem: If a command is missing or fails; the same call goes on from there.
    """
    if offline():
        raise EnvironmentProblem("BENCH_OFFLINE forbids fetching", "unset it, or bring the files")
    by_hand = []
    for step in steps:
        if step.done is not None and _is_done(step.done) and not _is_half_done(step):
            say(f"done already: {step.what}")
            continue
        if step.by_hand:
            by_hand.append(step)
            continue
        say(f"{step.what}: {' '.join(step.command)}")
        _run(step)
    return by_hand


def _is_done(path: Path) -> bool:
    # Repositories ship empty folders where weights belong.
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _is_half_done(step: Step) -> bool:
    return step.begun is not None and step.begun.is_file()


def _run(step: Step) -> None:
    if step.clears is not None:
        shutil.rmtree(step.clears, ignore_errors=True)
    step.folder.mkdir(parents=True, exist_ok=True)
    if step.begun is not None:
        step.begun.touch()
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME"}}
    try:
        code = subprocess.run(  # noqa: S603 - from a description, no shell
            step.command, cwd=step.folder, env=environment, check=False
        ).returncode
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot run {step.command[0]}: {error.strerror}", "install it, then call this again"
        ) from None
    if code:
        raise EnvironmentProblem(
            f"{step.what}: {step.command[0]} ended with code {code}",
            "its output is above; the same command goes on from this step",
        )
    if step.begun is not None:
        step.begun.unlink(missing_ok=True)
    if step.done is not None and step.done.suffix == ".done":
        step.done.touch()

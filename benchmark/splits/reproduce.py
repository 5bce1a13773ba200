"""Preparing a dataset again from its recipe: on another machine, or by other rules."""

from dataclasses import dataclass, replace
from pathlib import Path

from adapters.base import Face, Frame
from benchmark.errors import UsageProblem
from benchmark.splits.convert import Progress
from benchmark.splits.importer import ImportPlan, ImportReport, import_folder, versions
from benchmark.splits.recipe import NAME, Recipe, read_recipe
from benchmark.splits.rules import Rules


@dataclass(frozen=True, slots=True)
class Again:
    """What to prepare again.

    Attributes:
        recipe: Of the earlier import.
        root: Folder with the same originals.
        out: Folder to make.
        rules: Other rules than the recipe's; ``None``: the same, and the results are compared.
        jobs: Originals worked on at the same time.
    """

    recipe: Recipe
    root: Path
    out: Path
    rules: Rules | None = None
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it.

    Attributes:
        report: As of an import.
        different: A line for each file or split that is not as the recipe says; empty if the
            dataset is the recipe's, or was made by other rules.
        compared: Whether there was anything to compare with.
    """

    report: ImportReport
    different: tuple[str, ...]
    compared: bool


def prepare_again(again: Again, progress: Progress = lambda step, done, total: None) -> Comparison:
    """Prepare the originals of a recipe without looking for faces.

    Raises:
        UsageProblem: If an original is missing or another one, or the rules ask for frames that
            were never looked at.
        EnvironmentProblem: If ``again.out`` cannot be written.
    """
    recipe, asked = again.recipe, again.recipe.wanted
    rules = asked.rules if again.rules is None else again.rules
    if rules.max_frames != asked.rules.max_frames or (
        rules.max_frames is not None and rules.fps != asked.rules.fps
    ):
        raise UsageProblem(
            "the recipe looked for faces in other frames than these rules need",
            "import again with these rules",
        )
    plan = ImportPlan(
        root=again.root,
        out=again.out,
        name=recipe.name,
        wanted=replace(asked, rules=rules),
        tracker_id=f"recipe of {recipe.tracker}",
        jobs=again.jobs,
        recipe=recipe,
    )
    report = import_folder(plan, _not_looked, progress)
    if rules != asked.rules:
        return Comparison(report, (), compared=False)
    made = read_recipe(again.out / NAME, asked.ask.pairs)
    return Comparison(report, tuple(_differences(recipe, made)), compared=True)


def _not_looked(frame: Frame, max_faces: int) -> list[Face]:
    raise AssertionError("a recipe holds all surveys")


def _differences(recipe: Recipe, made: Recipe) -> list[str]:
    lines = [
        f"{path}: {'differs' if path in made.files else 'missing'}"
        for path, sha256 in recipe.files.items()
        if made.files.get(path) != sha256
    ]
    lines += [f"{path}: not in the recipe" for path in made.files if path not in recipe.files]
    lines += [
        f"split {name}: {made.splits.get(name, 'missing')[:12]}, in the recipe {sha256[:12]}"
        for name, sha256 in recipe.splits.items()
        if made.splits.get(name) != sha256
    ]
    if lines:
        lines += [
            f"made with {name} {version}, the recipe with {recipe.versions.get(name, 'unknown')}"
            for name, version in versions().items()
            if recipe.versions.get(name) != version
        ]
    return lines

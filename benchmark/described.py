"""Rows that are run outside: from a description and the user's words to something that runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.description import Description, Invocation, invocation
from adapters.faults import first_fault
from benchmark.config import MethodEntry
from benchmark.errors import BenchError, EnvironmentProblem, UsageProblem
from benchmark.homes import Place, methods_dir, missing_weights, place_of, weight_files
from benchmark.spec import MethodSpec

COMMAND = "adapters.command:Command"
RESIDENT = "adapters.resident:Resident"
_OF_A_COMMAND = {"command", "self", "cross", "components", "output"}
OWN_CROP = (
    "{} shows a crop of its own around the face: in self-reenactment it is laid back where the "
    "landmarks of its first frame fit the driving frame best, in cross-reenactment it stays a crop."
)
APART = "{} animates one face: people are cut apart, animated one by one and laid back."
_SHOWN = 60
_TABLES = {"options", "inputs", "frames", "result", "environment"}
_ONE_SHOT = "a process a case: loading cannot be told from running"


def described(
    name: str, row: Description | None, entry: MethodEntry | None, folder: Path
) -> MethodSpec:
    """Return the method that ``row`` describes, as ``entry`` of ``bench.toml`` changes it.

    Args:
        name: The method.
        row: The description in this package or a plugin; ``None`` for a method of the user's.
        entry: What ``bench.toml`` says; ``None`` if nothing.
        folder: Folder of ``bench.toml``.

    Raises:
        UsageProblem: If the words of ``entry`` do not fit.
    """
    merged = _merged(name, row, entry)
    place = place_of(row.name if row is not None else name, entry, folder, ours=row is not None)
    worker = bool(merged.worker) and (entry is None or entry.mode != "once")
    worker = worker or not merged.command
    overrides = entry.described if entry is not None and row is not None else {}
    if worker and (idle := sorted(set(overrides) & _OF_A_COMMAND)):
        raise UsageProblem(
            f"methods.{name}: '{idle[0]}' means nothing to its worker, {merged.worker}",
            'add mode = "once" to run its command, or set options',
        )
    return MethodSpec(
        name,
        merged.label,
        RESIDENT if worker else COMMAND,
        options={"how": invocation(merged), "home": place.home},
        no_speed="" if worker else _ONE_SHOT,
        note=" ".join(_footnotes(merged)),
        description=_in_a_line(merged, mine=row is None),
        watched=weight_files(merged, place),
        row=merged,
        absent=_nowhere(name, place) if row is None else _absent(merged, place),
    )


def _merged(name: str, row: Description | None, entry: MethodEntry | None) -> Description:
    words: dict[str, Any] = (
        {"name": name, "label": name}
        if row is None
        else row.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    )
    if entry is not None:
        given = entry.described
        for table in _TABLES & set(given):  # one word of a table leaves its other words alone
            given[table] = {**words.get(table, {}), **given[table]}
        words = {**words, **given}
        words |= {"name": name, "label": entry.label or words["label"], "aliases": []}
        words["command"] = _with_its_python(words.get("command", ()))
        if entry.command:
            words.pop("why", None)
    try:
        return Description.model_validate(words)
    except ValidationError as error:
        message = first_fault(error, "methods", name)
        raise UsageProblem(message, "see docs/add-a-method.md") from None


def _with_its_python(command: Sequence[str]) -> list[str]:
    """Return the command with its own interpreter where it begins with plain ``python``.

    Whatever ``python`` is found first is that of whoever types ``bench``.
    """
    plain = bool(command) and command[0] in {"python", "python3"}
    return ["{python}", *command[1:]] if plain else list(command)


def _footnotes(row: Description) -> list[str]:
    """Return what tables print under the row: its own words, and what its description implies."""
    notes = list(row.footnotes)
    if row.result.geometry == "face":
        notes.append(OWN_CROP.format(row.label))
    if row.faces == "apart":
        notes.append(APART.format(row.label))
    return notes


def _in_a_line(row: Description, *, mine: bool) -> str:
    if not mine:
        out = "excluded" if row.repository else "no public code"
        return f"{row.label} ({out})" if row.why else row.label
    words = " ".join(row.command or ("a worker,", row.worker)).replace("{python}", "python", 1)
    return f"yours: {words if len(words) <= _SHOWN else words[: _SHOWN - 3] + '...'}"


def _absent(row: Description, place: Place) -> BenchError | None:
    """Say in three lines why the method cannot be run here and how to get it."""
    name = row.name
    if row.why:
        return UsageProblem(
            f"{row.label} cannot be run: {row.why}",
            f"score its finished videos: --method precomputed:FOLDER, FOLDER/<case id>.mp4\n"
            f'or as a row of its own in bench.toml: [methods.{name}] videos = "FOLDER"',
        )
    where = f'if it is elsewhere, bench.toml: [methods.{name}] at = "FOLDER"'
    if not place.repository.is_dir():
        looked = (
            "" if place.repository.is_relative_to(methods_dir()) else f": no {place.repository}"
        )
        return EnvironmentProblem(
            f"{row.label} is not on this machine{looked}",
            f"get it: bench methods setup {name} (then again with --run)\n{where}",
        )
    if missing := missing_weights(row, place):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return EnvironmentProblem(
            f"{row.label} lacks its weights: no {missing[0]}{more} in {place.repository}",
            f"where they come from: bench methods setup {name}\n{where}",
        )
    return None


def _nowhere(name: str, place: Place) -> BenchError | None:
    """Say that a method of the user's has no folder to run in."""
    if place.repository.is_dir():
        return None
    return UsageProblem(
        f"methods.{name}: there is no folder {place.repository}",
        'at = "FOLDER" names the folder of its code, seen from that of bench.toml',
    )


def once(spec: MethodSpec) -> bool:
    """Say whether the method is run as one process a case."""
    return spec.target == COMMAND


def words_of(spec: MethodSpec) -> Invocation:
    """Return the words that a described method is run by."""
    return Invocation.model_validate(spec.options["how"])

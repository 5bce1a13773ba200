"""``bench run --preset``: a paper's comparison, and what it lacks here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.plan import Plan, RunOptions
    from benchmark.presets import Part, Preset
    from benchmark.presets.readiness import Readiness
    from benchmark.splits.manifest import Split
    from leaderboards.published import PublishedColumn, PublishedTable

_SPEEDS = "portraitdirector-3"
"""The published table that has frames a second of many methods on one machine."""
_EMPTY = "–"


def parts_of(preset: "Preset", split: str, methods: list[str]) -> list["Part"]:
    """Return what is run: every part, or that on ``split``; with ``methods`` in place of its own.

    Raises:
        UsageProblem: If no part is on that split.
    """
    chosen = [preset.part(split)] if split else list(preset.parts)
    return [part.model_copy(update={"methods": tuple(methods)}) if methods else part
            for part in chosen]  # fmt: skip


def with_metrics(preset: "Preset", options: "RunOptions") -> "RunOptions":
    """Return ``options`` with the preset's metrics, unless others were asked for."""
    return options if options.metrics else replace(options, metrics=preset.metrics)


def refuse_what_does_not_fit(preset: "Preset", parts: list["Part"], data: Path | None) -> None:
    """Say no before hours are spent on a comparison that is none.

    Raises:
        UsageProblem: If a split has another protocol than the preset.
    """
    from benchmark.errors import UsageProblem
    from benchmark.presets.readiness import misfit
    from benchmark.splits.sources import data_root, open_split

    for part in parts:
        if said := misfit(open_split(part.split, data_root(data)), preset.protocol):
            raise UsageProblem(
                f"split {part.split} does not fit {preset.name}: {said}",
                f"make one that does: bench data import --protocol {preset.protocol}\n"
                "what else is missing: add --dry-run",
            )


def describe_preset(
    preset: "Preset",
    parts: list["Part"],
    data: Path | None,
    config: Path | None,
    options: "RunOptions",
) -> None:
    """Print what a preset would run, what is missing, how long it takes, and what is published."""
    from benchmark.presets.readiness import largest_gpu_gb

    _say(f"preset   {preset.name}: {preset.title}")
    _say(f"protocol {preset.protocol} (bench data protocols)")
    _say(f"metrics  {', '.join(options.metrics)}")
    for text in preset.differs:
        _say(f"differs  {text}")
    gpu = largest_gpu_gb()
    _say(f"GPU here {f'{gpu:.0f} GB' if gpu else 'none'}")
    for part in parts:
        _say("")
        _describe_part(_Shown(preset, part, _split_of(part, data), options, gpu), config)


def _split_of(part: "Part", data: Path | None) -> "Split | None":
    """Return the split of a part; nothing if there is none of its name."""
    from benchmark.splits.sources import data_root, manifests, open_split

    root = data_root(data)
    return open_split(part.split, root) if part.split in manifests(root) else None


@dataclass(frozen=True, slots=True)
class _Shown:
    """A part with what is known of it."""

    preset: "Preset"
    part: "Part"
    split: "Split | None"
    options: "RunOptions"
    gpu_gb: float | None


def _describe_part(shown: _Shown, config: Path | None) -> None:
    from benchmark.cli.lists import ListFormat, print_rows
    from benchmark.config import read_config
    from benchmark.methods import find_method, look_up
    from benchmark.plan import make_plan
    from benchmark.presets.readiness import readiness
    from leaderboards.published import load

    part, split = shown.part, shown.split
    settings, folder = read_config(config)
    driver = find_method("driver", settings, folder)
    plan = None if split is None else make_plan(driver, split, shown.options)
    _say_split(shown, plan)
    ready = [readiness(look_up(n, settings, folder), split, shown.gpu_gb) for n in part.methods]
    speeds, where = _published_speeds()
    rows = [_row(one, plan, speeds.get(part.printed.get(one.name, one.name))) for one in ready]
    print_rows(rows, ["method", "missing here", "GPU memory", "generation"], ListFormat.TABLE)
    if plan is not None:
        _say(f"generation by the speed that {where} states")
    if plan is not None and any(card.timing for card in plan.cards):
        for note in dict.fromkeys(note for one in ready for note in one.notes):
            _say(f"{note}: {', '.join(one.name for one in ready if note in one.notes)}")
    _say("")
    _beside(load().table(part.table), part, {one.name: one.label for one in ready})


def _say_split(shown: _Shown, plan: "Plan | None") -> None:
    from benchmark.presets.readiness import misfit

    name, wanted = shown.part.split, shown.preset.protocol
    if shown.split is None or plan is None:
        _say(f"missing  split {name}: bench data import --protocol {wanted}, then --data")
    else:
        header = shown.split.header
        amount = f"{len(plan.cases)} cases, {plan.total_frames} frames"
        _say(f"split    {header.dataset}/{header.split} version {header.version}: {amount}")
        if said := misfit(shown.split, wanted):
            _say(f"missing  a split of protocol {wanted}: {said}")
        _say(f"measure  {_measuring(plan)} for each method")
    _say(f"paper    {shown.part.shape}")


def _row(one: "Readiness", plan: "Plan | None", speed: float | None) -> dict[str, str]:
    from benchmark.cli.estimate import span

    took = "unknown"
    if plan is not None and speed is not None:
        took = f"about {span(plan.total_frames / speed)}"
    return {
        "method": one.name,
        "missing here": ", ".join(one.missing) or "nothing",
        "GPU memory": one.gpu,
        "generation": took,
    }


def _measuring(plan: "Plan") -> str:
    from benchmark.cli.estimate import span
    from benchmark.costs import estimate, known_costs
    from benchmark.provenance import cores

    device, costs = plan.options.device, known_costs()
    if device not in costs:
        return f"unknown time on {device}"
    found = estimate(plan, costs[device])
    without = f", without {', '.join(found.unknown)}" if found.unknown else ""
    return f"about {span(found.total / cores())} on {cores()} cores{without}"


def _published_speeds() -> tuple[Mapping[str, float], str]:
    """Return frames a second by method, as one paper measured them, and where that was."""
    from leaderboards.published import load

    table = load().table(_SPEEDS)
    column = next(column for column in table.columns if column.key == "fps")
    where = f"{table.paper.name}, Table {table.facts.number} for {table.facts.hardware}"
    raw = ((row.method, table.raw(row, column)) for row in table.rows)
    return {method: value for method, value in raw if value}, where


def _beside(table: "PublishedTable", part: "Part", labels: Mapping[str, str]) -> None:
    """Print the published rows, and under each the empty one of the method that would be run."""
    group = f", {part.group}" if part.group else ""
    _say(f"published: {table.cite}{group}; by its own rules, and never ranked with ours")
    for kind in dict.fromkeys(column.kind for column in table.columns):
        columns = [column for column in table.columns if column.kind == kind]
        if kind is not None:
            _say(f"{kind}-reenactment")
        _print_beside(table, columns, part, labels)


def _print_beside(
    table: "PublishedTable",
    columns: list["PublishedColumn"],
    part: "Part",
    labels: Mapping[str, str],
) -> None:
    from benchmark.cli.lists import ListFormat, print_rows

    heads = [column.metric.title for column in columns]
    where = [table.columns.index(column) for column in columns]
    ours = {part.printed.get(name, name): name for name in part.methods}
    rows = []
    for row in (row for row in table.rows if row.group == part.group):
        cells = ("" if row.values[i] is None else str(row.values[i]) for i in where)
        rows.append(_line(row.printed, "paper", heads, cells))
        if name := ours.pop(row.method, None):
            rows.append(_line(labels[name], "here", heads))
    rows += [_line(labels[name], "here", heads) for name in ours.values()]
    print_rows(rows, ["row", "from", *heads], ListFormat.TABLE)


def _line(label: str, where: str, heads: list[str], cells: Iterable[str] = ()) -> dict[str, str]:
    filled = zip_longest(heads, cells, fillvalue="")
    return {"row": label, "from": where, **{head: cell or _EMPTY for head, cell in filled}}


def _say(text: str) -> None:
    from rich.console import Console

    Console().print(text, highlight=False, markup=False)

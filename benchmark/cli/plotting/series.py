"""Plots of scores: over minutes, by component, by case."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmark.cli.drift import nothing
from benchmark.cli.intervals import spread
from benchmark.cli.plotting.named import named_runs, say
from benchmark.drift import RunDrift, drifts, verdict
from benchmark.drift_curves import curve, span
from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.store import RunRecord
from leaderboards.numbers import mean
from leaderboards.plots.cases import draw_cases, paired, said
from leaderboards.plots.components import draw_components
from leaderboards.plots.drift import DriftPanel, draw_drift
from leaderboards.plots.save import check_ending
from leaderboards.plots.scores import MOST_PANELS, Panel, drawn, notes, panels
from leaderboards.plots.style import number
from metrics.card import Direction
from metrics.component import FOLLOWS, STAYS
from metrics.registry import CARDS


def draw_drifts(folders: Sequence[Path], metrics: Sequence[str], out: Path) -> None:
    """Draw scores over minutes and print the slopes.

    Raises:
        UsageProblem: If no clip of the runs has a drift; says why.
    """
    check_ending(out)
    records = named_runs(folders)
    found = list(drifts(records, metrics))
    measured = [one for one in found if one.measured]
    if not measured:
        raise nothing(found)
    seconds = span(records, measured)
    groups: dict[tuple[str, str], list[RunDrift]] = {}
    for one in measured:
        groups.setdefault((one.metric, one.kind), []).append(one)
    shown = [_drift_panel(records, group, seconds) for group in groups.values()][:MOST_PANELS]
    if len(groups) > MOST_PANELS:
        say(f"{len(groups) - MOST_PANELS} further panels are left out: name fewer metrics")
    draw_drift(shown, list(records), out)
    for one in measured:
        slope = one.mean
        assert slope is not None
        line = f"{one.run}, {one.kind}, {one.card.id}: {number(slope.slope)} {one.card.unit}"
        line += f" [{number(slope.low)}, {number(slope.high)}], "
        line += verdict(one.card.direction, slope)
        print(printable(line))
    print(out)


def draw_parts(folders: Sequence[Path], out: Path) -> None:
    """Draw components.

    Raises:
        UsageProblem: If the runs measured none.
    """
    check_ending(out)
    records = named_runs(folders)
    follows = [i for ids in FOLLOWS.values() for i in ids if i.startswith("blendshape_l2.")]
    stays = [i for ids in STAYS.values() for i in ids]
    measured = {i for record in records.values() for i in record.manifest.get("metrics", {})}
    wanted = [i for i in (*follows, *stays) if i in measured] or follows[:1]
    found = panels(list(records.values()), CARDS, wanted)
    _say_notes(found)
    draw_components(drawn(found), lambda values: _interval(records, values), out)
    print(out)


def draw_pairs(folders: Sequence[Path], metrics: Sequence[str], out: Path) -> None:
    """Draw two runs case by case and print how many cases are better.

    Raises:
        UsageProblem: If there are not two runs, or no case has both.
    """
    check_ending(out)
    records = named_runs(folders, as_named=True)
    found = panels(list(records.values()), CARDS, metrics)
    _say_notes(found)
    shown = [pair for panel in found if (pair := paired(panel))]
    if not shown:
        raise UsageProblem(
            "no case was measured in both runs", "bench table shows what each of them holds"
        )
    draw_cases(shown, out)
    for one in shown:
        print(printable(said(one)))
    print(out)


def _drift_panel(
    records: Mapping[str, RunRecord], group: Sequence[RunDrift], seconds: float
) -> DriftPanel:
    card = CARDS[group[0].metric]
    return DriftPanel(
        quantity=f"{card.title} [{card.unit}]" if card.unit else card.title,
        kind=group[0].kind,
        better="higher" if card.direction is Direction.HIGHER else "lower",
        curves={one.run: curve(records[one.run], one, seconds) for one in group},
    )


def _interval(
    records: Mapping[str, RunRecord], values: Mapping[str, float]
) -> tuple[float, float] | None:
    """Return the interval of a mean over cases, clustered by person, where a run allows one.

    The runs are of the same cases: whichever says who is in them speaks for all.
    """
    halves = (spread(record, values) for record in records.values())
    half = next((half for half in halves if half is not None), None)
    middle = mean(list(values.values()))
    return None if half is None else (middle - half, middle + half)


def _say_notes(found: Sequence[Panel]) -> None:
    for note in notes(found):
        say(note)

"""Putting a report together: read once, then tables, plots, worst cases, provenance."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmark.cli.layouts import Asked, read_layout, set_layout
from benchmark.cli.reporting.pictures import draw_case
from benchmark.cli.reporting.places import without_places
from benchmark.cli.reporting.plots import plots
from benchmark.cli.sheets import Format, Sheets, render
from benchmark.cli.table import sheets, spelled_out
from benchmark.errors import BenchError, UsageProblem
from benchmark.provenance import code
from benchmark.store import RunRecord
from leaderboards.board.gather import Entry
from leaderboards.board.provenance import provenance
from leaderboards.build import build, labels
from leaderboards.facts import Run, read
from leaderboards.find import load_runs
from leaderboards.model import KINDS, Table
from leaderboards.persons import person_tables
from leaderboards.published import load
from leaderboards.report.contents import Contents, Often
from leaderboards.report.csv import worst_csv
from leaderboards.report.folder import PAGE, whole
from leaderboards.report.page import report_page
from leaderboards.report.worst import failures, most_often, worst_cases
from metrics.registry import CARDS

_ENDINGS = {
    Format.HTML: "html",
    Format.MD: "md",
    Format.LATEX: "tex",
    Format.CSV: "csv",
    Format.TERMINAL: "txt",
}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is made of.

    Attributes:
        runs: Run directories, or folders of them.
        out: The folder.
        metrics: Words of ``bench table --metrics``; empty for what tables show by default.
        worst: Worst cases a metric and method.
        pictures: How many cases are drawn; 0 for none.
        data: Dataset folder of the runs, for the pictures.
    """

    runs: Sequence[Path]
    out: Path
    metrics: Sequence[str] = ()
    worst: int = 3
    pictures: int = 8
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The runs as everything here sees them, in the order in which they were named."""

    records: Sequence[RunRecord]
    named: Sequence[tuple[str, Run]]
    table: Table

    def methods(self) -> list[tuple[str, Run]]:
        """Return runs of methods; all of them if there are only controls."""
        found = [(name, run) for name, run in self.named if not run.facts.method.control]
        return found or list(self.named)


def build_report(wanted: Wanted, say: Say) -> Path:
    """Write a report and return its page.

    Args:
        wanted: What it is made of.
        say: Told what is being done.

    Raises:
        UsageProblem: If there is no run, one is damaged, or the folder holds something else.
        NotComparable: If the runs did not have the same cases.
        EnvironmentProblem: If the folder cannot be written.
    """
    records = load_runs(wanted.runs)
    table = build(records, CARDS, spelled_out(wanted.metrics, records))
    runs = [read(record) for record in records]
    seen = _Seen(records, list(zip(labels(runs), runs, strict=True)), table)
    with whole(wanted.out) as to:
        contents = _contents(seen, wanted, to, say)
        (to / "worst.csv").write_text(worst_csv(contents.worst), encoding="utf-8", newline="\n")
        _write_provenance(seen, contents, to)
        (to / PAGE).write_text(report_page(contents), encoding="utf-8", newline="\n")
    return wanted.out / PAGE


def _contents(seen: _Seen, wanted: Wanted, to: Path, say: Say) -> Contents:
    say("tables")
    tables, files = _tables(seen, to)
    methods = seen.methods()
    worst = worst_cases(methods, seen.table.columns, wanted.worst)
    say("plots")
    by_case = [c.card.id for c in seen.table.columns if c.card.over != "set" and not c.card.timing]
    places = [(name, run.record.paths.root) for name, run in methods]
    roots = [record.paths.root for record in seen.records]
    figures = plots(roots, places, list(dict.fromkeys(by_case)), to)
    return Contents(
        tables=tables.pages,
        files=files,
        figures=figures,
        failures=failures(methods, KINDS),
        often=_often(methods, most_often(worst, max(wanted.pictures, 3)), wanted, to),
        worst=worst,
        provenance=[(name, provenance(Entry(run.record, run.facts))) for name, run in seen.named],
        made=_made(),
    )


def _made() -> str:
    """Say which version made the report; no date, so that the same runs give the same report."""
    here = code()
    commit = f", commit {here['commit'][:12]}" if here["commit"] else ""
    changed = " with changes" if here["dirty"] else ""
    return f"Made by portraitbench {here['version']}{commit}{changed}."


def _tables(seen: _Seen, to: Path) -> tuple[Sheets, list[tuple[str, Sequence[str]]]]:
    """Write every table that the runs can fill, in every format."""
    tables = [seen.table]
    with suppress(UsageProblem):  # one person in every case, or nothing is known by person
        tables += person_tables(seen.records, CARDS, [c.card.id for c in seen.table.columns])
    own = sheets(tables)
    files: list[tuple[str, Sequence[str]]] = [("Methods by metrics", _write(own, "table", to))]
    roots = [record.paths.root for record in seen.records]
    for name, published in load().tables.items():
        try:
            made = read_layout(Asked(name, roots))
        except BenchError:
            continue  # the runs hold nothing that this paper prints
        if any(cell.printed for row in made.rows if row.source == "measured" for cell in row.cells):
            files.append((f"In the layout of {published.cite}", _write(set_layout(made), name, to)))
    return own, files


def _write(made: Sheets, name: str, to: Path) -> list[str]:
    files = []
    for form, ending in _ENDINGS.items():
        file = f"tables/{name}.{ending}"
        (to / file).parent.mkdir(exist_ok=True)
        (to / file).write_text(render(made, form), encoding="utf-8", newline="\n")
        files.append(file)
    return files


def _often(
    methods: Sequence[tuple[str, Run]],
    found: Sequence[tuple[int, str, int]],
    wanted: Wanted,
    to: Path,
) -> list[Often]:
    drawn = []
    for number, (run, case, count) in enumerate(found, start=1):
        label, one = methods[run]
        file, why = f"pictures/{number:02}.png", "no pictures were asked for"
        if wanted.pictures:
            (to / "pictures").mkdir(exist_ok=True)
            root = one.record.paths.root
            why = without_places(draw_case(root, case, wanted.data, to / file), [root])
        drawn.append(Often(label, case, count, "" if why else file, why))
    return drawn


def _write_provenance(seen: _Seen, contents: Contents, to: Path) -> None:
    """Write what is on record, with a hash by which the run itself can be known again."""
    lines = [
        {
            "label": name,
            "run_json_sha256": sha256(record.paths.manifest.read_bytes()).hexdigest(),
            "on_record": [list(line) for line in said],
        }
        for record, (name, said) in zip(seen.records, contents.provenance, strict=True)
    ]
    text = json.dumps({"made": contents.made, "runs": lines}, indent=2, ensure_ascii=False)
    (to / "provenance.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")

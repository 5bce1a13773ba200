"""Sentences under a table that hold for all of it."""

from collections.abc import Mapping, Sequence

from leaderboards.columns import DAGGER, absent
from leaderboards.facts import ProtocolFacts, Run
from leaderboards.model import KINDS, MIN_COVERAGE, Cell, Column, Row
from leaderboards.numbers import percent, printed, superscript, typeset
from metrics.card import Card
from metrics.set_score import SMALL

_CASES = (
    " cases: delivered/judgeable. cov.: lowest share of judgeable frames measured over the row's "
    "columns."
)


def notes(
    runs: Sequence[Run],
    columns: Sequence[Column],
    rows: Sequence[Row],
    cards: Mapping[str, Card],
    unknown: Sequence[str],
) -> tuple[str, ...]:
    """Say how to read the table, what each column is and what its numbers stand on.

    Args:
        runs: The runs.
        columns: The columns that are shown.
        rows: The rows that are shown.
        cards: Definitions to name where no run could measure them; empty in the layout of a paper,
            which has neither the columns cases and cov. nor a distance to the driving clip.
        unknown: Protocol ids that cannot be shown.
    """
    found = (
        _reading(runs, columns) + (_CASES if cards else ""),
        _distance(columns) if cards else "",
        _unjudged(columns, rows),
        _definitions(columns),
        _extractors(runs, columns),
        _daggers(columns),
        _sets(columns, rows),
        _absent(runs, cards),
        _hardware(columns, rows),
        _resized(runs, columns),
        _unknown(unknown),
        _surroundings(runs),
    )
    return tuple(note for note in found if note)


def _reading(runs: Sequence[Run], columns: Sequence[Column]) -> str:
    protocol = runs[0].facts.split.protocol  # one cohort has one split, and a split one protocol
    start = "Means over cases"
    if protocol.id != ProtocolFacts().id:
        start += f" by protocol {protocol.id}"
    if any(column.kind == "self" for column in columns):
        counts = "is not scored" if protocol.first_frame == "excluded" else "is scored, too"
        start += f"; in self-reenactment frame 0 is the source and {counts}"
    return (
        f"{start}. Ranked: finished runs with every judgeable case measured and coverage of at "
        f"least {percent(MIN_COVERAGE)}, same definition, extractors and cases; numbers that "
        "print alike tie; controls never."
    )


def _resized(runs: Sequence[Run], columns: Sequence[Column]) -> str:
    """Name the methods whose results were resized before they were compared by pixels."""
    if not any(column.kind == "self" and not column.card.extractors for column in columns):
        return ""
    labels = [
        run.facts.method.label
        for run in runs
        if any(generated.resized for generated in run.record.generated.values())
    ]
    if not labels:
        return ""
    return (
        f"Resized to the canvas before pixel metrics (area to shrink, cubic to grow): "
        f"{', '.join(labels)}."
    )


def contaminated(run: Run) -> str:
    """Say how many cases of each kind the method has seen in training; empty if none."""
    marked = run.facts.contamination
    seen = []
    for kind in KINDS:
        ids = run.case_ids(kind)
        if hit := sum(case_id in marked.cases for case_id in ids):
            seen.append(f"{hit} of {len(ids)} {kind} cases")
    if not seen:
        return ""
    return (
        f"Contaminated: {' and '.join(seen)} show a clip, picture or person of its training data "
        f"({', '.join(marked.lists)})."
    )


def unproven(run: Run) -> str:
    """Say that nobody tried whether the method does what it says, or what was found broken."""
    check, name = run.facts.check, run.facts.method.name
    if check.rules is None:
        what = f"frame map, geometry and seeds were not tried (bench methods check {name})"
        return f"Unchecked: its {what}." if check.needed else ""
    broken = [f"{rule.rule} ({rule.said})" for rule in check.rules if rule.verdict == "broken"]
    return f"Broken, as bench methods check found: {'; '.join(broken)}." if broken else ""


def _distance(columns: Sequence[Column]) -> str:
    if not any(column.by_distance for column in columns):
        return ""
    return (
        "→ drv: better the nearer to the driving clip's own value, shown in the row driving clip; "
        "|Δ| is the mean over cases of |value − driving clip's value|, and is what is ranked."
    )


def _unjudged(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    most: dict[str, int] = {}
    for i, column in enumerate(columns):
        frames = max(cell.unjudged if (cell := row.cells[i]) else 0 for row in rows)
        if frames:
            most[f"{column.title} {column.kind}"] = frames
    if not most:
        return ""
    what = ", ".join(f"{title} {frames}" for title, frames in most.items())
    return f"Frames whose input cannot be judged, left out for every method: {what}."


def _definitions(columns: Sequence[Column]) -> str:
    cards = {column.card.id: column for column in columns}
    return "Definitions: " + "; ".join(_definition(c) for c in cards.values()) + "."


def _definition(column: Column) -> str:
    card = column.card
    unit = f" in {card.unit}" if card.unit else ""
    return f"{column.title} = {card.id}{unit}{_scale(card)}"


def _scale(card: Card) -> str:
    power = card.scale_exponent
    return f" (×10{superscript(-power)}: 1 stands for 1e{-power})" if power else ""


def _extractors(runs: Sequence[Run], columns: Sequence[Column]) -> str:
    shown = {column.card.id for column in columns}
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for protocol_id, facts in run.facts.metrics.items():
            if protocol_id in shown:
                for name, fingerprint in facts.extractors.items():
                    found.setdefault(name, {})[fingerprint] = None
    if not found:
        return ""
    parts = (f"{n} {' and '.join(f[:12] for f in fs)}" for n, fs in sorted(found.items()))
    return f"Extractors: {'; '.join(parts)}."


def _daggers(columns: Sequence[Column]) -> str:
    if not any(column.card.embedded for column in columns):
        return ""
    return (
        f"{DAGGER} Measured with stand-ins, because official weights were not at hand (bench "
        "weights list): says which of two methods is nearer, equals no published number."
    )


def _sets(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """Say what each score over a set stands on: it depends on how many clips there are."""
    found = []
    for i, column in enumerate(columns):
        cells = [(row.label, cell) for row in rows if (cell := row.cells[i]) and cell.over]
        if not cells:
            continue
        parts = [f"{label} {_over(column, cell)}" for label, cell in cells]
        _, first = cells[0]
        assert first.over is not None
        floor = first.over.floor
        real = "" if floor is None else f"; real against real {_value(column, floor)}"
        found.append(
            f"{column.title} {column.kind}: {first.over.reference_clips} real clips"
            f"{real}; {', '.join(parts)}"
        )
    if not found:
        return ""
    small = any(c and c.over and c.over.small for row in rows for c in row.cells)
    return (
        "Over sets (± jackknife over clips, then the score at half the clips beside real against "
        f"real at half): {'. '.join(found)}."
        + (f" Fewer than {SMALL} clips: mostly noise, compare only at this size." if small else "")
    )


def _over(column: Column, cell: Cell) -> str:
    assert cell.over is not None
    error = "" if cell.over.stderr is None else f"±{_value(column, cell.over.stderr)}"
    half = "" if cell.over.half is None else f"half {_value(column, cell.over.half)}"
    items = f"{cell.over.items} items"
    return " ".join(part for part in (error, half, items) if part)


def _value(column: Column, value: float) -> str:
    return typeset(printed(value, column.card.scale_exponent, column.card.digits))


def _absent(runs: Sequence[Run], cards: Mapping[str, Card]) -> str:
    found = absent(runs, cards)
    if not found:
        return ""
    parts = (f"{', '.join(card.id for card in which)} ({why})" for why, which in found.items())
    return f"Not measured: {'; '.join(parts)}."


def _hardware(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    timing = [i for i, column in enumerate(columns) if column.card.timing]
    timed = dict.fromkeys(columns[i].title for i in timing)
    machines: dict[str, list[str]] = {}
    for row in rows:
        if any(cell and cell.value is not None for cell in (row.cells[i] for i in timing)):
            machines.setdefault(row.hardware, []).append(row.label)
    if not machines:
        return ""
    if len(machines) == 1:
        return f"{', '.join(timed)}: generated on {next(iter(machines))}."
    parts = (f"{', '.join(labels)} on {machine}" for machine, labels in machines.items())
    return f"{', '.join(timed)}: {'; '.join(parts)}."


def _unknown(protocol_ids: Sequence[str]) -> str:
    if not protocol_ids:
        return ""
    return f"Not shown, because this version does not define it: {', '.join(protocol_ids)}."


def _surroundings(runs: Sequence[Run]) -> str:
    facts = [run.facts for run in runs]
    packages = _differing([f.packages for f in facts])
    code = [f"code ({', '.join(d)})"] if (d := _differing([f.code for f in facts])) else []
    if not code and not packages:
        return ""
    what = ", ".join([*code, *packages])
    return f"The runs differ in {what}: definitions are the same, see run.json."


def _differing(records: Sequence[Mapping[str, object]]) -> list[str]:
    names = sorted({name for record in records for name in record})
    return [n for n in names if any(r.get(n) != records[0].get(n) for r in records)]

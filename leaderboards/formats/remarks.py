"""Footnotes of single cells: one sentence each, so that a cell never bears two marks."""

from leaderboards.model import MIN_COVERAGE, CaseCount, Cell, Row


def of_cell(row: Row, cell: Cell) -> str:
    """Return what a reader must know about a cell; empty if its number is like the others."""
    if cell.value is None:
        return _sentence(f"no value: {cell.reason}")
    if row.role == "reference" or not row.complete:
        return ""
    what = []
    if cell.measured < cell.judgeable:
        what.append(f"{cell.measured} of {cell.judgeable} cases ({cell.reason})")
    if cell.coverage is not None and cell.coverage < MIN_COVERAGE:
        what.append(f"coverage below {MIN_COVERAGE:.0%}")
    if not what and row.role == "method" and cell.unranked:
        what.append(cell.unranked)
    if not what:
        return ""
    return _sentence(", ".join(what) + ("; not ranked" if row.role == "method" else ""))


def of_cases(row: Row, count: CaseCount) -> str:
    """Return what a reader must know about a row's cases; empty if all were delivered."""
    what = []
    if not row.complete:
        what.append("unfinished, not ranked (the same bench run command goes on)")
    if count.failed:
        what.append(f"{count.failed} failed" + _because(count.failure))
    if count.unjudgeable:
        what.append(f"{count.unjudgeable} not judgeable" + _because(count.flaw))
    return _sentence("; ".join(what))


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _sentence(text: str) -> str:
    """Give ``text`` a capital and a full stop; empty stays empty."""
    end = "" if text.endswith((".", "!", "?", "…")) else "."
    return text and text[0].upper() + text[1:] + end

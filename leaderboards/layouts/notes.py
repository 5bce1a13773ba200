"""Sentences under a table in the layout of a paper."""

from collections.abc import Iterable, Sequence

from leaderboards.layouts.model import Entries
from leaderboards.numbers import superscript
from leaderboards.published import Metric, PublishedTable


def paper_notes(table: PublishedTable) -> tuple[str, ...]:
    """Say where published numbers are from, by which rules, and what is wrong with them."""
    facts = table.facts
    hardware = f" Hardware: {facts.hardware}." if facts.hardware else ""
    found = (
        f"Published: {table.cite}; read: {table.paper.read}. Protocol as stated: "
        f"{facts.protocol}.{hardware} Self-reported: by the authors of the method.",
        _defined(table),
        _inferred(table),
        *(f"{note.rstrip('.')}." for note in facts.notes),
        *_unranked(table),
        "The paper prints methods as columns." if facts.transposed else "",
    )
    return tuple(note for note in found if note)


def apart(table: PublishedTable, rows: Sequence[Entries]) -> str:
    """Say why measured and published numbers are not ranked together; empty if they all are."""
    if not any(row.source == "measured" for row in rows):
        return ""
    if table.facts.kind in ("opinion", "preference"):
        return (
            "Measured and published answers are not ranked together: other people saw other clips."
        )
    stated = bool(table.facts.split_sha256)
    metrics = {c.metric.title: c.metric for c in table.columns}.values()
    why = [f"{m.title} ({m.differs})" for m in metrics if not (stated and m.protocol_id)]
    if not why:
        return ""
    return (
        "Measured and published numbers are not ranked together: the paper does not state that it "
        f"used the same definition, extractors and cases. {'; '.join(why)}."
    )


def _defined(table: PublishedTable) -> str:
    parts = (f"{title}: {m.stated}" for title, m in _metrics(table))
    return f"Published definitions: {'; '.join(parts)}."


def _metrics(table: PublishedTable) -> Iterable[tuple[str, Metric]]:
    return {column.metric.title: column.metric for column in table.columns}.items()


def _inferred(table: PublishedTable) -> str:
    scaled = [(t, m) for t, m in _metrics(table) if m.scale and not m.scale_stated]
    if not scaled:
        return ""
    parts = (f"{title} ×10{superscript(-metric.scale)}" for title, metric in scaled)
    return f"The scale is our inference, none is printed: {', '.join(parts)}."


def _unranked(table: PublishedTable) -> Iterable[str]:
    if table.facts.unranked:
        yield f"Not ranked: {table.facts.unranked}."
    for column in table.columns:
        if column.unranked:
            yield f"{column.metric.title} is not ranked: {column.unranked}."

"""The summary of a split as a picture."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import UsageProblem
from benchmark.media.files import writing
from benchmark.splits.stats import EXPRESSIONS, Stats

_COLOUR = "#2f6690"
_BARS = 8
_SLOTS = 5  # a lone bar stays a bar
_ENDINGS = (".png", ".pdf", ".svg")


def draw(stats: Stats, path: Path) -> None:
    """Draw six panels: head angles, expressions, lengths, rates, sizes, and a tag or people.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise UsageProblem(f"{path} does not end in {', '.join(_ENDINGS)}")
    from matplotlib.figure import Figure  # no pyplot: nothing global, no window

    figure = Figure(figsize=(12, 7), layout="constrained")
    axes = figure.subplots(2, 3)
    _angles(axes[0, 0], stats)
    _expressions(axes[0, 1], stats)
    _lengths(axes[0, 2], stats)
    _bars(axes[1, 0], stats.counts.get("fps", Counter()), "frames a second")
    _bars(axes[1, 1], stats.counts.get("size", Counter()), "canvas, pixels")
    key = next((k for k in ("emotion", "view", "part", "level") if k in stats.counts), "people")
    _bars(axes[1, 2], stats.counts.get(key, Counter()), key)
    figure.suptitle(f"{stats.name}: {stats.cases} cases, {stats.frames} driving frames")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.stem}.part{path.suffix}")
        try:
            figure.savefig(part, dpi=120)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _angles(axis: Any, stats: Stats) -> None:  # noqa: ANN401 - untyped library
    axis.set(title="head of the driving people", xlabel="degrees", ylabel="faces")
    if not len(stats.angles):
        axis.text(0.5, 0.5, "faces not looked for", ha="center", transform=axis.transAxes)
        return
    reach = max(10.0, float(np.ceil(np.abs(stats.angles).max() / 10) * 10))
    bins = np.linspace(-reach, reach, 41)
    for column, name in enumerate(("pitch", "yaw", "roll")):
        axis.hist(stats.angles[:, column], bins=bins, histtype="step", linewidth=1.8, label=name)
    axis.legend(frameon=False)


def _expressions(axis: Any, stats: Stats) -> None:  # noqa: ANN401 - untyped library
    axis.set(title="expressions: 5 % to 95 %, median", xlabel="blendshape", xlim=(0, 1))
    if not len(stats.expressions):
        axis.text(0.5, 0.5, "faces not looked for", ha="center", transform=axis.transAxes)
        return
    low, middle, high = np.quantile(stats.expressions, [0.05, 0.5, 0.95], axis=0)
    rows = np.arange(len(EXPRESSIONS))
    axis.hlines(rows, low, high, color=_COLOUR, linewidth=5, alpha=0.5)
    axis.plot(middle, rows, "o", color=_COLOUR)
    axis.set_yticks(rows, EXPRESSIONS)
    axis.invert_yaxis()


def _lengths(axis: Any, stats: Stats) -> None:  # noqa: ANN401 - untyped library
    axis.set(title="length", xlabel="driving frames a case", ylabel="cases")
    if stats.lengths:
        values, weights = zip(*sorted(stats.lengths.items()), strict=True)
        low, high = min(values) - 0.5, max(values) + 0.5
        bins = np.linspace(low, high, 1 + min(30, int(high - low)))
        axis.hist(values, bins=bins, weights=weights, color=_COLOUR)


def _bars(axis: Any, counter: Counter[str], title: str) -> None:  # noqa: ANN401 - untyped library
    top = counter.most_common(_BARS)
    rest = sum(counter.values()) - sum(number for _, number in top)
    if rest:
        top.append(("others", rest))
    axis.set(title=title, xlabel="cases")
    # A dollar sign would begin a formula.
    names = [name[:24].replace("$", r"\$") for name, _ in top]
    axis.barh(names, [number for _, number in top], color=_COLOUR)
    axis.set_ylim(max(len(top), _SLOTS) - 0.5, -0.5)

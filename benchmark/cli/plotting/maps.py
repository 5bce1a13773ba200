"""Plots of signals: maps of frames, and answers to a dial."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.cli.plotting.named import named_runs, say
from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.point_reach import BALL, RunReach, reaches
from benchmark.points import LATENT, Strand, latents, signals, thinned
from benchmark.responses import responses
from benchmark.thumbnails import thumbnails
from leaderboards.plots.interactive import ENDING, Page, write_page
from leaderboards.plots.interpolation import ResponseCurves, draw_interpolation
from leaderboards.plots.projection import project
from leaderboards.plots.save import ENDINGS, check_ending
from leaderboards.plots.style import number
from leaderboards.plots.umap import COLOURS, Map, draw_map, groups

_WORST = 3
"""Cases that are named for each run."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Options of a map.

    Attributes:
        signals: Channels to map.
        latents: Whether latents are mapped instead.
        wanted: Names of latents; empty for all.
        colour: What points are coloured by; empty for the usual.
        points: Most points in all.
        seed: Of the projection.
        pictures: Whether a page holds frames.
        data: Dataset folder; ``None`` for the usual.
    """

    signals: Sequence[str]
    latents: bool
    wanted: Sequence[str]
    colour: str
    points: int
    seed: int
    pictures: bool
    data: Path | None


def draw(folders: Sequence[Path], asked: Asked, out: Path) -> None:
    """Draw a map, or write it as a page, and print what the methods reach.

    Raises:
        BenchError: If runs, signals or latents do not give a map; says why.
    """
    check_ending(out, (*ENDINGS, ENDING))
    strands, channels = _strands(folders, asked)
    colour = asked.colour or ("part" if asked.latents else "method")
    per_point = [strand for strand in strands for _ in strand.frames]
    named = groups(per_point, colour)
    if not named:
        raise UsageProblem("no frame shows anybody", "bench look shows what the runs made")
    maps = [Map(channel, project(_stacked(strands, channel), asked.seed)) for channel in channels]
    reached = [] if asked.latents else list(reaches(strands, channels))
    lines = _lines(maps, reached)
    if out.suffix.lower() == ENDING:
        write_page(_page(strands, maps, (colour, named), lines, asked.pictures), out)
    else:
        draw_map(maps, named, out)
    for line in lines:
        print(printable(line))
    print(out)


def draw_responses(folders: Sequence[Path], data: Path | None, out: Path) -> None:
    """Draw the answers to a dial and print how far they are from a line.

    Raises:
        BenchError: If the runs are of no interpolation split, or signals cannot be had.
    """
    check_ending(out)
    found = responses(named_runs(folders), data, say)
    curves = [ResponseCurves(one.run, one.channel, one.series) for one in found]
    draw_interpolation(curves, found[0].dial, out)
    for one in curves:
        line = f"{one.run}, {one.channel}: at most {number(one.bend)} from a straight line"
        print(printable(f"{line} ({len(one.series)} series)"))
    print(out)


def _strands(folders: Sequence[Path], asked: Asked) -> tuple[list[Strand], list[str]]:
    records = named_runs(folders)
    if not asked.latents:
        found = signals(records, asked.data, say)
        return thinned(found, asked.points), list(dict.fromkeys(asked.signals))
    if len(records) != 1:
        raise UsageProblem(
            f"latents of {len(records)} runs do not share a space", "name one run for --latents"
        )
    ((label, record),) = records.items()
    return thinned(latents(label, record, asked.data, asked.wanted), asked.points), [LATENT]


def _stacked(strands: Sequence[Strand], channel: str) -> NDArray[np.float64]:
    return np.concatenate([strand.features[channel] for strand in strands])


def _lines(maps: Sequence[Map], reached: Sequence[RunReach]) -> list[str]:
    """Return what is said of each signal, and below it of each run."""
    lines = []
    for one in maps:
        at = one.projection
        lines.append(
            f"{one.title}: {len(at.points)} points, trustworthiness {at.trustworthiness:.3f} "
            f"({at.neighbours} neighbours)"
        )
        lines += [_line(found) for found in reached if found.channel == one.title]
    return lines


def _line(one: RunReach) -> str:
    whole = one.whole
    worst = ", ".join(f"{case} {found.coverage:.2f}" for case, found in one.cases[:_WORST])
    return (
        f"  {one.run}: coverage {whole.coverage:.3f}, density {whole.density:.3f}, "
        f"spread {number(one.spread)} ({one.points} points, k = {BALL}); least: {worst}"
    )


def _page(
    strands: Sequence[Strand],
    maps: Sequence[Map],
    shown: tuple[str, Sequence[str]],
    notes: Sequence[str],
    pictures: bool,
) -> Page:
    per_point = [strand for strand in strands for _ in strand.frames]
    colours = {shown[0]: shown[1]}
    for colour in COLOURS:
        if colour not in colours and any(colour == "method" or getattr(s, colour) for s in strands):
            colours[colour] = groups(per_point, colour)
    runs = dict.fromkeys(strand.run for strand in strands if strand.run)
    return Page(
        title=f"Frames of {', '.join(runs)}",
        maps=maps,
        strands=strands,
        strand=[number for number, strand in enumerate(strands) for _ in strand.frames],
        frame=[int(frame) for strand in strands for frame in strand.frames],
        colours=colours,
        pictures=thumbnails(strands) if pictures else (),
        notes=[note.strip() for note in notes],
    )

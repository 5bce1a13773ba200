"""``bench data validate | stats | sample``: what is in a dataset, and whether it is so."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import tracking
from benchmark.cli.lists import Format, ListFormat

if TYPE_CHECKING:
    from benchmark.splits.contamination import TrainList
    from benchmark.splits.manifest import Split

Data = Annotated[
    Path | None,
    typer.Option(help="Dataset folder; default: BENCH_DATA, else the embedded mini split."),
]
OneSplit = Annotated[str, typer.Option(help="Split to look at (bench data list).")]
Faces = Annotated[
    bool, typer.Option("--faces/--no-faces", help="Look for faces; needs the face model.")
]


def validate(
    data: Data = None,
    split: Annotated[str | None, typer.Option(help="One split only; default: all of them.")] = None,
    faces: Faces = True,
    train_list: Annotated[
        list[Path] | None,
        typer.Option(help="Name the cases that this training list has; repeat for several."),
    ] = None,
) -> None:
    """Check that every file is there, decodes, shows its faces, and is what the manifest says."""
    from contextlib import nullcontext

    from benchmark.errors import ExitCode
    from benchmark.names import resolve
    from benchmark.splits.contamination import read_train_list
    from benchmark.splits.sources import manifests
    from benchmark.splits.validate import validate_manifest

    lists = [read_train_list(path) for path in train_list or ()]
    known = manifests(data)
    names = list(known) if split is None else [resolve(split, known, "split")]
    faulty = False
    with tracking.tracker() if faces else nullcontext() as tracker:
        for name in names:
            with tracking.bar() as progress:
                checked, faults = validate_manifest(
                    known[name],
                    lambda done, total: progress("checking cases", done, total),
                    tracker,
                )
            for fault in faults:
                print(fault)
            if checked is not None and not faults:
                frames = sum(case.n_frames for case in checked.cases)
                looked = "" if faces else "; faces were not looked for"
                print(f"{name}: {len(checked.cases)} cases, {frames} frames, all as stated{looked}")
            if checked is not None and lists:
                _tell_marks(name, checked, lists)
            faulty = faulty or bool(faults)
    if faulty:
        raise typer.Exit(int(ExitCode.FAILED))


def _tell_marks(name: str, split: "Split", lists: "list[TrainList]") -> None:
    from benchmark.splits.contamination import marks

    count = 0
    for case_id, reason in marks(split.cases, lists):
        count += 1
        print(f"{name}: {case_id}: contaminated: {reason}")
    unknown = sum(case.origins is None for case in split.cases)
    rest = f"; {unknown} do not say where they come from" if unknown else ""
    print(f"{name}: {count} of {len(split.cases)} cases are in a training list{rest}")


def stats(
    split: OneSplit,
    data: Data = None,
    faces: Faces = True,
    plot: Annotated[
        Path | None, typer.Option(help="Draw it, too: a .png, .pdf or .svg file.")
    ] = None,
    form: Format = ListFormat.TABLE,
) -> None:
    """Summarise a split: cases, sizes, rates, lengths, tags, poses and expressions."""
    from contextlib import nullcontext

    from benchmark.names import printable
    from benchmark.splits.sources import open_split
    from benchmark.splits.stats import lines, split_stats

    opened = open_split(split, data)
    with (
        tracking.tracker() if faces else nullcontext() as tracker,
        tracking.bar() as progress,
    ):
        found = split_stats(opened, tracker, progress)
    if form is ListFormat.JSON:
        import json

        print(json.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    else:
        for line in lines(found):
            print(printable(line))
    if plot is not None:
        from benchmark.splits.stats_plot import draw

        draw(found, plot)


def sample(
    split: OneSplit,
    n: Annotated[int, typer.Option("-n", "--cases", help="Cases to draw.")],
    name: Annotated[str, typer.Option(help="Name of the new split, beside the old one.")],
    data: Annotated[Path | None, typer.Option(help="Dataset folder; default: BENCH_DATA.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="protocol, people or the key of a tag; repeat for several; default: protocol."
        ),
    ] = None,
) -> None:
    """Draw a small subset of a split with the same shares of everything named by --by."""
    import re

    from benchmark.errors import UsageProblem
    from benchmark.splits import sample as sampling
    from benchmark.splits.sources import data_root, open_split

    if data_root(data) is None:
        raise UsageProblem("mini is not sampled", "name a dataset with --data")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,119}", name):
        raise UsageProblem(f"{name!r} cannot name a split", "use letters, digits and . _ + -")
    opened = open_split(split, data)
    drawn = sampling.sample(
        opened, n, seed, tuple(by or (sampling.BY_PROTOCOL,)), opened.root / f"{name}.jsonl"
    )
    print(f"{name}: {len(drawn.cases)} of {len(opened.cases)} cases, sha256 {drawn.sha256[:12]}")

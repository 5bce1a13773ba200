"""``bench data import | prepare | layouts | protocols``: how datasets are made."""

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.cli import tracking

if TYPE_CHECKING:
    from benchmark.splits.importer import ImportReport
    from benchmark.splits.rules import Rules

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the originals.")]
Out = Annotated[Path, typer.Option(help="Dataset folder to make.")]
Pairs = Annotated[
    Path | None, typer.Option(help="CSV of pairs, for layouts that take one (docs/layouts.md).")
]
Fps = Annotated[
    str | None,
    typer.Option(help="Constant rate: frames are chosen by index, never blended; default: native."),
]
Size = Annotated[int | None, typer.Option(help="Side of single-person pictures; default: 512.")]
Longest = Annotated[
    int | None, typer.Option(help="Longest side with several people; default: 1024.")
]
Silent = Annotated[
    bool | None,
    typer.Option("--silent-audio/--no-audio", help="Add a silent track, or none; default: none."),
]
Jobs = Annotated[int, typer.Option(help="Files worked on at the same time.")]


def import_data(
    folder: Folder,
    out: Out,
    layout: Annotated[
        str, typer.Option(help="How DIR is laid out (bench data layouts).")
    ] = "portraits",
    protocol: Annotated[
        str, typer.Option(help="Which cases are made (bench data protocols), or a TOML file.")
    ] = "reenactment",
    name: Annotated[
        str | None, typer.Option(help="Name of the dataset; default: that of DIR.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Take clips with this tag only, as view=front; repeat for several."),
    ] = None,
    frame_rate: Annotated[
        str | None, typer.Option(help="Rate of folders of frames, which do not state one.")
    ] = None,
    pairs: Pairs = None,
    portraits_per_clip: Annotated[
        int | None, typer.Option(help="Cross cases for each clip; default: 3, or the protocol's.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw of cross cases.")] = 0,
    max_frames: Annotated[
        int | None, typer.Option(help="Use at most N frames of each clip.")
    ] = None,
    fps: Fps = None,
    size: Size = None,
    longest: Longest = None,
    silent_audio: Silent = None,
    jobs: Jobs = 1,
    citation: Annotated[str, typer.Option(help="How the dataset is cited.")] = "not stated",
    licence: Annotated[str, typer.Option(help="Licence of the dataset.")] = "not stated",
) -> None:
    """Prepare a folder that you have as a dataset (docs/splits.md, docs/layouts.md).

    Stop it anywhere; the same command goes on where it was stopped.
    """
    from benchmark.splits.importer import ImportPlan, import_folder
    from benchmark.splits.layouts import Ask
    from benchmark.splits.protocols import protocol as find_protocol
    from benchmark.splits.recipe import Wanted
    from benchmark.splits.rules import Rules

    wanted = Wanted(
        layout=layout,
        ask=Ask(_fraction("--frame-rate", frame_rate), pairs),
        where=tuple(where or ()),
        protocol=find_protocol(protocol),
        portraits_per_clip=portraits_per_clip,
        seed=seed,
        rules=_rules(Rules(max_frames=max_frames), fps, size, longest, silent_audio),
        citation=citation,
        licence=licence,
    )
    plan = ImportPlan(folder, out, name, wanted, tracking.tracker_id(), jobs)
    with tracking.tracker(jobs) as tracker, tracking.bar() as progress:
        report = import_folder(plan, tracker, progress)
    _tell(report, out)


def prepare_data(
    recipe: Annotated[
        Path, typer.Argument(help="The import.json of a dataset that was made of DIR.")
    ],
    folder: Folder,
    out: Out,
    pairs: Pairs = None,
    fps: Fps = None,
    size: Size = None,
    longest: Longest = None,
    silent_audio: Silent = None,
    jobs: Jobs = 1,
) -> None:
    """Prepare the same originals again: on another machine, or by other rules.

    Needs no face model. By the recipe's own rules, the result is compared with it file by file.
    """
    from benchmark.errors import ExitCode
    from benchmark.splits.recipe import read_recipe
    from benchmark.splits.reproduce import Again, prepare_again

    read = read_recipe(recipe, pairs)
    rules = _rules(read.wanted.rules, fps, size, longest, silent_audio)
    with tracking.bar() as progress:
        done = prepare_again(Again(read, folder, out, rules, jobs), progress)
    _tell(done.report, out)
    for line in done.different:
        print(f"not as in the recipe: {line}")
    if done.different:
        raise typer.Exit(int(ExitCode.FAILED))
    if done.compared:
        print(f"every file and split is as the recipe says ({len(read.files)} files)")
    else:
        print("made by other rules than the recipe's: other splits, not compared with it")


def list_layouts() -> None:
    """Show the layouts that ``bench data import --layout`` knows, and their trees."""
    from benchmark.splits.layouts import LAYOUTS

    for name, layout in LAYOUTS.items():
        print(f"{name}: {layout.title}")
        for line in layout.tree.splitlines():
            print(f"  {line}")


def list_protocols() -> None:
    """Show the protocols that ``bench data import --protocol`` knows."""
    from benchmark.splits.protocols import built_in

    for name, spec in built_in().items():
        rules = spec.rules
        print(f"{name}: {spec.title}")
        print(
            f"  {rules.id}; frame 0 of self cases {rules.first_frame}; "
            f"FID/FVD reference: {rules.reference}; identity reference: {rules.identity}"
        )


def _rules(
    start: "Rules",
    fps: str | None,
    size: int | None,
    longest: int | None,
    silent: bool | None,
) -> "Rules":
    """Return ``start`` with what was given on the command line."""
    from benchmark.splits.rules import Rules

    return Rules(
        side=start.side if size is None else size,
        longest=start.longest if longest is None else longest,
        fps=start.fps if fps is None else _fraction("--fps", fps),
        max_frames=start.max_frames,
        audio=start.audio if silent is None else ("silent" if silent else "none"),
    )


def _fraction(option: str, text: str | None) -> Fraction | None:
    """Read a rate such as 25, 29.97 or 30000/1001."""
    from benchmark.errors import UsageProblem
    from benchmark.splits.rules import RATES

    if text is None:
        return None
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not RATES[0] <= value <= RATES[1] or value.denominator > 1001:
        raise UsageProblem(f"{option} {text!r} is no frame rate", "write it as 25 or 30000/1001")
    return value


def _tell(report: "ImportReport", out: Path) -> None:
    for line in report.skipped:
        print(f"skipped {line}")
    for line in report.no_face:
        print(f"no face in {line}: imported as its centre square, cannot be judged")
    for line in report.notes:
        print(line)
    for split in report.splits:
        selves = sum(case.protocol == "self" for case in split.cases)
        print(
            f"{split.header.dataset}/{split.header.split}: {len(split.cases)} cases "
            f"({selves} self, {len(split.cases) - selves} cross), sha256 {split.sha256[:12]}"
        )
    print(f"run it:  bench run --method ours --data {out} --split {report.splits[0].header.split}")

"""Write docs/public-methods.md from the descriptions and from what tools/check_flags.py kept.

    python -m tools.method_docs

A test holds that the page is current.
"""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adapters.description import Description
from adapters.rows import our_rows
from benchmark.described import OWN_CROP
from leaderboards.formats.markdown import escape

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE, KEPT = DOCS / "public-methods.md", DOCS / "flags_checked.json"
HEAD = """# Methods of others, one by one

Written by `tools/method_docs.py` from `adapters/methods/*.toml`; do not edit.
`bench methods show NAME` prints the same, `bench methods setup NAME` what there is to do. All of it
was read from public source at the commit that is named; [conformance.md](conformance.md) says which
methods were run for real, and a method that is not there was tried against a program of ours with
its flags, naming and quirks only.

*Undone here* is what the description does about a method's ways, so that its frames lie where and
when a score expects them. *Cannot be undone* is printed under every table. *Flags* says when flags,
constants and configuration keys were last held against the method's own source (read, never run)
by `python -m tools.check_flags NAME=CLONE`, and which defaults are set otherwise here.

GPU memory is what its authors say; where they say nothing, so does this page.
"""
_GEOMETRY = {
    "source": "The result lies in the portrait's own frame.",
    "stretched": "The result shows the whole canvas and is resized to it.",
    "letterboxed": "Bars around the canvas are cut.",
    "height": "Bars at its sides are cut; of a wide canvas it is laid back onto the portrait.",
    "centre": "The centred part that the result shows is laid back onto the portrait.",
}
_SOUND = {"track": "The driving video gets a silent track.", "file": "It gets silence as a file."}


def page() -> str:
    """Return the whole page."""
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    rows = sorted(our_rows().values(), key=lambda row: row.label.lower())
    public = [row for row in rows if row.public]
    lines = [HEAD, *_overview(public)]
    for row in public:
        lines += ["", *_section(row, kept.get(row.name))]
    lines += ["", "## Not run", ""]
    lines += [f"- **{escape(row.label)}** ({row.paper}): {row.why}." for row in rows if row.why]
    return "\n".join(lines) + "\n"


def _overview(rows: list[Description]) -> Iterator[str]:
    yield "| method | licence | GPU memory | frames | result |"
    yield "|---|---|---|---|---|"
    for row in rows:
        gpu = f"{row.gpu.gb:g} GB" if row.gpu is not None else "not stated"
        cells = (row.licence, gpu, str(row.frames.rule), row.result.geometry)
        link = f"[{escape(row.label)}](#{_anchor(row)})"
        yield f"| {link} | " + " | ".join(escape(cell) for cell in cells) + " |"


def _anchor(row: Description) -> str:
    return "".join(c for c in row.name.lower() if c.isalnum() or c in "-_")


def _section(row: Description, kept: dict[str, Any] | None) -> Iterator[str]:
    yield f"## {row.name}"
    code = f"[{row.commit[:12]}]({row.repository}/tree/{row.commit})"
    yield f"\n**{escape(row.label)}**, {row.paper}, {code}\n"
    yield f"- *Licence*: {escape(row.licence)}"
    said = f"{row.gpu.gb:g} GB ({row.gpu.said})" if row.gpu is not None else "not stated"
    yield f"- *GPU memory*: {escape(said)}"
    needs = ", ".join(row.environment.system)
    yield f"- *Python*: {row.environment.python}" + (f"; {escape(needs)}" if needs else "")
    for command in row.environment.setup:
        yield f"- *Set-up*: `{shlex.join(command)}`"
    for item in row.weights:
        licence = f" ({escape(item.licence)})" if item.licence else ""
        yield f"- *Weights*: `{item.path}`{licence}, {item.source}"
    yield f"- *Flags*: {_flags(kept)}"
    for title, said_lines in (
        ("Undone here", list(undone(row))),
        ("Cannot be undone", list(left(row))),
        ("To know", list(row.traps)),
    ):
        if said_lines:
            yield f"\n{title}:\n"
            yield from (f"- {escape(text)}" for text in said_lines)


def _flags(kept: dict[str, Any] | None) -> str:
    if kept is None:
        return "not checked"
    said = f"{kept['flags']} found on {kept['date']} at {kept['commit'][:12]}"
    problems = "; ".join(f"`{problem}`" for problem in kept["problems"])
    said += f"; does not fit: {problems}" if problems else ", all fit"
    if kept["differences"]:
        said += "; set otherwise: " + "; ".join(f"`{text}`" for text in kept["differences"])
    return said


def undone(row: Description) -> Iterator[str]:
    """Yield what the description does about the method's ways."""
    if str(row.frames.rule) != "every frame":
        yield f"Frames are mapped by its rule: {row.frames.rule}."
    if row.result.panel is not None and row.result.panel.columns is not None:
        panel = row.result.panel
        yield f"Panel {panel.column + 1} of {panel.columns} is cut out of each frame."
    if row.result.geometry in _GEOMETRY:
        yield _GEOMETRY[row.result.geometry]
    if row.inputs.size is not None:
        yield f"Its inputs are resized to {row.inputs.size[1]}x{row.inputs.size[0]}."
    if row.inputs.audio in _SOUND:
        yield _SOUND[row.inputs.audio]
    if row.inputs.extra:
        yield f"The driving video gets {row.inputs.extra} more frames, which are cut again."
    if row.faces == "each":
        yield "People are cut apart, and handed over from the " + row.inputs.order + "."
    if "{seeded}" in row.command:
        yield "Its generators are seeded before it starts."
    yield from _scripts(row)
    if row.files:
        yield "A configuration file is written for each case."
    if row.own:
        yield f"Each case gets an empty {', '.join(row.own)}."
    if row.ignore:
        yield f"Beside the result, {', '.join(row.ignore)} are left alone."
    if row.tolerant:
        yield "A complete result counts though it ends with an error."


def _scripts(row: Description) -> Iterator[str]:
    for word in row.command:
        if word == "{hooks}/constants.py":
            yield "Values that it has no option for are put in place of its constants as it runs."
        elif word == "{hooks}/steps.py":
            yield "Its programs run one after the other."
        elif word.startswith("{hooks}/"):
            yield f"A script of ours, {word.removeprefix('{hooks}/')}, makes what it reads."
    if row.worker:
        yield "It is kept loaded, and hands over its frames as they come."


def left(row: Description) -> Iterator[str]:
    """Yield what nothing can be done about."""
    if row.result.geometry == "face":
        yield OWN_CROP.format(row.label)
    yield from row.footnotes


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")

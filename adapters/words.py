"""Templates of command lines and files: placeholders from a fixed set, and nothing else."""

import re
from collections.abc import Iterable, Mapping

PLACEHOLDERS: Mapping[str, str] = {
    "source": "the portrait, a PNG of this case's own",
    "driving": "the driving video, an MP4 of this case's own",
    "drivings": "one driving video a face, as several arguments; methods that drive each face",
    "audio": "a silent WAV as long as the driving video",
    "out": "an empty folder for results",
    "work": "the working directory: the repository's entries as links, new files stay here",
    "repository": "the method's own folder",
    "python": "the interpreter of its environment",
    "hooks": "the folder of the description, for a script beside it",
    "job": "a name of the process that it runs for, 32 hex digits: the name of a container",
    "seeded": "a small script of ours: SEED SCRIPT ARGUMENTS seeds random, numpy and torch first",
    "seed": "the seed",
    "frames": "number of driving frames",
    "fps": "their rate, as a decimal number",
    "width": "width of the canvas",
    "height": "height of the canvas",
    "case": "the case's id",
}
"""Every name that may stand in braces, with what takes its place; options are the only others."""

ALWAYS = ("job", "repository", "python")
"""What is known of a method before there is a case."""

SEVERAL = "{drivings}"
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def names_in(template: str) -> list[str]:
    """Return the placeholders of ``template`` in order."""
    return _NAME.findall(template)


def unknown(templates: Iterable[str], options: Iterable[str]) -> list[str]:
    """Return the placeholders that nothing takes the place of."""
    known = {*PLACEHOLDERS, *options}
    return [name for text in templates for name in names_in(text) if name not in known]


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return ``template`` with each placeholder replaced once; values are not looked into."""
    return _NAME.sub(lambda match: values[match[1]], template)


def filled_all(
    templates: Iterable[str], values: Mapping[str, str], several: Iterable[str] = ()
) -> list[str]:
    """Return an argument list; the element ``{drivings}`` becomes as many as there are."""
    done: list[str] = []
    for template in templates:
        done += several if template == SEVERAL else [filled(template, values)]
    return done

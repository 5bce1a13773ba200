"""What a description calls: scripts of the method, with the words that they get."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.description import Description

_HOOKS = "{hooks}/"


@dataclass(frozen=True, slots=True)
class Invoked:
    """One script and its words.

    Attributes:
        script: Path in the repository.
        flags: Each flag with the words behind it.
        changes: Constants that get other values, as ``constants.py`` takes them.
        complete: Whether these are all flags, so that a missing one is known to be missing.
        valued: Whether the words behind the flags are known.
    """

    script: str
    flags: tuple[tuple[str, tuple[str, ...]], ...]
    changes: tuple[tuple[str, str], ...] = ()
    complete: bool = True
    valued: bool = True


def invoked(row: Description, hooks: Path) -> Iterator[Invoked]:
    """Yield what the command of ``row`` calls, and what its flags add to it.

    Args:
        row: The description.
        hooks: Folder of the scripts beside descriptions; their calls are read from their source.
    """
    more = (row.self_flags, row.cross, *row.components.values())
    for step in _steps(row.command):
        words = list(step)
        if words[0] == "{seeded}":
            words = words[2:]
        changes: list[tuple[str, str]] = []
        if words[0] == f"{_HOOKS}constants.py":
            end = words.index("--") if "--" in words else len(words)
            changes = [_change(word) for word in words[2:end]]
            words = [words[1], *words[end + 1 :]]
        elif words[0].startswith(_HOOKS):
            yield from _of_hook(hooks / words[0].removeprefix(_HOOKS))
            continue
        if words[0] == "-m":
            words = [words[1].replace(".", "/") + ".py", *words[2:]]
        flags = tuple(_flags(words[1:]))
        yield Invoked(words[0].removeprefix("./"), flags, tuple(changes))
        for words_added in filter(None, more):
            yield Invoked(words[0].removeprefix("./"), tuple(_flags(words_added)), complete=False)


def _steps(command: tuple[str, ...]) -> Iterator[list[str]]:
    """Yield the words of each step, without the interpreter."""
    words = list(command[1:])
    if words and words[0] == f"{_HOOKS}steps.py":
        words = words[1:]
    step: list[str] = []
    for word in [*words, "--then"]:
        if word == "--then":
            if step:
                yield step[1:] if step[0] == "{python}" else step
            step = []
        else:
            step.append(word)


def _change(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name.rstrip(":"), value


def _flags(words: tuple[str, ...] | list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    flag = ""
    values: list[str] = []
    for word in words:
        if word.startswith("-") and not word[1:].replace(".", "").isdigit():
            if flag:
                yield flag, tuple(values)
            flag, values = word, []
        else:
            values.append(word)
    if flag:
        yield flag, tuple(values)


def _of_hook(hook: Path) -> Iterator[Invoked]:
    """Yield what a hook's source calls: the script that it names, and its literal flags."""
    tree = ast.parse(hook.read_text(encoding="utf-8"))
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    script = next(text for text in texts if text.endswith(".py") and " " not in text)
    flags = dict.fromkeys(text for text in texts if text.startswith("--") and " " not in text)
    yield Invoked(script, tuple((flag, ()) for flag in flags), complete=False, valued=False)

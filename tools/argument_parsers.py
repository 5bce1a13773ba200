"""Reads what a script's argument parser takes from its source alone: nothing of it is run.

Understood are calls of ``add_argument`` with literal arguments, wherever they stand, and data
classes of settings as ``tyro`` turns them into options.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

Read = Callable[[str], str | None]
"""Returns a file of the repository by its path, or nothing."""

UNKNOWN = object()
"""A default that is no literal."""
DEPTH = 3
"""Imports of imports that are followed."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a parser.

    Attributes:
        names: ``--seed``, ``-s``; a positional argument has one without dashes.
        default: Its literal default; ``None`` where there is none, or `UNKNOWN`.
        kind: ``int``, ``float``, ``bool``, ``str``, or what else the source says.
        choices: What it takes; empty where anything goes.
        takes_value: Whether a word follows it.
        required: Whether the parser insists on it.
    """

    names: tuple[str, ...]
    default: object = None
    kind: str = "str"
    choices: tuple[object, ...] = ()
    takes_value: bool = True
    required: bool = False


@dataclass(slots=True)
class Script:
    """What was read of a script.

    Attributes:
        path: Its path in the repository.
        options: Options of its parser, or of one that it imports, by name.
        constants: Names that it assigns outside functions, with literal values or `UNKNOWN`.
        keywords: ``FUNCTION.NAME`` of literal keyword arguments in its calls.
    """

    path: str
    options: dict[str, Option] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    keywords: dict[str, object] = field(default_factory=dict)


def read_script(path: str, read: Read) -> Script | None:
    """Return what is known of the script at ``path``; nothing if it is not there."""
    text = read(path)
    if text is None:
        return None
    script = Script(path)
    tree = ast.parse(text)
    script.constants = dict(_constants(tree.body))
    script.keywords = dict(_keywords(tree))
    # Its own parser, else those of what it imports: modules may have one for being run themselves.
    options = [*_added(tree)] or [
        option
        for source in imported(tree, path, read, DEPTH)
        for option in (*_added(source), *_fields(source))
    ]
    for option in options:
        for name in option.names:
            script.options.setdefault(name, option)
    return script


def literal(node: ast.expr | None) -> object:
    """Return the value of a literal, `UNKNOWN` for anything else, ``None`` for nothing."""
    if node is None:
        return None
    try:
        return ast.literal_eval(node)
    except ValueError:
        return UNKNOWN


def _constants(body: list[ast.stmt]) -> Iterator[tuple[str, object]]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, literal(node.value)
        elif isinstance(node, ast.If):
            yield from _constants([*node.body, *node.orelse])


def _keywords(tree: ast.AST) -> Iterator[tuple[str, object]]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = name_of(call.func)
        for keyword in call.keywords:
            if name and keyword.arg:
                yield f"{name}.{keyword.arg}", literal(keyword.value)


def name_of(node: ast.expr) -> str:
    """Return the last part of a dotted name; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported(tree: ast.Module, path: str, read: Read, depth: int) -> Iterator[ast.Module]:
    """Yield the repository's own modules that a module imports, theirs included."""
    if not depth:
        return
    for node in ast.walk(tree):
        for module in _modules(node, path):
            for place in (module, f"{PurePosixPath(path).parent}/{module}".removeprefix("./")):
                text = read(f"{place}.py")
                if text is not None:
                    found = ast.parse(text)
                    yield found
                    yield from imported(found, f"{place}.py", read, depth - 1)
                    break


def _modules(node: ast.AST, path: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.replace(".", "/") for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    module = (node.module or "").replace(".", "/")
    if node.level:
        base = PurePosixPath(path)
        for _ in range(node.level):
            base = base.parent
        module = str(base / module)
    return [module, *(f"{module}/{alias.name}" for alias in node.names)]


def _added(tree: ast.AST) -> Iterator[Option]:
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        names = [literal(word) for word in call.args]
        if name_of(call.func) != "add_argument" or not names:
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        flag = str(literal(given.get("action"))).startswith(("store_", "Boolean"))
        choices = literal(given.get("choices"))
        yield Option(
            tuple(str(name) for name in names),
            False if flag and "default" not in given else literal(given.get("default")),
            name_of(given["type"]) if "type" in given else "bool" if flag else "str",
            tuple(choices) if isinstance(choices, (list, tuple)) else (),
            takes_value=not flag,
            required=literal(given.get("required")) is True,
        )


def _fields(tree: ast.AST) -> Iterator[Option]:
    """Yield the options that ``tyro.cli`` makes of data classes."""
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        if not any("dataclass" in ast.dump(word) for word in kind.decorator_list):
            continue
        for node in kind.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield from _of_field(node.target.id, node.annotation, literal(node.value))


def _of_field(name: str, annotation: ast.expr, default: object) -> Iterator[Option]:
    said = ast.unparse(annotation)
    kind = next((word for word in ("bool", "int", "float") if word in said), "str")
    aliases = [
        str(word)
        for node in ast.walk(annotation)
        if isinstance(node, ast.keyword) and node.arg == "aliases"
        for word in _listed(node.value)
    ]
    choices = [
        value
        for node in ast.walk(annotation)
        if isinstance(node, ast.Subscript) and name_of(node.value) == "Literal"
        for value in _listed(node.slice)
    ]
    plain = kind != "bool"
    yield Option((f"--{name}", *aliases), default, kind, tuple(choices), takes_value=plain)
    if not plain:
        yield Option((f"--no_{name}",), default is False, kind, takes_value=False)


def _listed(node: ast.expr) -> list[object]:
    value = literal(node)
    return list(value) if isinstance(value, (list, tuple)) else [value]

"""Which functions of a method a worker's hook calls, with which arguments: read, never run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.argument_parsers import DEPTH, Read, imported, name_of


@dataclass(frozen=True, slots=True)
class Called:
    """A call in a hook.

    Attributes:
        name: Function, class or method.
        keywords: Names of the arguments that it gives.
    """

    name: str
    keywords: tuple[str, ...]


def calls_of(hook: Path) -> tuple[list[str], list[Called]]:
    """Return the modules that a hook imports by name, and its calls with named arguments."""
    tree = ast.parse(hook.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    modules = [
        node.args[0].value
        for node in calls
        if name_of(node.func) == "import_module"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]
    called = [
        Called(name_of(node.func), tuple(k.arg for k in node.keywords if k.arg)) for node in calls
    ]
    return modules, [call for call in called if call.keywords]


def parameters(modules: list[str], files: list[str], read: Read) -> dict[str, set[str]]:
    """Return what each function of those modules takes; a class takes what its ``__init__`` does.

    Args:
        modules: Names as they are imported.
        files: Paths in the repository.
        read: Reads one of them.
    """
    found: dict[str, set[str]] = {}
    for module in modules:
        tail = module.replace(".", "/") + ".py"
        for path in (p for p in files if p == tail or p.endswith(f"/{tail}")):
            tree = ast.parse(read(path) or "")
            for source in (tree, *imported(tree, path, read, DEPTH)):
                for name, taken in _defined(source):
                    found.setdefault(name, set()).update(taken)
    return found


def _defined(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, _taken(node)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    name = node.name if inner.name == "__init__" else inner.name
                    yield name, _taken(inner)


def _taken(node: ast.FunctionDef) -> set[str]:
    return {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}

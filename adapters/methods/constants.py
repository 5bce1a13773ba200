"""Runs a script of a method that has no option for something, with other constants in it.

``constants.py SCRIPT CHANGE ... [-- ARGUMENTS]``, where a change is one of

    NAME=TEXT               the module's constant NAME becomes this text
    NAME:=EXPRESSION        ... this number, truth value or list; ``min`` and ``max`` are known
    FUNCTION.NAME:=...      so does the argument NAME in every call of FUNCTION

The script's file is not touched: what is changed is the syntax tree that is run. A name that the
script does not assign, or give to that function, is an error: another version of the script must
not run with its own values. Runs in the method's environment; standard library only, Python 3.8.
"""

from __future__ import annotations

import ast
import os
import sys
import types
from pathlib import Path


class Changes(ast.NodeTransformer):
    """Puts values in place of those that a script gives.

    Args:
        values: By name, or by ``FUNCTION.NAME``.

    Attributes:
        left: Names that were not met yet.
    """

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values
        self.left = set(values)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Change calls inside a function; its own variables are no constants."""
        held, self.values = self.values, {k: v for k, v in self.values.items() if "." in k}
        self.generic_visit(node)
        self.values = held
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """Change ``NAME = ...``, at the top or below ``if __name__ == "__main__"``."""
        self.generic_visit(node)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            node.value = self._changed(node.targets[0].id, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Change ``FUNCTION(NAME=...)``."""
        self.generic_visit(node)
        if isinstance(node.func, (ast.Name, ast.Attribute)):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            for keyword in node.keywords:
                keyword.value = self._changed(f"{called}.{keyword.arg}", keyword.value)
        return node

    def _changed(self, name: str, value: ast.expr) -> ast.expr:
        if name not in self.values:
            return value
        self.left.discard(name)
        new = ast.parse(repr(self.values[name]), mode="eval").body
        return ast.copy_location(new, value)


def value_of(change: str) -> tuple[str, object]:
    """Return name and value of one change."""
    name, sign, text = change.partition("=")
    if not sign or not name.rstrip(":").replace(".", "_").isidentifier():
        sys.exit(f"constants.py: not a change: {change}")
    if not name.endswith(":"):
        return name, text
    # The text is part of a command line, which may run anything anyway.
    return name[:-1], eval(text, {"__builtins__": {}, "min": min, "max": max})  # noqa: S307


def main() -> None:
    """Change the script and become it."""
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    script, arguments = words[0], words[end + 1 :]
    changes = Changes(dict(value_of(word) for word in words[1:end]))
    tree = changes.visit(ast.parse(Path(script).read_bytes(), script))
    if changes.left:
        sys.exit(f"constants.py: {script} does not set {', '.join(sorted(changes.left))}")
    sys.path[0] = os.path.dirname(os.path.realpath(script))  # noqa: PTH120 - as Python does
    sys.argv = [script, *arguments]
    module = types.ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module
    code = compile(ast.fix_missing_locations(tree), script, "exec", dont_inherit=True)
    exec(code, module.__dict__)  # noqa: S102 - the script


if __name__ == "__main__":
    main()

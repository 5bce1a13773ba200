"""Data as scripts: what a page that was opened from the file system is allowed to load.

A shard is one call with two string literals, the second of which is JSON. Everything outside plain
ASCII, and what could end a script or begin markup, is escaped; keys are ours, values are parsed
by ``JSON.parse``, so that no name from a run is ever code, a tag, or a property of an object.
"""

import json
import re

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&'`"}


def shard(name: str, data: object) -> str:
    """Return a script that hands ``data`` to the page under ``name``.

    Raises:
        ValueError: If ``data`` holds a number that JSON does not have, or ``name`` is not plain.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a shard")
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return f'Board.put("{name}",{literal(text)});\n'


def literal(text: str) -> str:
    """Return a JavaScript string literal, in ASCII, that no HTML can be made of."""
    return json.dumps(text).translate(_ESCAPED)

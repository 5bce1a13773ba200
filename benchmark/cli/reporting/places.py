"""Keeping the places of this machine out of what is handed on."""

from collections.abc import Sequence
from pathlib import Path

from leaderboards.text import placeless

_LONGEST = 3000
"""Characters of a line: plots name many cases in one."""


def without_places(text: str, roots: Sequence[Path]) -> str:
    """Return a line with run directories named as they are called, and no other place.

    Args:
        text: What a command says.
        roots: Run directories.
    """
    spelled = {str(form): root.name for root in roots for form in (root, root.resolve())}
    for place, name in sorted(spelled.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(place, name)
    return placeless(text, _LONGEST)

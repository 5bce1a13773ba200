"""Keeping the places of this machine out of what is handed on."""

from collections.abc import Sequence
from pathlib import Path


def without_places(text: str, roots: Sequence[Path]) -> str:
    """Return ``text`` with every run directory named as it is called, not where it lies.

    Args:
        text: What a command says.
        roots: Run directories.
    """
    spelled = {str(form): root.name for root in roots for form in (root, root.resolve())}
    for place, name in sorted(spelled.items(), key=lambda pair: -len(pair[0])):
        text = text.replace(place, name)
    return text

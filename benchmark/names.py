"""Names that people type: resolved with a suggestion, and printed safely."""

import difflib
import unicodedata
from collections.abc import Iterable

from benchmark.errors import UsageProblem


def resolve(name: str, known: Iterable[str], kind: str) -> str:
    """Return ``name`` if it is known.

    Args:
        name: What the user typed.
        known: The valid names.
        kind: What is being named, for the message (``method``, ``split``).

    Raises:
        UsageProblem: If ``name`` is unknown; says which names there are and which is nearest.
    """
    names = list(known)
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?  " if near else ""
    raise UsageProblem(f"unknown {kind} '{name}'", f"{hint}known: {', '.join(names) or 'none'}")


def printable(name: str) -> str:
    """Return ``name`` in NFC with everything unprintable escaped; always valid UTF-8."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in composed)

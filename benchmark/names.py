"""Names that people type: resolved with a suggestion, and printed safely."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

from benchmark.errors import UsageProblem

_LISTED = 12
_NEAR = 4


def resolve(name: str, known: Iterable[str], kind: str, listing: str = "") -> str:
    """Return ``name`` if it is known.

    Args:
        name: What the user typed.
        known: The valid names.
        kind: What is being named, for the message (``method``, ``split``).
        listing: The command that lists them, where there are many.

    Raises:
        UsageProblem: If ``name`` is unknown; says which is nearest, and which names there are
            where that is a short list.
    """
    names = list(known)
    if name in names:
        return name
    raise UsageProblem(f"unknown {kind} '{name}'", _guess(name, names, listing))


def _guess(name: str, names: Sequence[str], listing: str) -> str:
    """Say which names are meant, whatever their case, and where the others are."""
    folded = {known.casefold(): known for known in reversed(names)}
    found = difflib.get_close_matches(name.casefold(), folded, n=_NEAR, cutoff=0.5)
    near = [folded[match] for match in found]
    guess = f"did you mean '{near[0]}'?" if near else ""
    if len(names) <= _LISTED:
        return f"{guess}  known: {', '.join(names) or 'none'}".strip()
    said = [f"{guess}  or {', '.join(near[1:])}" if near[1:] else guess] if near else []
    if listing:
        said.append(f"all {len(names)}: {listing}")
    elif not near:
        said.append(f"there are {len(names)}: {', '.join(names[:_LISTED])} ...")
    return "\n".join(said)


def printable(name: str) -> str:
    """Return ``name`` in NFC with everything unprintable escaped; always valid UTF-8."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in composed)

"""Strings from outside (labels, reasons, notices) made fit for one line of any format."""

import unicodedata

_LONGEST = 300


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` as one printable line.

    Control and formatting characters (line breaks, terminal escapes, direction marks) become
    spaces, spaces are joined, and what exceeds ``longest`` characters ends in an ellipsis.
    """
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"

"""Strings from outside (labels, reasons, notices) made fit for one line of any format."""

import re
import unicodedata

_LONGEST = 300
_FOLDERS = re.compile(r"""(?<![\w.:/-])~?/(?:[^\s/'"<>|:;,()]+/)+(?=[^\s/'"<>|:;,()])""")
"""The folders of an absolute path, up to its last name; no part of an address of the web."""


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return ``text`` as one printable line.

    Control and formatting characters (line breaks, terminal escapes, direction marks) become
    spaces, spaces are joined, and what exceeds ``longest`` characters ends in an ellipsis.
    """
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    line = " ".join(visible.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def placeless(text: str, longest: int = _LONGEST) -> str:
    """Return `clean` of a text in which only the last name is left of every absolute path.

    For what programs and error messages say: it is published, and where a file lay is not to be.
    """
    return clean(_FOLDERS.sub("", text), longest)

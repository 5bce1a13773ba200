"""Licences of weights that a user has accepted: asked once, kept with the date, sent nowhere.

The record is a file of the user's, outside the cache: emptying the cache takes nothing back, and a
cache that is shared decides for nobody. It holds the sentence that was accepted; when a later
version says something else about the licence, it asks again.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmark.errors import EnvironmentProblem
from benchmark.names import resolve
from benchmark.paths import user_dir
from metrics.weights import Licence, licences, registry

_FILE = "licences.json"


def record_file() -> Path:
    """Return the file in which acceptances are kept."""
    return user_dir() / _FILE


def is_accepted(licence: Licence) -> bool:
    """Say whether files under ``licence`` may be used: it is permissive, or was accepted."""
    return licence.permissive or accepted_on(licence) is not None


def accepted_on(licence: Licence) -> str | None:
    """Return the date on which ``licence`` was accepted as it stands, or ``None``."""
    entry = _read().get(licence.name)
    if not isinstance(entry, Mapping) or entry.get("says") != licence.says:
        return None
    date = entry.get("accepted")
    return date if isinstance(date, str) else None


def licence_named(name: str) -> Licence:
    """Return the licence called ``name``, or the licence of the weights called so.

    Raises:
        UsageProblem: If there is neither; says what is nearest.
    """
    restricted = [licence.name for licence in licences().values() if not licence.permissive]
    if name in registry():
        return registry()[name].licence
    if name in licences():
        return licences()[name]
    return licences()[resolve(name, restricted, "licence")]


def accept(names: Iterable[str], say: Callable[[str], None]) -> None:
    """Record that the user accepts licences; says what each says, the first time only.

    Args:
        names: Names of licences, or of weights under them.
        say: Where to print.

    Raises:
        UsageProblem: If there is no such licence.
        EnvironmentProblem: If the record cannot be written.
    """
    for licence in dict.fromkeys(licence_named(name) for name in names):
        if is_accepted(licence):
            continue
        _write(licence)
        say(f"licence {licence.name} accepted: {licence.says} {licence.terms}")
        say(f"(kept in {record_file()}; delete its entry there to take it back)")


def _read() -> Mapping[str, Any]:
    """Return the record; one that cannot be read accepts nothing."""
    try:
        record = json.loads(record_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _write(licence: Licence) -> None:
    date = datetime.now(UTC).date().isoformat()
    entry = {"accepted": date, "says": licence.says, "terms": licence.terms}
    text = json.dumps({**_read(), licence.name: entry}, indent=2, ensure_ascii=False)
    target = record_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_FILE, suffix=".part")
        part = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as sink:
                sink.write(text + "\n")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot keep the acceptance in {target}: {error.strerror}",
            "set XDG_DATA_HOME to a folder that you may write to",
        ) from None

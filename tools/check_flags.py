"""Hold the flags and defaults of method descriptions against the methods' own source.

    python tools/check_flags.py fomm=../first-order-model xnemo=../x-nemo-inference [--write]

For each ``METHOD=CLONE`` the description's commit is read from the local clone, bare or not; its
argument parsers are read as syntax, nothing of it is run. Said are flags that no parser knows,
values that it refuses, options that it insists on, constants that a script does not set, keys that
no configuration file has; and defaults that the description sets otherwise. With ``--write`` the
result is kept in docs/flags_checked.json, from which docs/public-methods.md is written.
"""

import argparse
import datetime
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adapters.description import Description
from adapters.rows import FOLDER, our_rows
from adapters.words import PLACEHOLDERS, filled, names_in
from tools.argument_parsers import UNKNOWN, Option, Script, read_script
from tools.hook_calls import calls_of, parameters
from tools.invocations import Invoked, invoked

KEPT = Path(__file__).resolve().parent.parent / "docs" / "flags_checked.json"
_NUMBERS = {"seed": "0", "frames": "10", "fps": "25", "width": "512", "height": "512"}
_KEY = re.compile(r"^\s{0,2}['\"]?([A-Za-z_]\w*)['\"]?\s*:\s*(.*?)\s*,?\s*(?:#.*)?$")


@dataclass
class Found:
    """What was found of one method.

    Attributes:
        commit: The commit that was read.
        words: Digest of the words of the description that were checked.
        flags: Flags, constants and keys that were found in the source, with how they are given.
        problems: What does not fit.
        differences: Defaults that the description sets otherwise.
    """

    commit: str
    words: str
    flags: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


class Clone:
    """Files of a local clone at one commit."""

    def __init__(self, folder: Path, commit: str) -> None:
        self._folder, self._commit = folder, commit

    def read(self, path: str) -> str | None:
        """Return a file's text; nothing if it is not there."""
        done = self._git("show", f"{self._commit}:{path.removeprefix('./')}")
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None

    def files(self, *suffixes: str) -> list[str]:
        """Return the paths that end so."""
        done = self._git("ls-tree", "-r", "--name-only", self._commit)
        if done.returncode:
            sys.exit(f"{self._folder} has no commit {self._commit}")
        return [p for p in done.stdout.decode().splitlines() if p.endswith(suffixes)]

    def _git(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(["git", "-C", str(self._folder), *words], capture_output=True,
                              check=False)  # fmt: skip


def digest(row: Description) -> str:
    """Return 16 hex digits over what is checked of ``row``, its hook included."""
    words = row.model_dump(
        mode="json", by_alias=True,
        include={"commit", "command", "self_flags", "cross", "components", "options", "files"},
    )  # fmt: skip
    hooks = {w.removeprefix("{hooks}/") for w in row.command if w.startswith("{hooks}/")}
    hooks |= {row.worker.partition(":")[0]} - {""}
    texts = [(FOLDER / name).read_text(encoding="utf-8") for name in sorted(hooks)]
    content = json.dumps([words, texts], sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def check(row: Description, clone: Clone) -> Found:
    """Return what is found of ``row``."""
    found = Found(row.commit, digest(row))
    sample = {**dict.fromkeys(PLACEHOLDERS, "/somewhere"), **_NUMBERS}
    sample |= {name: str(value) for name, value in row.options.items()}
    for call in invoked(row, FOLDER):
        script = read_script(call.script, clone.read)
        if script is None:
            found.problems.append(f"there is no {call.script}")
            continue
        _changes(call, script, found)
        _flags(call, script, sample, found)
    if row.worker:
        _hook(FOLDER / row.worker.partition(":")[0], clone, found)
    for file in row.files:
        _keys(file.content, sample, clone, found)
    return found


def _changes(call: Invoked, script: Script, found: Found) -> None:
    for name, value in call.changes:
        known = script.keywords if "." in name else script.constants
        if name not in known:
            found.problems.append(f"{script.path} does not set {name}")
        else:
            found.flags.append(name)
            found.differences += _apart(name, [value], known[name])


def _flags(call: Invoked, script: Script, sample: dict[str, str], found: Found) -> None:
    given = set()
    for flag, values in call.flags:
        option = script.options.get(flag)
        if option is None:
            found.problems.append(f"{script.path} knows no {flag}")
            continue
        given |= set(option.names)
        found.flags.append(flag)
        if call.valued:
            found.problems += _refused(flag, [filled(v, sample) for v in values], option)
        if values and not set(names_in(" ".join(values))) & set(PLACEHOLDERS):
            found.differences += _apart(flag, [filled(v, sample) for v in values], option.default)
    for option in {id(o): o for o in script.options.values() if o.required}.values():
        if call.complete and not given & set(option.names):
            found.problems.append(f"{script.path} insists on {option.names[0]}")


def _refused(flag: str, values: list[str], option: Option) -> Iterator[str]:
    if option.takes_value != bool(values):
        yield f"{flag} takes {'a' if option.takes_value else 'no'} value"
    for value in values:
        if option.choices and value not in map(str, option.choices):
            yield f"{flag} takes one of {', '.join(map(str, option.choices))}, not {value}"
        try:
            {"int": int, "float": float}.get(option.kind, str)(value)
        except ValueError:
            yield f"{flag} takes {option.kind}, not {value}"


def _apart(name: str, ours: list[str], theirs: object) -> Iterator[str]:
    """Say what a default is here and there, where there is one and it differs."""
    if theirs is UNKNOWN or theirs in (None, "", "[") or set(names_in(" ".join(ours))):
        return
    if str(theirs).startswith("/path/"):  # nobody's default
        return
    default = list(theirs) if isinstance(theirs, (list, tuple)) else [theirs]
    if [_plain(value) for value in ours] != [_plain(value) for value in default]:
        said = " ".join(ours) or "empty"
        yield f"{name}: {said}, by default {' '.join(str(value) for value in default)}"


def _plain(value: object) -> str:
    try:
        return repr(float(str(value)))
    except ValueError:
        return str(value).strip("'\"").removeprefix("./").rstrip("/")


def _hook(hook: Path, clone: Clone, found: Found) -> None:
    """Hold the named arguments that a worker's hook gives against the method's functions."""
    modules, calls = calls_of(hook)
    taken = parameters(modules, clone.files(".py"), clone.read)
    for call in calls:
        for keyword in call.keywords if call.name in taken else ():
            if keyword in taken[call.name]:
                found.flags.append(f"{call.name}.{keyword}")
            else:
                found.problems.append(f"{call.name} takes no argument {keyword}")


def _keys(content: str, sample: dict[str, str], clone: Clone, found: Found) -> None:
    """Compare a configuration file with the shipped one that has most of its keys."""
    ours = _settings(content)
    shipped = {path: _settings(clone.read(path) or "") for path in clone.files(".yaml", ".yml")}

    def alike(path: str) -> tuple[int, int]:
        theirs = shipped[path]
        return len(ours.keys() & theirs.keys()), len(ours.items() & theirs.items())

    path = max(shipped, key=alike, default="")
    theirs = shipped.get(path, {})
    for key, value in ours.items():
        if key not in theirs:
            found.problems.append(f"{path or 'no configuration file'} has no key {key}")
            continue
        found.flags.append(key)
        if not set(names_in(value)) & set(PLACEHOLDERS):
            found.differences += _apart(key, [filled(value, sample)], theirs[key])


def _settings(text: str) -> dict[str, str]:
    lines = (_KEY.match(line) for line in text.splitlines() if not line.startswith("  - "))
    found = {m[1]: m[2].strip("'\"") for m in lines if m}
    return {key: value for key, value in found.items() if key != "test_cases"}


def main() -> None:
    """Check the methods that are named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clones", nargs="+", metavar="METHOD=CLONE")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {KEPT.name}")
    args = parser.parse_args()
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    bad = 0
    for pair in args.clones:
        name, _, folder = pair.partition("=")
        row = our_rows()[name]
        found = check(row, Clone(Path(folder), row.commit))
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        kept[name] = {"date": today, **vars(found), "flags": len(found.flags)}
        bad += len(found.problems)
        print(f"{name} @ {row.commit[:12]}: {len(found.flags)} found")
        for said in (*(f"does not fit: {p}" for p in found.problems), *found.differences):
            print(f"  {said}")
    if args.write:
        text = json.dumps(kept, indent=1, sort_keys=True, ensure_ascii=False)
        KEPT.write_text(text + "\n", encoding="utf-8", newline="\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

"""Layouts with a table: FOMM's folders with pairs, a plain table of pairs, Hugging Face folders."""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from benchmark.errors import UsageProblem
from benchmark.names import printable
from benchmark.splits.layouts.talking import clips_only, named
from benchmark.splits.layouts.walk import PICTURES, VIDEOS, Ask, Walk, table, unexpected
from benchmark.splits.originals import Draft, Found, Group, Wish, finished

FOMM_TREE = (
    "expected:  DIR/test/VIDEO.mp4   or DIR/test/VIDEO/0000000.png ... with --frame-rate 25\n"
    "with:      --pairs FILE.csv: distance,source,driving,frame   (else pairs are drawn)"
)
PAIRS_TREE = (
    "expected:  DIR/pairs.csv (or --pairs FILE): source,driving and, if wanted, tags\n"
    "           with paths relative to DIR: source a picture or a video (its first frame),\n"
    "           driving a video; tags are separated by ;"
)
HF_TREE = (
    "expected:  DIR/[PART/]metadata.csv or metadata.jsonl with file_name, or with\n"
    "           source_file_name and driving_file_name; paths relative to the table\n"
    "or:        DIR/[PART/][LABEL/]*.mp4   (PART: train, validation or test)"
)
_PARTS = ("train", "validation", "test")
_TABLES = ("metadata.csv", "metadata.jsonl")
_MAX_TAG = 60


def fomm(root: Path, ask: Ask) -> Found:
    """Read a FOMM-style test folder; as FOMM does, the source is the first frame of its video."""
    walk = Walk(root, FOMM_TREE)
    for entry in walk.entries(root):
        if entry != ask.pairs and entry.name not in ("train", "test"):
            walk.skip(entry, "neither train/ nor test/")
    drafts = []
    for path in walk.entries(root / "test"):
        if path.is_dir():
            clip = walk.frames(path, ask)
            drafts += [] if clip is None else [named(clip, path.name, "", ())]
        elif reason := unexpected(path, VIDEOS):
            walk.skip(path, reason)
        else:
            drafts.append(Draft(path, path.name))
    found = clips_only(walk, drafts)
    if ask.pairs is None:
        return found
    group = found.groups["single"]
    wishes = _fomm_pairs(ask.pairs, {draft.name for draft in drafts})
    return Found({"single": Group((), group.driving, wishes)}, found.skipped)


def _fomm_pairs(path: Path, names: set[str]) -> tuple[Wish, ...]:
    wishes: dict[tuple[str, str], Wish] = {}
    for line, row in table(path, ("source", "driving"), ("distance", "frame")):
        for role in ("source", "driving"):
            if row[role] not in names:
                raise UsageProblem(f"{path}:{line}: no video '{printable(row[role])}' in test/")
        tags = tuple(f"{key}={row[key]}" for key in ("distance", "frame") if key in row)
        _keep(wishes, Wish(printable(row["source"]), printable(row["driving"]), tags), path, line)
    return tuple(wishes.values())


def pairs(root: Path, ask: Ask) -> Found:
    """Read a plain table of pairs."""
    walk = Walk(root, PAIRS_TREE)
    path = ask.pairs or root / "pairs.csv"
    if not path.exists():
        raise UsageProblem(f"no table of pairs at {path}", PAIRS_TREE)
    portraits: dict[str, Draft] = {}
    clips: dict[str, Draft] = {}
    wishes: dict[tuple[str, str], Wish] = {}
    for line, row in table(path, ("source", "driving"), ("tags",)):
        where = f"{path}:{line}"
        source = _listed(walk, root, row["source"], where)
        driving = _listed(walk, root, row["driving"], where)
        (portraits if _is_picture(source) else clips)[source.name] = source
        if _is_picture(driving):
            raise UsageProblem(f"{where}: {driving.name} cannot drive, it is no video")
        clips[driving.name] = driving
        tags = tuple(tag.strip() for tag in row.get("tags", "").split(";") if tag.strip())
        wish = Wish(printable(source.name), printable(driving.name), tags)
        _keep(wishes, wish, path, line)
    if not wishes:
        raise UsageProblem(f"{path} has no pairs", PAIRS_TREE)
    group = Group(finished(portraits.values()), finished(clips.values()), tuple(wishes.values()))
    return Found({"single": group}, tuple(walk.skipped))


def _keep(wishes: dict[tuple[str, str], Wish], wish: Wish, path: Path, line: int) -> None:
    key = (wish.source, wish.driving)
    if key in wishes:
        raise UsageProblem(f"{path}:{line}: the pair {' and '.join(key)} occurs twice")
    if wish.source == wish.driving:
        raise UsageProblem(
            f"{path}:{line}: {wish.source} drives itself: the self cases are made without a list"
        )
    wishes[key] = wish


def _is_picture(draft: Draft) -> bool:
    return draft.path.suffix.lower() in PICTURES


def _listed(walk: Walk, base: Path, text: str, where: str) -> Draft:
    """Return a file that a table names, if it lies inside the folder."""
    pure = PurePosixPath(text)
    if not text or pure.is_absolute() or ".." in pure.parts or "\\" in text or "\0" in text:
        raise UsageProblem(f"{where}: {printable(text)!r} is no path inside the folder")
    path = base / pure
    if reason := unexpected(path, PICTURES | VIDEOS):
        raise UsageProblem(f"{where}: {printable(text)}: {reason}")
    return Draft(path, walk.name(path))


def huggingface(root: Path, ask: Ask) -> Found:
    """Read a dataset folder as Hugging Face's folder loaders expect it."""
    walk = Walk(root, HF_TREE)
    places = [(root, "")]
    places += [(root / part, part) for part in _PARTS if (root / part).is_dir()]
    tables = [(place / n, part) for place, part in places for n in _TABLES if (place / n).exists()]
    if tables:
        return _hf_tables(walk, tables)
    drafts: list[Draft] = []
    for place, part in places:
        drafts += _hf_folder(walk, place, part)
    for entry in root.rglob("*.parquet"):
        raise UsageProblem(
            f"{walk.name(entry)}: media inside parquet tables are not read",
            "write them out as files with a metadata.csv",
        )
    return clips_only(walk, drafts)


def _hf_folder(walk: Walk, place: Path, part: str) -> Iterator[Draft]:
    tags = (f"part={part}",) if part else ()
    for entry in walk.entries(place):
        if place == walk.root and entry.name in _PARTS and entry.is_dir():
            continue
        if entry.is_dir() and not entry.name.startswith("."):
            for path in walk.files(entry, VIDEOS):
                yield Draft(path, walk.name(path), tags=(*tags, f"label={entry.name}"))
        elif reason := unexpected(entry, VIDEOS):
            walk.skip(entry, reason)
        else:
            yield Draft(entry, walk.name(entry), tags=tags)


def _hf_tables(walk: Walk, tables: list[tuple[Path, str]]) -> Found:
    portraits: dict[str, Draft] = {}
    clips: dict[str, Draft] = {}
    wishes: dict[tuple[str, str], Wish] = {}
    paired = plain = False
    for path, part in tables:
        tags = (f"part={part}",) if part else ()
        for line, row in _rows(path):
            where = f"{path}:{line}"
            files = [key for key in row if key == "file_name" or key.endswith("_file_name")]
            said = tuple(
                f"{key}={value}"
                for key, value in row.items()
                if key not in (*files, "identity") and 0 < len(value) <= _MAX_TAG
            )
            found = {}
            for key in files:
                draft = _listed(walk, path.parent, row[key], where)
                identity = row.get("identity", "") if key == "file_name" else ""
                known = portraits if _is_picture(draft) else clips
                own = (*tags, *said) if key == "file_name" else tags
                known[draft.name] = found[key] = named(draft, draft.name, identity, own)
            if {"source_file_name", "driving_file_name"} <= set(files):
                paired = True
                names = [printable(found[f"{r}_file_name"].name) for r in ("source", "driving")]
                _keep(wishes, Wish(names[0], names[1], said), path, line)
            elif files == ["file_name"]:
                plain = True
            else:
                raise UsageProblem(f"{where}: neither file_name nor source_ and driving_file_name")
    if paired and plain:
        raise UsageProblem(f"{walk.root}: some tables list pairs, others files", HF_TREE)
    for wish in wishes.values():
        if wish.driving not in {printable(name) for name in clips}:
            raise UsageProblem(f"{wish.driving} cannot drive, it is no video")
    if not clips:
        raise walk.nothing("clips")
    group = Group(
        finished(portraits.values()),
        finished(clips.values()),
        tuple(wishes.values()) if paired else None,
        clips_as_portraits=not paired and not portraits,
    )
    return Found({"single": group}, tuple(walk.skipped))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    if path.suffix == ".csv":
        yield from table(path, ())
        return
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _json_row(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageProblem(f"cannot read the table {path}: {error}") from None


def _json_row(path: Path, number: int, line: str) -> dict[str, str]:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(f"{path}:{number}: {error}") from None
    if not isinstance(row, dict):
        raise UsageProblem(f"{path}:{number}: not an object")
    return {str(k): str(v) for k, v in row.items() if isinstance(v, str | int | float)}

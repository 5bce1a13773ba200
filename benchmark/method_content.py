"""What a method is made of, as far as it can be seen: a changed method is another run.

Without this, a method that was edited would silently get the table of its earlier self.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from adapters.precomputed import SUFFIXES
from benchmark.checkout import checkout_content
from benchmark.spec import MethodSpec

_OURS = Path(__file__).resolve().parent.parent
_HOOK = "{hooks}/"
_CODE = (".py", ".json", ".toml", ".yaml", ".yml")


def method_content(spec: MethodSpec) -> str:
    """Return 16 hex digits over what ``spec`` is made of.

    That is the code of the package (or single module) that holds its class, and of files and
    folders that its options name: finished videos by content, other files by size and time of
    change, since checkpoints are too large to read at every start. Of a method outside it is the
    code of its repository and our side of it.
    """
    digest = hashlib.sha256()
    outside = _outside(spec) if spec.row is not None else ()
    inside = _named(spec.options, Path(spec.search or "."))
    for name, content in (*_code(spec), *inside, *outside):
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()[:16]


def _code(spec: MethodSpec) -> Iterable[tuple[str, str]]:
    module = spec.target.partition(":")[0]
    root = Path(spec.search) if spec.search else _OURS
    parts = module.split(".")
    inside = root.joinpath(*(parts if not spec.search else parts[:1]))
    if inside.is_dir():
        files = sorted(p for p in inside.rglob("*") if p.suffix in _CODE and p.is_file())
    else:
        files = [p for p in (inside.with_suffix(".py"),) if p.is_file()]
    return [(str(p.relative_to(root)), _sha256(p)) for p in files]


def _outside(spec: MethodSpec) -> Iterator[tuple[str, str]]:
    home = spec.options["home"]
    yield from checkout_content(Path(home["repository"]))
    for path in sorted((_OURS / "adapters").glob("*.py")):  # how frames are mapped and cut
        yield path.name, _sha256(path)
    how = spec.options["how"]
    named = [how["worker"].partition(":")[0], *(w for w in how["command"] if w.startswith(_HOOK))]
    for hook in (Path(home["hooks"]) / name.removeprefix(_HOOK) for name in named):
        if hook.is_file():
            yield hook.name, _sha256(hook)
    for path in spec.watched:
        stat = path.stat()
        yield str(path), f"{stat.st_size} {stat.st_mtime_ns}"


def _named(options: Mapping[str, Any], base: Path) -> Iterable[tuple[str, str]]:
    for key, value in sorted(options.items()):
        if not isinstance(value, str) or not value or "\0" in value:
            continue
        try:
            path = base / Path(value).expanduser()
            if key == "videos" and path.is_dir():
                videos = sorted(p for p in path.iterdir() if p.suffix in SUFFIXES and p.is_file())
                yield from [(p.name, _sha256(p)) for p in videos]
            elif path.is_file():
                stat = path.stat()
                yield key, f"{stat.st_size} {stat.st_mtime_ns}"
        except (OSError, RuntimeError):  # a prompt, or ~nobody: an option that names no file
            continue


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

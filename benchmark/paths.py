"""Where things live on this machine outside runs and datasets."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Return the cache folder: ``BENCH_CACHE``, else the user's cache folder."""
    if named := os.environ.get("BENCH_CACHE"):
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "portraitbench"


def weights_dir() -> Path:
    """Return the folder that fetched weights go to."""
    return cache_dir() / "weights"


def weights_folders() -> list[Path]:
    """Return the folders searched for weights: those of ``BENCH_WEIGHTS`` first, then our own."""
    named = os.environ.get("BENCH_WEIGHTS", "")
    return [Path(p).expanduser() for p in named.split(os.pathsep) if p] + [weights_dir()]


def user_dir() -> Path:
    """Return the folder of what this user decided, apart from the cache: ``XDG_DATA_HOME``."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "portraitbench"


def offline() -> bool:
    """Say whether ``BENCH_OFFLINE`` forbids every network access."""
    return os.environ.get("BENCH_OFFLINE", "").lower() not in {"", "0", "false", "no"}

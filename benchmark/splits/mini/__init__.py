"""mini, the embedded split: two public-domain portraits that move in known ways."""

from benchmark.splits.mini.cache import build

__all__ = ["build"]

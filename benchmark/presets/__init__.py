"""Comparisons of papers as data: which methods, on what split, by which protocol and metrics."""

from benchmark.presets.load import Part, Preset, find_preset, presets

__all__ = ["Part", "Preset", "find_preset", "presets"]

"""Splits: what is run. A manifest, its media, and where they come from."""

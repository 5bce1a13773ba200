"""Every metric of several people together, in the order tables show them."""

from metrics.crowd.counts import COUNTS
from metrics.crowd.evidence import CrowdFamily
from metrics.crowd.swaps import SWAPS
from metrics.leakage.metrics import LEAKAGE

FAMILIES: tuple[CrowdFamily, ...] = (*LEAKAGE, COUNTS, SWAPS)
"""Families of metrics; each is computed once a case."""

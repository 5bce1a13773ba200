"""The regression gate: one run against a baseline, a verdict a metric, an exit code."""

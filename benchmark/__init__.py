"""The harness: splits, generation, measurement and the record of a run."""

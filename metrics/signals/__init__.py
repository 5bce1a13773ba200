"""Per-frame measurements that several metrics share; one file an extractor."""

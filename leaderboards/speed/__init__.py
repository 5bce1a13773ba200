"""Tables of speed: what `bench perf` measured, beside what `bench run` measured."""

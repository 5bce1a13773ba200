"""A folder about some runs that stands alone: tables, plots, worst cases, provenance."""

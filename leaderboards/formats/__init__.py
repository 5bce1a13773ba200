"""How a table is printed: pure functions from a `leaderboards.model.Table`."""

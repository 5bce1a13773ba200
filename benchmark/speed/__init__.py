"""Speed as a contract: what a figure includes, on which machine, and whether it is valid."""

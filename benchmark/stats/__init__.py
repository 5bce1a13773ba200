"""What may be concluded from scores: differences, their intervals, several at once, ranks."""

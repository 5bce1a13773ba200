"""What a gate found, in the forms people and machines read."""

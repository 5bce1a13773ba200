"""The command line, the outermost room: thin commands over the rooms, nothing imports it."""

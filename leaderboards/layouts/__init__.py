"""Tables in the layout of a paper: its columns, order, scales and digits, with runs below it."""

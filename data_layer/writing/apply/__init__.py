"""How each kind of write changes the rows of a batch."""

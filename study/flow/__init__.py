"""How far participants came through a protocol: the counts, and the drawing that shows them."""

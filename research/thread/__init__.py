"""One conversation as its participant saw it, with what lay behind."""

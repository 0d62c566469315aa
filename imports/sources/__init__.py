"""One file a kind of source; registry.py knows them all."""

"""The tables of an export, one a file: its columns, where its rows come from, what it is called."""

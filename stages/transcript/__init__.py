"""A thread on paper: what a participant's screen holds, read only, as HTML, text and data."""

"""The debrief: what it was about, and the question whether one's data may stay."""

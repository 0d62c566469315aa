"""One turn of an agent that works in stages, each a step that is kept with its input, output and order."""

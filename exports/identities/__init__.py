"""Who participants are: only when asked for."""

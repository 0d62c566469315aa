"""How each turn was processed."""

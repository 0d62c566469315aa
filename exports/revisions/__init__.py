"""Every state that a message or step was ever in."""

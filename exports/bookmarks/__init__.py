"""Messages that participants marked to find them again."""

"""The conversation in Chainlit's page: its socket guarded, its events turned into turns, its screen drawn."""

"""Files for browsers: Chainlit's bundle and our own, compressed once and kept."""

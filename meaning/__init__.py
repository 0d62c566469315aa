"""Search by meaning: messages are embedded in the background, and found by what they mean."""

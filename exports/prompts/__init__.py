"""The exact messages that were sent to models."""

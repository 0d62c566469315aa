"""All words with their meanings."""

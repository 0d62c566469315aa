"""A pilot: simulated participants walk a study on a server of its own, and a report says what they met."""

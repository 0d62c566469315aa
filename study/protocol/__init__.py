"""The study protocol: the stages that a participant goes through, and where each of them stands."""

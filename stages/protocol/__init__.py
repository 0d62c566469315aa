"""The study protocol, as it is gone through."""

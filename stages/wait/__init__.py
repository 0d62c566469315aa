"""The stage that lasts for a time."""

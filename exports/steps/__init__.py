"""The agents' visible work under a reply."""

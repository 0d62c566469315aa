"""The API's own reference: what its schema says, for people."""

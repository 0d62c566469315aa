"""What the server tells operators' programs: that it lives, whether it can be sent people, how it does."""

"""What else happened."""

"""What researchers made of what was said."""

"""What participants thought of replies."""

"""What was asked of models, and what it took."""

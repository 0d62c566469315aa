"""What participants and agents said."""

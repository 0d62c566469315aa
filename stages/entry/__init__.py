"""The ways in: who somebody is, by what they give, and how often they may try."""

"""Participants and researchers: how they come in, and what researchers did."""

"""Exports that are made while the server runs: for the room, for programs, and by night."""

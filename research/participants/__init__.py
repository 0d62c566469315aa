"""Participants: the list, one of them, and, when it is asked for, who they are."""

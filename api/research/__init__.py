"""What programs of researchers read: the study without identities, by a token of the room's Account page."""

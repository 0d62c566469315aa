"""The participant's own routes, below /me and beside it: threads, marks, files, withdrawal."""

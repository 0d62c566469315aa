"""What programs see: everything that a participant can do in the page, over HTTP. Mounted at /api/v1."""

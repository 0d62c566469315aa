"""The pages of the room, a module a noun; research/app.py lists them."""

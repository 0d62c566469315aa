"""The study's protocol as it is: its stages, what participants read and are asked, how it may end."""

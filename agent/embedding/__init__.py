"""What turns a text into numbers that stand for its meaning: a server's model, or one in a folder."""

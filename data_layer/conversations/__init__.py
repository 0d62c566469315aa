"""What participants have: threads, messages, branches, files, ratings, shares, and who is there."""

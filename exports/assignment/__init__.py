"""What replays an assignment: files for whoever has R alone, and the seeds that may be known."""

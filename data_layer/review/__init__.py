"""What researchers ask of the record: lists, filters and searches over everybody's threads."""

"""Files and other things shown beside a message."""

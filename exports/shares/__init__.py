"""Links with which participants let others read their threads."""

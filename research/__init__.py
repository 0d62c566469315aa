"""What researchers see: an app of its own at /research, which knows nothing of Chainlit."""

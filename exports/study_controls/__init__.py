"""How the study was steered: opened, paused, ended."""

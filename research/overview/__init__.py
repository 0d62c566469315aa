"""What goes on now, and since the start: figures, plots, costs, upkeep."""

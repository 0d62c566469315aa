"""Chainlit's page made ours: entry, guard, assets, files, privacy."""

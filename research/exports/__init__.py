"""Exports in the browser: choose, look, watch, download, prove."""

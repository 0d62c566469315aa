"""Simulated participants who walk through a study's protocol, page after page, as browsers show it."""

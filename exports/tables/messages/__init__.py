"""The table `messages`: what participants and agents said."""

from exports.tables.messages.table import TABLE

__all__ = ["TABLE"]

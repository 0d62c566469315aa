"""The table `form_answers_wide`: forms that were sent, one row a form and one column an item."""

from exports.tables.form_answers_wide.table import TABLE

__all__ = ["TABLE"]

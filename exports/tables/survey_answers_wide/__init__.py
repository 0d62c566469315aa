"""The table `survey_answers_wide`: participants, one column an item of a survey or a quiz."""

from exports.tables.survey_answers_wide.table import TABLE

__all__ = ["TABLE"]

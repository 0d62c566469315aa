"""Surveys: questions on pages of their own, answered once, and each change of an answer kept."""

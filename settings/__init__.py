"""What an operator may set: the one package that reads the environment, and `.env` beside it."""

from settings.fields import Settings, example_of, variable_name
from settings.reading import load_settings, supervision, variables_named
from settings.to_chainlit import export_to_chainlit

__all__ = [
    "Settings",
    "example_of",
    "export_to_chainlit",
    "load_settings",
    "supervision",
    "variable_name",
    "variables_named",
]

"""Forms that a simulated study asks with, where it has none of its own."""

from typing import Final

from study.forms import Form

FORMS: Final = (
    Form.model_validate(
        {
            "id": "drink",
            "title": "Your drink",
            "items": [
                {"id": "about", "kind": "note", "label": "What is left out is made as usual."},
                {"id": "milk", "kind": "choice", "label": "Which milk?", "options": ["Whole", "Oat", "None"]},
                {
                    "id": "extras",
                    "kind": "choices",
                    "label": "Anything with it?",
                    "options": ["Vanilla", "Caramel", {"value": "Nothing", "alone": True}],
                    "other": True,
                    "required": False,
                },
                {"id": "cups", "kind": "number", "label": "How many?", "least": 1, "most": 6},
                {"id": "where", "kind": "choice", "label": "Here or to go?", "options": ["Here", "To go"]},
                {
                    "id": "at",
                    "kind": "time",
                    "label": "When do you come for it?",
                    "least": "07:00",
                    "most": "18:00",
                    "show_if": {"item": "where", "is": "To go"},
                },
            ],
        }
    ),
    Form.model_validate(
        {
            "id": "visit",
            "title": "Your last visit",
            "items": [
                {
                    "id": "how",
                    "kind": "scale",
                    "label": "How was it?",
                    "low": "bad",
                    "high": "good",
                    "most": 7,
                },
                {"id": "warm", "kind": "slider", "label": "How warm was it?", "required": False},
                {"id": "day", "kind": "date", "label": "On which day?", "most": "2026-03-02"},
                {
                    "id": "best",
                    "kind": "ranking",
                    "label": "Best first",
                    "options": ["Taste", "Price", "Wait"],
                },
                {"id": "again", "kind": "yes_no", "label": "Will you come again?"},
                {
                    "id": "why",
                    "kind": "long_text",
                    "label": "Why not?",
                    "required": False,
                    "show_if": {"item": "again", "is": False},
                },
                {"id": "address", "kind": "email", "label": "Your address, for news", "required": False},
            ],
        }
    ),
    Form.model_validate(
        {
            "id": "right",
            "items": [{"id": "right", "kind": "yes_no", "label": "Is that right?", "display": "buttons"}],
        }
    ),
)

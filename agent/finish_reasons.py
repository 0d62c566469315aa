"""What providers say of an answer's end, in this project's terms: did it break off?"""

import re
from typing import Final

from study.vocabulary import CutOff

# By their letters alone: MAX_TOKENS, max-tokens and MaxTokens are one word.
_LETTERS: Final = re.compile(r"[^a-z]+")
_WORDS: Final = {
    CutOff.LENGTH: (
        "length",  # OpenAI, and whoever speaks as it does
        "max_tokens",  # Anthropic, Google, Cohere
        "max_output_tokens",
        "max_length",
        "model_length",  # Mistral
        "model_context_window_exceeded",  # Anthropic
        "context_length_exceeded",
        "token_limit",
        "error_limit",
    ),
    CutOff.CONTENT_FILTER: (
        "content_filter",  # OpenAI, Azure
        "content_filtered",  # Bedrock
        "guardrail_intervened",
        "safety",  # Google, with the six that follow
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
        "language",
        "image_safety",
        "refusal",  # Anthropic
        "error_toxic",  # Cohere
        "sensitive",  # Zhipu
        "moderation",
    ),
}
_KNOWN: Final = {_LETTERS.sub("", word): reason for reason, words in _WORDS.items() for word in words}


def cut_off_of(finish_reason: str | None) -> CutOff | None:
    """Read a provider's finish reason.

    Args:
        finish_reason: In its own words.

    Returns:
        Why the answer broke off; None for one that came to its end, and for words that nobody knows.
    """
    letters = _LETTERS.sub("", (finish_reason or "").casefold())
    return _KNOWN.get(letters) or _KNOWN.get(letters.removeprefix("finishreason"))

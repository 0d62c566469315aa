"""What the app itself says to a participant."""

from typing import Final

RETRY: Final = "Try again"
AGENT_FAILED: Final = "The answer could not be finished. Your message is kept."
AGENT_INTERRUPTED: Final = "The answer was interrupted. Your message is kept."
SAVING_DELAYED: Final = "Saving is delayed. What you write is kept safely and will be stored soon."
NOT_YOURS: Final = "That message could not be kept here. Please reload the page."
NOT_NOW: Final = "That cannot be done just now. Please try again in a minute."
APP_NAME: Final = "Verbatim"


def too_long(length: int, limit: int) -> str:
    """What a participant reads under a message that no agent will get."""
    return (
        f"Your message has {length:,} characters; up to {limit:,} can be answered. "
        "It is kept, but the agent did not get it. Please send a shorter one."
    )

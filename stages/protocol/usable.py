"""Whether somebody's data are meant to be analysed, and in plain words why not."""

from collections.abc import Sequence

from study.protocol.definition import Protocol


def why_not_usable(
    protocol: Protocol, ending: str, turns: Sequence[int], attention_failed: int
) -> str | None:
    """Look at how taking part ended.

    Args:
        protocol: The study's.
        ending: How.
        turns: Messages that were written, by chat.
        attention_failed: Attention checks that were failed.

    Returns:
        Why it is not usable; None where it is.
    """
    rule = protocol.usable
    if ending != rule.ending:
        return f"ended as {ending}"
    if rule.turns.least is not None and any(count < rule.turns.least for count in turns):
        return f"wrote {min(turns)} messages in a chat, of at least {rule.turns.least}"
    if rule.turns.most is not None and any(count > rule.turns.most for count in turns):
        return f"wrote {max(turns)} messages in a chat, of at most {rule.turns.most}"
    if rule.attention_failed is not None and attention_failed > rule.attention_failed:
        return f"failed {attention_failed} attention checks, of at most {rule.attention_failed}"
    return None

"""Thinking, beside the text and within it."""

from typing import Final

from tests.provider_answers.case import END, HELLO, Case, choice, content, sends

THINKING: Final = (
    Case(
        "DeepSeek, vLLM: reasoning_content",
        sends(
            choice({"role": "assistant", "content": None, "reasoning_content": "\n"}),
            choice({"content": None, "reasoning_content": "Hm"}),
            choice({"content": "", "reasoning_content": "."}),
            *HELLO,
            *END,
        ),
        thinking="\nHm.",
    ),
    Case("OpenRouter, Ollama: reasoning", sends(choice({"reasoning": "Hm."}), *HELLO, *END), thinking="Hm."),
    Case(
        "a gateway that says it under each name",
        sends(
            choice({"reasoning": "Hm.", "reasoning_content": "Hm.", "reasoning_details": [{"text": "Hm."}]}),
            *HELLO,
            *END,
        ),
        thinking="Hm.",
    ),
    Case(
        "OpenRouter: reasoning_details alone",
        sends(choice({"reasoning_details": [{"type": "reasoning.summary", "summary": "Hm."}]}), *HELLO, *END),
        thinking="Hm.",
    ),
    Case(
        "llama.cpp: tags in the text, cut anywhere",
        sends(*content("<th", "ink>\nHm.\n</", "think>\n", "\nHello", "."), *END),
        thinking="\nHm.\n",
    ),
    Case("Qwen: thinking that is empty", sends(*content("<think>\n\n</think>\n\n", "Hello."), *END)),
    Case(
        "tags that a reply speaks of",
        sends(*content("Write `<think>` and `</think>`:\n```\n<think>\n```"), *END),
        text="Write `<think>` and `</think>`:\n```\n<think>\n```",
    ),
    Case(
        "a template that has opened it",
        sends(*content("Hm.</think>Hello."), *END),
        text="Hm.</think>Hello.",
        details={
            "thinking": "a closing </think> stood in the reply and nothing had opened it; if that is how the "
            "server marks thinking, write starts_in_thinking: true for this agent"
        },
    ),
)

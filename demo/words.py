"""Names, titles and messages as people do write them, and as attackers would.

What is script here must stay text wherever it is shown: `window.__hit` tells a test that it did not.
"""

from typing import Final

NAMES: Final = (
    *("Ada", "Ben", "Chiara", "Deniz", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena"),
    *("Marek", "Nadia", "Olga", "Pablo", "Quyen", "Rosa", "Samir", "Tuva", "Umut", "Vera", "Wim", "Yuki"),
    *(
        "Zoë",
        "Łukasz",
        "Ибрагим",
        "أمينة",
        "דניאל",
        "小林",
        "<b onmouseover=window.__hit=1>Eve</b>",
        "👩🏽‍🚀 Neil",
    ),
)
TITLES: Final = (
    "<script>window.__hit = 1</script>",
    "Coffee, for the third time this week",
    '"><img src=x onerror="window.__hit = 1">',
    "שיחה על קפה (decaf)",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "طلب قهوة مع الحليب",
    "☕️🧋 👩‍👩‍👧‍👦 later?",
    "</bdi></a><svg onload=window.__hit=1>",
    "咖啡和茶",
    "[click](javascript:window.__hit=1) {{ 7 * 7 }}",
)
MESSAGES: Final = (
    "<script>window.__hit = 1</script> and a small latte, please",
    "Kann ich auf Deutsch bestellen? Einen großen Milchkaffee, bitte.",
    "<img src=x onerror=window.__hit=1>",
    "אני רוצה הפוך גדול עם חלב שקדים",
    "أريد قهوة سوداء بدون سكر من فضلك",
    "我要一杯大杯拿铁，少糖。",
    "ok 👍🏽 thx 🧋🧋🧋",
    "https://menu.example/" + "a-very-long-address-without-a-break/" * 6,
    "First line\nsecond line\n\n    and an indented one\twith a tab",
    "Is it <b>hot</b>? & does 1 < 2 && 3 > 2 hold? \"quotes\" 'too'",
    "NULL",
)
TAGS: Final = ("coffee", "tea", "to go", "complaint", "second order", "<i>odd</i>")
COMMENTS: Final = (
    "That was quick.",
    "It did not listen to what I said about the milk.",
    "Nice, but too many questions.",
    "<script>window.__hit = 1</script>",
    "Genau so!",
)
AGAIN: Final = "Let me put it another way: "
MEANT: Final = " — sorry, I meant with oat milk."
FAILED: Final = "The answer could not be given. Your message is kept."
ERRORS: Final = (
    ("APITimeoutError", "Request timed out."),
    ("RateLimitError", "Error code: 429 - Rate limit reached for requests"),
    ("InternalServerError", "Error code: 500 - The server had an error while processing your request"),
)
TOOL_ERRORS: Final = (
    '{"error":"It took too long. Nobody knows whether it was done.","error_type":"timeout"}',
    '{"error":"there is nothing in order 1","error_type":"tool_error"}',
)
USER_AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile Safari",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
)
LEFT: Final = ("client disconnect", "transport close", "ping timeout")
LONG_TITLE: Final = "A long conversation"

"""What to change when a model does not answer, by what its server, or the way there, has said of it."""

import re
from dataclasses import dataclass
from typing import Final

from agent.untaken import STATUSES, parameter_in

_STATUS: Final = re.compile(r"Error code: (\d{3})")
_PARAMETER_TYPES: Final = frozenset(
    {"unsupported_parameter", "unsupported_value", "BadRequestError", "UnprocessableEntityError"}
)
OTHERWISE: Final = (
    "Look at what the server said; docs/how-to/connect-a-model.md shows how servers of many kinds are "
    "connected, and `python cli.py check STUDY --ask` asks again."
)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a model may not answer.

    Args:
        repair: What to change, in a sentence or two.
        types: Names of it that providers and clients give (`error_type` in `llm_calls` and `runs`).
        words: What is said of it, whatever it is called.
        statuses: Those of HTTP that mean it, where nothing else is known.
    """

    repair: str
    types: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None
    statuses: frozenset[int] = frozenset()

    def fits(self, error_type: str, said: str, status: int | None) -> bool:
        """Whether this is the cause."""
        return (
            error_type in self.types
            or (self.words is not None and self.words.search(said) is not None)
            or status in self.statuses
        )


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_UNKNOWN_MODEL: Final = Cause(
    "The server has no model of this name: write one that it has into `model` of this agent in "
    "study.yaml, or into VERBATIM_MODEL. At Azure that is the name of the deployment.",
    frozenset({"model_not_found", "DeploymentNotFound", "model_not_available", "invalid_model"}),
    _words(
        r"model\b.{0,120}(not found|does not exist|not exist|is not available|try pulling|not a valid model)"
        r"|(unknown|no such|invalid|not a valid) model|deployment .{0,80}(does not exist|not found)"
    ),
)
_NO_TOOLS: Final = Cause(
    "The model, or its server, calls no tools, and this agent has some: choose a model that can (its page "
    "says `tools` or `function calling`), start vLLM with --enable-auto-tool-choice and --tool-call-parser, "
    "llama.cpp with --jinja; or take `tools` out of this agent in study.yaml.",
    frozenset({"tools_not_taken"}),
)
# The first that fits counts: what is said before what it is called, names before statuses.
CAUSES: Final = (
    _NO_TOOLS,
    Cause(
        "The account has no money left, or its limit is reached: raise that at the provider, or set "
        "the key of another account in OPENAI_API_KEY.",
        frozenset({"insufficient_quota", "billing_hard_limit_reached", "PaymentRequired"}),
        _words(r"exceeded your current quota|insufficient (balance|credits|funds)|payment required"),
        frozenset({402}),
    ),
    Cause(
        "The proxy on the way wants a name and a password: HTTPS_PROXY=http://name:password@host:port",
        words=_words(r"\b407\b|proxy authentication"),
        statuses=frozenset({407}),
    ),
    _UNKNOWN_MODEL,
    Cause(
        "The server does not take the key: compare OPENAI_API_KEY with the one that the provider "
        "shows. A key belongs to one server, so see that OPENAI_BASE_URL is that server's.",
        frozenset({"invalid_api_key", "AuthenticationError", "Unauthorized"}),
        _words(r"incorrect api key|invalid (api )?key|api key (is )?(missing|required|invalid)|unauthorized"),
        frozenset({401}),
    ),
    Cause(
        "The key is right, and may not do this: see at the provider which models and which countries "
        "it is for.",
        frozenset({"PermissionDeniedError", "unsupported_country_region_territory"}),
        None,
        frozenset({403}),
    ),
    Cause(
        "What was sent is longer than the model reads at once: name a model that reads more, or "
        "shorten the prompt.",
        frozenset({"context_length_exceeded"}),
        _words(r"context (length|window)|maximum context|prompt is too long"),
        frozenset({413}),
    ),
    Cause(
        "The provider's filter stopped it: see its rules, and change the prompt, or the filter where "
        "the provider lets you.",
        frozenset({"content_filter", "content_policy_violation"}),
        _words(r"content management policy|content_filter"),
    ),
    Cause(
        "More was asked within a minute than this account may: raise its limit at the provider, or let "
        "fewer people in at a time. VERBATIM_MODEL_RETRIES says how often a request is made again.",
        frozenset({"rate_limit_exceeded", "RateLimitError", "Throttling"}),
        _words(r"rate limit|too many requests"),
        frozenset({429}),
    ),
    Cause(
        "There is no host of this name: look for a slip in OPENAI_BASE_URL. If the name is right, this "
        "machine cannot resolve names, or goes out by a proxy only (HTTPS_PROXY).",
        words=_words(
            r"name or service not known|name resolution|nodename nor servname|getaddrinfo|no address asso"
        ),
    ),
    Cause(
        "The server's certificate is not trusted: if your institution has a certificate authority of "
        "its own, set SSL_CERT_FILE to its file; if the server has no certificate, OPENAI_BASE_URL "
        "begins with http://.",
        words=_words(r"certificate[ _]verify[ _]failed|self.signed certificate|hostname mismatch"),
    ),
    Cause(
        "The server does not speak TLS at this port: OPENAI_BASE_URL may have to begin with http://, or "
        "to name another port.",
        words=_words(r"wrong[ _]version[ _]number|record[ _]layer[ _]failure|ssl.{0,40}eof"),
    ),
    Cause(
        "Nothing listens at this address: start the server, and compare host and port with "
        "OPENAI_BASE_URL. In a container, 127.0.0.1 is the container itself.",
        words=_words(r"connection refused|all connection attempts failed|actively refused"),
    ),
    Cause(
        "The server, or the way to it, said nothing for too long: a model that is loaded first or "
        "thinks for long needs a higher VERBATIM_MODEL_TIMEOUT_S; else see whether it runs, and "
        "whether a proxy or a firewall stands between.",
        frozenset({"APITimeoutError", "TimeoutError", "ReadTimeout", "ConnectTimeout"}),
        None,
        frozenset({408, 504, 524}),
    ),
    Cause(
        "Nothing is served at this path: OPENAI_BASE_URL is what stands before /chat/completions, and "
        "ends in /v1 at most servers.",
        frozenset({"NotFoundError", "MethodNotAllowed"}),
        None,
        frozenset({404, 405}),
    ),
    Cause(
        "The model answered without a word. A thinking model may have spent all its tokens on "
        "thinking: raise max_completion_tokens (or max_tokens), or lower reasoning_effort, in this "
        "agent's `parameters`.",
        frozenset({"empty_answer"}),
    ),
    Cause(
        "The connection broke off: see the server's own log, and whether a proxy ends long requests. "
        "Another try may help.",
        frozenset({"incomplete_stream", "APIConnectionError", "RemoteProtocolError", "ReadError"}),
    ),
    Cause(
        "What came is no chat completion: OPENAI_BASE_URL may point to something else, such as a web "
        "page. It is what stands before /chat/completions, and ends in /v1 at most servers.",
        frozenset({"JSONDecodeError", "Malformed", "APIResponseValidationError"}),
    ),
    Cause(
        "The server itself failed: see its log, or the provider's page about its state. Another try "
        "may help.",
        frozenset({"InternalServerError", "server_error", "overloaded_error"}),
        None,
        frozenset({500, 502, 503, 529}),
    ),
)  # fmt: skip


def is_unknown_model(error_type: str, said: str) -> bool:
    """Whether a server has no model of the name that it was asked for."""
    return _UNKNOWN_MODEL.fits(error_type, said, None)


def repair_of(error_type: str | None, said: str | None) -> str:
    """Say what to change.

    Args:
        error_type: The provider's or the client's name of what happened.
        said: What was said of it.

    Returns:
        A sentence or two for whoever runs the study; never empty.
    """
    kind, words = error_type or "", said or ""
    found = _STATUS.search(words)
    status = int(found[1]) if found else None
    if kind in _PARAMETER_TYPES or status in STATUSES:
        name = parameter_in(f"{words} {kind}")
        if name is not None:
            return (
                f"The model does not take `{name}` as it is sent: take it out of this agent's "
                "`parameters` in study.yaml, give it the value that the message names, or choose another "
                "model."
            )
    return next((cause.repair for cause in CAUSES if cause.fits(kind, words, status)), OTHERWISE)

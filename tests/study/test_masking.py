"""Secrets thrown at sentences, in every form; and sentences that must stay as they are."""

import base64
import html
import json
import re
from collections.abc import Callable
from secrets import token_hex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from study.errors import AgentUnavailable, StudyError
from study.masking import MASK, PLACEHOLDER_KEY, Mask, hold, hold_proxies, masked, masked_json

KEY = "sk-" + "proj-Ab3dEfGh1jKlMnOpQrStUvWxYz0123456789"
PASSWORD = "sw/ord:fish&99 \"x'\\y"

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=60).filter(
    lambda secret: not secret.replace("-", "").isalpha() and len(set(secret)) > 4
)
# What no form of a secret is made of: a word on either side, or nothing.
AROUND = st.sampled_from(["", " ", "\n", ": ", "'", '"', "(", ")", "ä", "。"])


def _in_base64(before: str, after: str) -> Callable[[str], str]:
    return lambda secret: base64.b64encode(f"{before}{secret}{after}".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "with a line end": lambda secret: f"{secret}\r\n",
    "in small letters": str.lower,
    "in capitals": str.upper,
    "repr": lambda secret: repr(f"Bearer {secret}\r\n"),
    "repr of bytes": lambda secret: repr(f"Bearer {secret}\r".encode()),
    "repr of repr": lambda secret: repr(repr(f"{secret}\n")),
    "json": lambda secret: json.dumps(f"{secret}\n"),
    "json in json": lambda secret: json.dumps(json.dumps(secret)),
    "json of letters": lambda secret: "".join(f"\\u{ord(letter):04x}" for letter in secret),
    "bytes of letters": lambda secret: "".join(f"\\x{ord(letter):02X}" for letter in secret),
    "percent": lambda secret: quote(secret, safe=""),
    "percent, twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "percent, all of it": lambda secret: "".join(f"%{ord(letter):02x}" for letter in secret),
    "a form": quote_plus,
    "html": html.escape,
    "html of letters": lambda secret: "".join(f"&#{ord(letter)};" for letter in secret),
    "html of a json": lambda secret: html.escape(json.dumps(secret)),
    "base64": _in_base64("", ""),
    "base64 behind a name": _in_base64("a:", ""),
    "base64 behind another": _in_base64("ab:", "\n"),
    "base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "hexadecimal": lambda secret: secret.encode().hex(),
}


def half_of(secret: str) -> int:
    """How much of it would be too much."""
    return len(secret) // 2 + 1


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=20, deadline=None)  # of each form
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_no_form_of_a_secret_is_left(form: str, secret: str, before: str, after: str) -> None:
    """Whatever a client or a provider does to a secret before it quotes it, nothing of it stands."""
    said = FORMS[form](secret)
    text = Mask([secret])(f"The request failed{before}{said}{after}")
    assert MASK in text
    digits = said.strip("=\n")
    for start in range(0, len(digits) - half_of(digits) + 1):
        assert digits[start : start + half_of(digits)] not in text


@settings(max_examples=50, deadline=None)
@given(secret=SECRETS.filter(lambda secret: len(secret) >= 24), cut=st.integers(0, 100), front=st.booleans())
def test_a_secret_that_somebody_cut_off_is_hidden(secret: str, cut: int, front: bool) -> None:
    """Who quotes half of a key or more, for their sentence ended there, has quoted the key."""
    left = max(len(secret) - cut, half_of(secret))
    quoted = secret[-left:] if front else secret[:left]
    assert quoted not in Mask([secret])(f"The key {quoted} is wrong")


@pytest.mark.parametrize(
    "secret", ["a1b2c3d4e5f6g7h8", "a1b2c3d4e5f6g7h8i", "Ab-c1d2e3f4g5h6i7j8k9l0m1n2o3p4"]
)
def test_of_a_secret_that_was_cut_off_nothing_is_left(secret: str) -> None:
    """From one half on, at either end, all that stands there goes; what stands beside it stays."""
    mask = Mask([secret])
    for left in range(len(secret) // 2, len(secret) + 1):
        assert mask(f"the key {secret[:left]}, and {secret[-left:]}.") == f"the key {MASK}, and {MASK}."
        assert mask(f"{secret[-left:]}:{secret[:left]}") == f"{MASK}:{MASK}"
        assert mask(f"it ends in {secret[-left:]}") == f"it ends in {MASK}"
    less = len(secret) // 2 - 1
    assert mask(f"{secret[:less]}, {secret[-less:]}") == f"{secret[:less]}, {secret[-less:]}"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_all_digits_of_base64_are_known(encode: Callable[[bytes], bytes]) -> None:
    """Also the two that are others in an address."""
    secret = "?>~?>~7?>~?>~"
    assert set("+/-_") & set(encode(secret.encode()).decode())
    for before in ("", "a", "ab"):
        told = Mask([secret])(encode(f"{before}{secret}~~".encode()).decode())
        assert MASK in told
        assert len(told) < 12


def test_a_secret_is_hidden_as_often_as_it_stands() -> None:
    """Also where one stands within the other."""
    assert Mask(["Word-of-77"])("Word-of-77 " * 5) == f"{MASK} " * 5
    assert Mask(["7" * 12])("7" * 13) == MASK


@pytest.mark.parametrize("before", ["", "a:", "ab:"])
@pytest.mark.parametrize("secret", ["Word-of-77-and-more", "Word-of-77-and-mor", "Word-of-77-and-mo"])
def test_of_a_secret_in_base64_only_digits_that_are_not_its_own_stay(before: str, secret: str) -> None:
    """One at each end may belong to what stands beside it, and one is there to fill up."""
    shown = Mask([secret])(base64.b64encode(f"{before}{secret}".encode()).decode())
    own = shown.removeprefix(base64.b64encode(before.encode()).decode().rstrip("=")[: len(before) * 8 // 6])
    assert re.fullmatch(rf"[A-Za-z0-9]?{re.escape(MASK)}[A-Za-z0-9]?=*", own)


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("two words of 77", "two+words+of+77"),
        ("Schlüsselwort", "SchlÃ¼sselwort"),
        ("key\udcff-of-bytes-77", "key\udcff-of-bytes-77"),
        ("abcdefghijkl", "abcdefghijkl"),
        ("a1b2c3", "a1b2c3"),
    ],
)
def test_a_secret_is_known_however_it_is_spelt(secret: str, said: str) -> None:
    """In a form, as Latin-1, with bytes that are no text, as a long word, as a short one with digits."""
    assert Mask([secret])(f"It is {said}!") == f"It is {MASK}!"


@pytest.mark.parametrize("word", ["abcdefghijk", "long-words", "low_words", "ab12x", "a-b_c"])
def test_what_may_be_anybodys_word_is_not_hidden(word: str) -> None:
    """Letters alone, with their dashes, where they are few; and what is shorter than six."""
    assert Mask([word])(f"It is {word}!") == f"It is {word}!"


@settings(max_examples=50, deadline=None)
@given(st.text(), SECRETS)
def test_what_holds_no_secret_stays_as_it_is(text: str, secret: str) -> None:
    """Escapes of every kind are looked through, and left as they were written."""
    assume(not any(word in text.lower() for word in ("key", "sk-", "://", "token", "secret", "pass")))
    assume(secret.lower()[:6] not in text.lower())
    assert Mask([secret])(text) == text


@pytest.mark.parametrize(
    "sentence",
    [
        "Missing bearer or basic authentication in header",
        "Bearer authentication is required, basic authentication too",
        "The local server at http://localhost:8080/v1 did not answer: [Errno 111] Connect call failed",
        "Write it like: VERBATIM_DATABASE_URL=postgresql+asyncpg://name:password@host/database",
        "OPENAI_API_KEY is wrong. Write it like: OPENAI_API_KEY=sk-...",
        'password authentication failed for user "ada"',
        "maximum context length is 4097 tokens, you asked for 5000 (task-12345678, risk-1234567)",
        "    api_key=key.get_secret_value() if key else None,",
        "The keyboard, the monkey and the turkey: 100 % sure & C:\\new\\tables\\users",
        "ollama, local, none, empty, no-key-needed, lm-studio, study, verbatim, postgres",
    ],
)
def test_words_stay(sentence: str) -> None:
    """Keys that are words, as local servers are given, take no word out of any sentence."""
    keys = ("local", "ollama", "none", "study", "verbatim", "postgres", PLACEHOLDER_KEY, "lm-studio", "empty")
    assert Mask(keys)(sentence) == sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Incorrect API key provided: sk-abc12***xyz9. See the page",
            f"Incorrect API key provided: {MASK}. See the page",
        ),
        ("Illegal header value b'Bearer anything at all\\r'", f"Illegal header value b'{MASK}'"),
        ("Illegal header value b'Bearer cut off her", f"Illegal header value b'{MASK}"),
        ("{'Authorization': 'Bearer x', 'n': 1}", f"{{'Authorization': '{MASK}', 'n': 1}}"),
        ("[(b'api-key', b'abc'), (b'a', b'b')]", f"[(b'api-key', b'{MASK}'), (b'a', b'b')]"),
        ('{"x-api-key": "abc"}', f'{{"x-api-key": "{MASK}"}}'),
        ('{\\"api_key\\": \\"abc\\"}', f'{{\\"api_key\\": \\"{MASK}\\"}}'),
        ("Authorization: Basic YWRhOnN3b3JkZmlzaA==", f"Authorization: Basic {MASK}"),
        ("GET https://m.example/v1?api-key=abc&n=1", f"GET https://m.example/v1?api-key={MASK}&n=1"),
        ("https://m.example/v1?n=1&amp;key=abc", f"https://m.example/v1?n=1&amp;key={MASK}"),
        ("postgresql://ada:hunter2@host/study", f"postgresql://ada:{MASK}@host/study"),
        ("http://ada:hunter2@proxy:3128", f"http://ada:{MASK}@proxy:3128"),
        ("host=h password=hunter22 dbname=d", f"host=h password={MASK} dbname=d"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl", f"token {MASK}"),
        ("gsk_0123456789abcdefghij", MASK),
        ("github_pat_0123456789abcdefghij", MASK),
        ("gho_0123456789abcdefghij", MASK),
        ("ya29.a0Af-H6SMBx_1234567890", MASK),
        ("csk-0123456789abcdefghij", MASK),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, told: str) -> None:
    """Also a key that is none of ours: one that was changed since, a gateway's, a proxy's."""
    assert Mask()(text) == told


# What of our patterns a text may begin again and again, without an end.
HOSTILE = {
    "a scheme": "a.",
    "a key": "sk-",
    "a token": "eyJ-",
    "a header": "cookie: ",
    "a bearer": "bearer+",
    "an address": "x://a:",
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("beginning", HOSTILE.values(), ids=HOSTILE)
def test_no_text_keeps_the_app_from_everything_else(beginning: str) -> None:
    """Providers quote what participants write: a text that begins many secrets is soon looked through."""
    # Looked through from each beginning to the end, it would take minutes.
    text = beginning * (400_000 // len(beginning)) + "://"
    assert Mask([KEY])(text).startswith(beginning)


def test_passwords_of_addresses_are_held() -> None:
    """Of an address its password and its keys are the secret, as they are written and as they are meant."""
    address = f"postgresql+asyncpg://ada:{quote(PASSWORD, safe='')}@host/study?password=other-Word-77"
    mask = Mask([address])
    assert mask(f"could not connect with {PASSWORD}!") == f"could not connect with {MASK}!"
    assert mask(f"{quote(PASSWORD, safe='')} and other-word-77") == f"{MASK} and {MASK}"
    assert mask("host/study of ada") == "host/study of ada"
    told = address.replace(quote(PASSWORD, safe=""), MASK).replace("other-Word-77", MASK)
    assert mask(f"no answer from {address}") == f"no answer from {told}"


def test_passwords_of_proxies_are_held() -> None:
    """However the variable is spelt, with a scheme or without; what else an environment holds stays."""
    # What a process holds it holds for good: these are new at each run.
    one, other, a, b, c = (f"7p{token_hex(3)}" for _ in range(5))
    proxies = {"HTTPS_PROXY": f"http://ada:{one}@proxy:1", "all_proxy": f"ada:{other}@proxy:1"}
    others = {"NO_PROXY": f"ada:{a}@host", "no_proxy": f"ada:{b}@host", "HOME": f"http://ada:{c}@host"}
    hold_proxies(proxies | others)
    assert masked(f"{one} and {other}, not {a}, {b} or {c}") == f"{MASK} and {MASK}, not {a}, {b} or {c}"


def test_an_address_keeps_its_keys_under_every_name() -> None:
    """Those that are hidden where an address is quoted are held where ours has them."""
    for name in ("code", "client_secret", "signature", "pwd"):
        assert Mask([f"https://m.example/v1?{name}=Word-of-77"])("Word-of-77 is wrong") == f"{MASK} is wrong"


def test_a_short_secret_counts_where_it_stands_alone() -> None:
    """A password of eight letters and digits is hidden; as a part of a longer word it is that word."""
    assert Mask(["fish99"])("wrong: fish99, not starfish99 or fish999") == (
        f"wrong: {MASK}, not starfish99 or fish999"
    )
    for beside in ("-9fish99", "xfish99", "fish999."):
        assert Mask(["fish99"])(beside) == beside
    assert Mask(["fish99"])(r"a line\nfish99\r") == rf"a line\n{MASK}\r"


def test_errors_of_ours_never_hold_a_secret() -> None:
    """Whatever was put into its text: pages, commands and logs show an error's text."""
    hold(KEY)
    error = AgentUnavailable(f"refused b'{KEY}\\r'", error_type=KEY)
    assert KEY not in f"{error} {error!r} {error.error_type} {StudyError(f'{KEY} is wrong')!r}"


def test_data_is_masked_to_its_leaves() -> None:
    """Lists and objects of JSON keep their shape, numbers and keys."""
    hold(KEY)
    assert masked_json({"a": [1, None, f"x{KEY}"], KEY: True}) == {"a": [1, None, f"x{MASK}"], KEY: True}


def test_a_secret_is_not_held_for_nothing() -> None:
    """None and nothing at all are no secrets."""
    hold(None, "", "  ")
    assert masked("all is well") == "all is well"

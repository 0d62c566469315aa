"""What is said to do when a model does not answer: by the words of real servers, and of the way there."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.asking import ask
from agent.openai_compatible import OpenAIAgent
from agent.repairs import OTHERWISE, is_unknown_model, repair_of
from study.errors import AgentError
from tests.fake_openai import FakeOpenAI

SOON = {"retry-after": "0.001"}


async def failing(url: str, **options: Any) -> AgentError:
    """Ask a model that does not answer; return how it failed."""
    agent = OpenAIAgent(
        name="A", model="m", api_key="k-1", base_url=url, **({"max_retries": 0, "timeout_s": 5} | options)
    )
    asked = await ask(agent)
    await agent.close()
    assert asked.failure is not None
    return asked.failure


@pytest.mark.parametrize(
    ("status", "code", "message", "repair"),
    [
        (400, "unsupported_value", "'temperature' does not support 0.7 with this model.", "`temperature`"),
        (400, "", "Unsupported parameter: 'top_p' is not supported with this model.", "`top_p`"),
        (422, "", "[{'loc': ['body', 'seed'], 'msg': 'Extra inputs are not permitted'}]", "`seed`"),
        (401, "invalid_api_key", "Incorrect API key provided: sk-12.", "compare OPENAI_API_KEY"),
        (401, "", "Access denied due to invalid subscription key.", "compare OPENAI_API_KEY"),
        (429, "insufficient_quota", "You exceeded your current quota.", "no money left"),
        (402, "", "Insufficient Balance", "no money left"),
        (404, "model_not_found", "The model `gpt-9` does not exist.", "no model of this name"),
        (404, "", 'model "llama9" not found, try pulling it first', "no model of this name"),
        (404, "DeploymentNotFound", "The API deployment does not exist.", "no model of this name"),
        (400, "", "gpt-9 is not a valid model ID", "no model of this name"),
        (404, "", "Resource not found", "what stands before /chat/completions"),
        (405, "", "Method Not Allowed", "what stands before /chat/completions"),
        (403, "", "Country, region, or territory not supported", "may not do this"),
        (429, "", "Rate limit reached for requests", "within a minute"),
        (400, "context_length_exceeded", "This model's maximum context length is 8192.", "longer than"),
        (400, "content_filter", "The response was filtered", "filter"),
        (500, "", "told to fail", "itself failed"),
        (418, "", "I am a teapot", OTHERWISE),
    ],
)  # fmt: skip
async def test_a_refusal_is_answered_with_its_repair(
    fake_openai: FakeOpenAI, status: int, code: str, message: str, repair: str
) -> None:
    """Through the client, as a reply would meet it."""
    fake_openai.next(status=status, code=code, message=message, headers=SOON)
    failure = await failing(fake_openai.url)
    assert repair in repair_of(failure.error_type, str(failure))


@pytest.mark.parametrize(
    ("url", "repair"),
    [
        ("http://127.0.0.1:1/v1", "Nothing listens at this address"),
        ("http://no.such.host.invalid/v1", "There is no host of this name"),
    ],
)
async def test_a_server_that_is_not_there_is_answered_with_its_repair(url: str, repair: str) -> None:
    """A port that nobody has, a name that nobody has."""
    failure = await failing(url)
    assert repair in repair_of(failure.error_type, str(failure))


async def test_http_where_tls_was_asked_for_is_named(fake_openai: FakeOpenAI) -> None:
    """https:// in the address of a server that has no certificate."""
    failure = await failing(fake_openai.url.replace("http://", "https://"))
    assert "does not speak TLS" in repair_of(failure.error_type, str(failure))


async def test_a_certificate_that_nobody_vouches_for_is_named(unknown_tls: int) -> None:
    """As behind a firewall that opens TLS with its own authority."""
    failure = await failing(f"https://127.0.0.1:{unknown_tls}/v1")
    assert "SSL_CERT_FILE" in repair_of(failure.error_type, str(failure))


@pytest.mark.parametrize(
    ("behaviour", "repair"),
    [
        ({"end": "stall"}, "VERBATIM_MODEL_TIMEOUT_S"),
        ({"text": ""}, "without a word"),
        ({"end": "cut"}, "broke off"),
        ({"end": "garbage"}, "no chat completion"),
    ],
)
async def test_an_answer_that_is_none_is_answered_with_its_repair(
    fake_openai: FakeOpenAI, behaviour: dict[str, Any], repair: str
) -> None:
    """Silence, no text, a connection that dies, something else than an answer."""
    fake_openai.next(**behaviour)
    failure = await failing(fake_openai.url, timeout_s=0.1 if behaviour == {"end": "stall"} else 5)
    assert repair in repair_of(failure.error_type, str(failure))


def test_nothing_known_is_still_answered() -> None:
    """A row of long ago may hold neither a name nor words."""
    assert repair_of(None, None) == OTHERWISE
    assert not is_unknown_model("", "")


@pytest.fixture
def unknown_tls(tmp_path: Path) -> Iterator[int]:
    """A port with a certificate that this machine does not know."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with contextlib.suppress(OSError):  # The client hangs up: that is the point.
            context.wrap_socket(listener.accept()[0], server_side=True).close()

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(timeout=5)

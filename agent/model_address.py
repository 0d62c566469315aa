"""The address of a server of models, as people paste it: what is sent where, and with which header."""

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

OPENAI_URL: Final = "https://api.openai.com/v1"
_ASKED: Final = "/chat/completions"
_OTHER_APIS: Final = ("/completions", "/responses", "/embeddings", "/messages", "/models")
# Azure's clouds. Their servers take a key in a header of their own.
_AZURE: Final = (
    ".openai.azure.com",
    ".openai.azure.us",
    ".openai.azure.cn",
    ".cognitiveservices.azure.com",
    ".cognitiveservices.azure.us",
    ".services.ai.azure.com",
)
_DEPLOYMENTS: Final = "/openai/deployments"
_VERSION: Final = "api-version"


@dataclass(frozen=True, slots=True)
class ModelAddress:
    """Where chat completions are asked for.

    Args:
        base_url: What stands before /chat/completions; without a name, a password or a query.
        scheme: http or https.
        host: Without its port.
        netloc: Host, with its port where one is named.
        query: What goes behind the path of each request.
        login: Name and password that stood before the host, for a server that asks for them.
        is_azure: Whether the key goes into `api-key`, as Azure wants it.
        deployment: The model that the path itself names, as Azure's do.
    """

    base_url: str
    scheme: str
    host: str
    netloc: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)
    is_azure: bool = False
    deployment: str | None = None

    @property
    def provider(self) -> str:
        """The server's name for the record: "openai" for OpenAI's own, else host and port."""
        return "openai" if self.netloc == urlsplit(OPENAI_URL).netloc else self.netloc

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def authorization(self) -> str | None:
        """The header for name and password; None where there are none."""
        if self.login is None:
            return None
        return "Basic " + base64.b64encode(":".join(self.login).encode()).decode()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of it nobody may read: a password, and what gateways take in the query."""
        hidden = [value for name, value in self.query.items() if name != _VERSION]
        return tuple(value for value in (*hidden, self.login[1] if self.login else "") if value)


def model_address(value: str) -> ModelAddress:
    """Read an address.

    Args:
        value: As an operator pasted it.

    Returns:
        Its parts.

    Raises:
        ValueError: What is wrong with it and how it is written, as the end of a sentence that begins
            with its name; never with a password.
    """
    text = value.strip()
    parts = _split(text)
    query = dict(pairs := parse_qsl(parts.query, keep_blank_values=True))
    if len(query) < len(pairs):
        raise ValueError("it gives one parameter behind the ? twice")
    host = (parts.hostname or "").rstrip(".")
    netloc = parts.netloc.rpartition("@")[2].lower()
    path = parts.path.rstrip("/").removesuffix(_ASKED).rstrip("/")
    is_azure = host.endswith(_AZURE)
    origin = f"{parts.scheme}://{netloc}"
    if is_azure:
        path = _azure_path(path, origin)
    for ending in _OTHER_APIS:
        if path.endswith(ending) and not (is_azure and path == "/models"):
            raise ValueError(
                f"it ends in {ending}, which is not what Verbatim asks: "
                f"chat completions, at the address before it, {origin}{path.removesuffix(ending)}"
            )
    deployment = _deployment(path, query)
    if is_azure and path == "/models" and _VERSION not in query:
        raise ValueError(f"?{_VERSION}=... is missing behind it, as Azure's portal shows the address")
    login = None
    if "@" in parts.netloc:
        login = (unquote(parts.username or ""), unquote(parts.password or ""))
    return ModelAddress(
        f"{origin}{path}",
        parts.scheme,
        host,
        netloc,
        query,
        login,
        is_azure or deployment is not None,
        deployment,
    )


def _split(text: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in text):
        raise ValueError("there is a space or a line end inside it")
    try:
        parts = urlsplit(text)
        port_can_be_read = parts.port != 0
    except ValueError:
        port_can_be_read = False
    if not port_can_be_read:
        raise ValueError("its host or its port cannot be read")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is not an address that begins with http:// or https://")
    if "#" in text:
        raise ValueError("what stands behind a # is never sent: take that away")
    return parts


def _azure_path(path: str, origin: str) -> str:
    """A resource's bare address means its API; a project's is another API."""
    if path in ("", "/openai"):
        return "/openai/v1"
    if path.startswith("/api/projects"):
        raise ValueError(
            f"it is the address of a project, where agents live; models are at {origin}/openai/v1"
        )
    return path


def _deployment(path: str, query: Mapping[str, str]) -> str | None:
    _, found, name = (path + "/").partition(f"{_DEPLOYMENTS}/")
    if not found:
        return None
    if not name.strip("/"):
        raise ValueError(f"it names no deployment: {_DEPLOYMENTS}/NAME{_ASKED}?{_VERSION}=...")
    if not query.get(_VERSION):
        raise ValueError(f"?{_VERSION}=... is missing behind the deployment, as Azure's portal shows it")
    return unquote(name.strip("/"))

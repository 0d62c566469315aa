"""The openai client of one server: its address, its headers, its way there."""

import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import httpx2
import openai

from agent.model_address import ModelAddress

_CONNECT_S: Final = 10.0  # a server that takes longer to accept a connection is not there
_KEY_HEADER: Final = "api-key"

# What can go wrong with one request whose answer is read whole: the client's errors, the connection's, an
# answer that is not JSON, a deadline of ours.
CLIENT_FAILURES: Final = (openai.OpenAIError, httpx2.HTTPError, ValueError, TimeoutError)

OnRequest = Callable[[httpx2.Request], Awaitable[None]]


def open_client(
    address: ModelAddress,
    *,
    api_key: str,
    timeout_s: float,
    max_retries: int,
    proxy: str | None,
    on_request: OnRequest,
) -> openai.AsyncOpenAI:
    """Make the client that all replies of an agent share.

    Args:
        address: The server.
        api_key: The key; any text for servers that ask for none.
        timeout_s: The longest wait for the next byte.
        max_retries: How often the client tries again.
        proxy: The proxy on the way there; None for none.
        on_request: Called before each request that goes out, retries included.

    Returns:
        The client; close it.
    """
    asked = httpx2.URL(address.base_url)
    login = address.authorization

    async def put_the_key(request: httpx2.Request) -> None:
        """Azure's key has a header of its own, which a redirect to another server must not carry along."""
        if login is None:
            request.headers.pop("Authorization", None)
        if (request.url.scheme, request.url.netloc) == (asked.scheme, asked.netloc):
            request.headers[_KEY_HEADER] = api_key
        else:
            request.headers.pop(_KEY_HEADER, None)

    return openai.AsyncOpenAI(
        api_key=api_key,
        base_url=address.base_url,
        max_retries=max_retries,
        default_headers={"Authorization": login} if login else None,
        default_query=dict(address.query),
        http_client=openai.DefaultAsyncHttpx2Client(
            timeout=httpx2.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            event_hooks={
                "request": [on_request, put_the_key] if address.is_azure else [on_request],
                "response": [_take_what_comes_of_errors],
            },
            # With a transport of our own the client does not look for proxies in the environment.
            transport=httpx2.AsyncHTTPTransport(
                verify=_trusted(), limits=openai.DEFAULT_CONNECTION_LIMITS, proxy=proxy
            ),
        ),
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are trusted, for all clients: to read them takes 35 ms of a processor each time."""
    return httpx2.create_ssl_context()


class _CutShort(httpx2.AsyncByteStream):
    """A body that ends where its connection breaks."""

    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._body:
                yield piece
        except httpx2.TransportError:
            return

    async def aclose(self) -> None:
        await self._body.aclose()


async def _take_what_comes_of_errors(response: httpx2.Response) -> None:
    """What a server had begun to say of an error is worth more than that it did not end."""
    if response.is_error and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _CutShort(response.stream)

"""A model that stands in for a served one while a study is tried: it costs nothing, and can be dead."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

# Whoever writes this is answered by a server error, again and again.
DEAD: Final = "[the model is dead]"
_SENTENCES: Final = (
    "That is a question on which many people have thought for long.",
    "Some would answer it by what they have seen, others by what they have read.",
    "What would have to be true for you to see it otherwise?",
)
_WORDS_A_PIECE: Final = 4
_PIECE_S: Final = 0.002
# Characters of a token in English, as providers say: https://help.openai.com/en/articles/4936856
_CHARACTERS: Final = 4


@asynccontextmanager
async def stand_in_model() -> AsyncIterator[str]:
    """Serve it on loopback.

    Yields:
        What goes into OPENAI_BASE_URL.
    """
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _complete)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        await runner.cleanup()


async def _complete(request: web.Request) -> web.StreamResponse:
    asked = await request.json()
    said = [str(one.get("content") or "") for one in asked.get("messages", ())]
    if said and said[-1].endswith(DEAD):
        error = {"message": "The stand-in plays dead.", "type": "server_error", "code": "server_error"}
        return web.json_response({"error": error}, status=500)
    text = " ".join(_SENTENCES)
    usage = {
        "prompt_tokens": sum(map(len, said)) // _CHARACTERS,
        "completion_tokens": len(text) // _CHARACTERS,
        "total_tokens": (sum(map(len, said)) + len(text)) // _CHARACTERS,
    }
    head = {"id": "stand-in", "created": 0, "model": asked.get("model", "stand-in")}
    if not asked.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return web.json_response({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)

    async def send(choices: list[dict[str, Any]], **more: Any) -> None:
        chunk = {**head, "object": "chat.completion.chunk", "choices": choices, **more}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

    words = text.split(" ")
    for place in range(0, len(words), _WORDS_A_PIECE):
        piece = " ".join(words[place : place + _WORDS_A_PIECE])
        delta = {"role": "assistant", "content": piece if place == 0 else f" {piece}"}
        await send([{"index": 0, "delta": delta, "finish_reason": None}])
        await asyncio.sleep(_PIECE_S)
    await send([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    await send([], usage=usage)
    await response.write(b"data: [DONE]\n\n")
    return response

"""By which way a program came: a row for each stream, socket and turn, which what is said names."""

from data_layer.record import Record
from tests.api.reader import read
from tests.api.server import Client
from tests.api.test_socket import socket
from tests.data_layer.rows import rows
from tests.fakes import FakeAgent
from tests.stages.talk import words


async def test_each_way_says_which_it_is(ada: Client, agent: FakeAgent, record: Record) -> None:
    """What was said by it names it, its reply's run too; when it has ended, that is kept."""
    for number in range(3):
        agent.enqueue(*words(f"Reply {number}."))
    thread = await ada.begin()
    await ada.http.post(f"/threads/{thread}/messages", json={"content": "By a request"})
    await read(ada, "POST", "/chat/stream", json={"message": "By a stream", "thread_id": thread})
    async with socket(ada, thread) as program:
        await program.say(type="say", content="By a socket")
        await program.until(event="done")
    await ada.http.get(f"/threads/{thread}/messages")
    await record.writer.flush()
    kept = {row["connection_id"]: row for row in await rows(record, "connections")}
    assert [row["transport"] for row in kept.values()] == ["rest", "sse", "api websocket"]
    assert {row["thread_id"] for row in kept.values()} == {thread}
    said = [row for row in await rows(record, "steps") if row["type"] == "user_message"]
    assert [kept[row["connection_id"]]["transport"] for row in said] == ["rest", "sse", "api websocket"]
    runs = await rows(record, "runs")
    assert [kept[row["connection_id"]]["transport"] for row in runs] == ["rest", "sse", "api websocket"]

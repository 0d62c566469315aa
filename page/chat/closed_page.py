"""What is kept of a page whose socket has closed.

Chainlit keeps its session for `session_timeout`, so that a page that comes back finds its uploads and its
agent again. With it, it keeps what the socket came with (socket.py:152), and so the whole connection.
"""

from typing import Final

from chainlit.session import WebsocketSession

# What the app's own words are chosen by (page/chat/chainlit_chat.py): a reply may outlive its page.
_KEPT: Final = ("HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE")


def let_go_of_socket(session: WebsocketSession) -> None:
    """Keep a page and no more of the socket that it had; the next one brings its own.

    Args:
        session: Whose socket has closed. One that has come back by another is left alone by its caller.
    """
    session.environ = {name: session.environ[name] for name in _KEPT if name in session.environ}
    if session.current_task is not None and session.current_task.done():
        session.current_task = None

"""A turn as its asker was told it: what a request is answered with, without asking the database for it."""

from api.live.events import ComponentEvent
from api.live.hub import LiveListener, TurnEnded
from data_layer.database.rows import Row


class ToldTurn:
    """Gathers what is shown of one turn.

    Args:
        message_id: The participant's message.
    """

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._turn: object = self
        self._messages: dict[str, Row] = {}
        self._beside: dict[str, dict[str, Row]] = {"step": {}, "form": {}, "file": {}}

    async def gather(self, listener: LiveListener) -> Row | None:
        """Read until its end.

        Returns:
            `message`, `replies`, `steps`, `forms` and `files`; None where the message was not kept, or the
            reader was let go.
        """
        while (told := await listener.next()) is not None:
            if isinstance(told, TurnEnded) and told.message_id == self._message_id:
                return self._whole()
            if isinstance(told, ComponentEvent):
                self._take(told.kind, told.data)
        return None

    def _take(self, kind: str, data: Row) -> None:
        if kind == "message" and data["id"] == self._message_id:
            self._turn = data["turn"]
        if kind == "message" and data["turn"] == self._turn:
            self._messages[data["id"]] = data
        elif kind == "step" and data["turn"] == self._turn:
            self._beside["step"][data["id"]] = data
        elif kind in ("form", "file") and data["message_id"] in self._messages:
            self._beside[kind][data["id"]] = data
        elif kind == "removed":
            for id_ in data["ids"]:
                self._messages.pop(id_, None)
                self._beside["step"].pop(id_, None)

    def _whole(self) -> Row | None:
        message = self._messages.pop(self._message_id, None)
        if message is None or message["turn"] is None:
            return None
        beside = {f"{kind}s": list(shown.values()) for kind, shown in self._beside.items()}
        return {"message": message, "replies": list(self._messages.values()), **beside}

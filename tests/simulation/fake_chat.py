"""A small server that speaks just enough of Chainlit's protocol, and misbehaves on command."""

import threading
import time
from collections import deque
from typing import Any, Final
from uuid import uuid4

import socketio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from study.forms import Form, check

Json = dict[str, Any]

FORM: Final[Json] = {
    "id": "order",
    "items": [
        {"id": "milk", "kind": "choice", "label": "Which milk?", "options": ["Oat", "Soy"]},
        {"id": "cups", "kind": "number", "label": "How many?", "least": 1, "most": 3},
    ],
}


class FakeChat:
    """Answers every message with "re: " and its words, unless `plan` says otherwise.

    Each entry of `plan` is taken by one message: "answer", "lose" (cut off, nothing kept), "keep"
    (cut off, message kept, Retry offered), "break" (cut off after a token, nothing kept), "fail"
    (no reply, Retry offered), "work" (a tool step and no words), "ask" (a reply with FORM under it),
    "offer" (a reply, and an intent that is offered), "silence". Each of `form_plan` is taken by one form that
    is sent: "take" (by the rules), "lose" (cut off, nothing kept), "keep" (kept, then cut off), "refuse"
    (without a reason).
    """

    def __init__(self) -> None:
        self.plan: deque[str] = deque()
        self.threads: dict[str, list[Json]] = {}
        self.form_plan: deque[str] = deque()
        self.received: list[Json] = []
        self.forms: list[Json] = []
        self.offers: list[Json] = []
        self.pressed: list[Json] = []
        self.log_in_answers: deque[Response] = deque()
        self.alter_on_resume: dict[str, str] = {}
        self.reopen = False
        self._where: dict[str, str] = {}
        self._sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[])
        self._sio.on("connect", self._connect)
        self._sio.on("connection_successful", self._begin)
        self._sio.on("client_message", self._message)
        self._sio.on("fetch_favorites", self._nothing)
        self._sio.on("answer_form", self._form)
        self._sio.on("answer_offer", self._offer)
        routes = [
            Route("/login", self._log_in, methods=["POST"]),
            Route("/project/action", self._action, methods=["POST"]),
            *(Route(path, self._read, methods=["GET", "POST"]) for path in READS),
        ]
        web = Starlette(routes=routes)
        app = socketio.ASGIApp(self._sio, web, socketio_path="ws/socket.io")
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Serve on a free loopback port."""
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)

    def stop(self) -> None:
        """End it and wait for its thread."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Where it listens."""
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _log_in(self, request: Request) -> Response:
        form = await request.form()
        if self.log_in_answers:
            return self.log_in_answers.popleft()
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie("access_token", str(form["username"]))
        return answer

    async def _read(self, request: Request) -> Response:
        if "access_token" not in request.cookies:
            return HTMLResponse("<p>the page</p>")
        return JSONResponse({"success": True})

    async def _action(self, request: Request) -> Response:
        body = await request.json()
        self.pressed.append(body["action"])
        thread_id, message_id = body["action"]["payload"]["thread_id"], body["action"]["forId"]
        message = next(step for step in self.threads[thread_id] if step["id"] == message_id)
        sid = self._where[thread_id]
        await self._sio.emit("remove_action", body["action"], to=sid)
        self._sio.start_background_task(self._try_again, sid, thread_id, message)
        return JSONResponse({"success": True})

    async def _try_again(self, sid: str, thread_id: str, message: Json) -> None:
        await self._sio.emit("task_start", {}, to=sid)
        await self._answer(sid, thread_id, message)
        await self._sio.emit("task_end", {}, to=sid)

    async def _connect(self, sid: str, environ: Json, auth: Json) -> None:
        await self._sio.save_session(sid, {"thread_id": auth["threadId"] or str(uuid4())})
        self._where[auth["threadId"]] = sid

    async def _begin(self, sid: str, *_: Any) -> None:
        thread_id = (await self._sio.get_session(sid))["thread_id"]
        await self._sio.emit("task_end", {}, to=sid)
        steps = self.threads.get(thread_id)
        if steps is None:
            await self._sio.emit("resume_thread_error", "Thread not found.", to=sid)
            return
        if self.reopen:
            for step in steps:
                step.get("metadata", {}).get("form", {}).update(state="open")
        altered = [step | {"output": self.alter_on_resume.get(step["id"], step["output"])} for step in steps]
        await self._sio.emit("resume_thread", {"id": thread_id, "steps": altered}, to=sid)
        if steps[-1]["type"] == "user_message":
            await self._offer_retry(sid, thread_id, steps[-1]["id"])

    async def _nothing(self, sid: str, *_: Any) -> None:
        return

    async def _message(self, sid: str, payload: Json) -> None:
        self._sio.start_background_task(self._take, sid, payload["message"])

    async def _take(self, sid: str, message: Json) -> None:
        thread_id = (await self._sio.get_session(sid))["thread_id"]
        self.received.append(message)
        way = self.plan.popleft() if self.plan else "answer"
        if way == "silence":
            return
        await self._sio.emit("task_start", {}, to=sid)
        if way == "break":
            await self._sio.emit("stream_start", self._step("assistant_message", "half"), to=sid)
            await self._sio.sleep(0.05)
        if way not in ("lose", "break"):
            self.threads.setdefault(thread_id, []).append(dict(message))
        if way in ("lose", "break", "keep"):
            await self._sio.disconnect(sid)
            return
        await self._go_on(sid, thread_id, message, way)
        await self._sio.emit("task_end", {}, to=sid)

    async def _go_on(self, sid: str, thread_id: str, message: Json, way: str) -> None:
        if way == "fail":
            await self._offer_retry(sid, thread_id, message["id"])
        elif way == "work":
            tool = self._step("tool", "out") | {"input": "in"}
            self.threads[thread_id].append(tool)
            await self._sio.emit("new_message", tool, to=sid)
        else:
            await self._answer(sid, thread_id, message)
        if way == "ask":
            reply = self.threads[thread_id][-1]
            form = {"id": str(uuid4()), "message": reply["id"], "state": "open", "answers": None}
            reply["metadata"] = {"form": form | {"definition": FORM}}
            await self._sio.emit("form", reply["metadata"]["form"], to=sid)
        elif way == "offer":
            intents = [{"id": str(uuid4()), "title": "Order", "state": "abandoned", "offered": True}]
            await self._sio.emit("intents", {"thread": thread_id, "intents": intents}, to=sid)

    async def _form(self, sid: str, payload: Json) -> None:
        self._sio.start_background_task(self._take_form, sid, payload)

    async def _take_form(self, sid: str, payload: Json) -> None:
        thread_id = (await self._sio.get_session(sid))["thread_id"]
        self.forms.append(payload)
        way = self.form_plan.popleft() if self.form_plan else "take"
        steps = self.threads[thread_id]
        form = next(step["metadata"]["form"] for step in steps if "form" in step.get("metadata", {}))
        answered = check(Form.model_validate(FORM), payload["values"])
        if way == "lose":
            await self._sio.disconnect(sid)
            return
        await self._sio.emit("task_start", {}, to=sid)
        if answered.errors or way == "refuse":
            errors = {item: {"code": flaw.code} for item, flaw in answered.errors.items()}
            await self._sio.emit("form_refused", {"id": form["id"], "errors": errors}, to=sid)
        else:
            form |= {"state": "answered", "answers": dict(answered.values)}
            said = {"id": payload["message_id"], "type": "user_message", "name": "User", "output": "a form"}
            steps.append(said)
            if way == "keep":
                await self._sio.disconnect(sid)
                return
            await self._sio.emit("new_message", said, to=sid)
            await self._sio.emit("form", form, to=sid)
            await self._answer(sid, thread_id, said)
        await self._sio.emit("task_end", {}, to=sid)

    async def _offer(self, sid: str, payload: Json) -> None:
        self.offers.append(payload)
        await self._sio.emit("intents", {"thread": "", "intents": []}, to=sid)

    async def _answer(self, sid: str, thread_id: str, message: Json) -> None:
        reply = self._step("assistant_message", "re: ")
        await self._sio.emit("stream_start", dict(reply), to=sid)
        await self._sio.emit("stream_token", {"id": reply["id"], "token": message["output"]}, to=sid)
        reply["output"] += message["output"]
        await self._sio.emit("new_message", reply, to=sid)
        self.threads[thread_id].append(reply)

    async def _offer_retry(self, sid: str, thread_id: str, message_id: str) -> None:
        action = {
            "id": str(uuid4()),
            "name": "retry",
            "forId": message_id,
            "payload": {"thread_id": thread_id},
        }
        await self._sio.emit("action", action, to=sid)

    def _step(self, kind: str, output: str) -> Json:
        return {"id": str(uuid4()), "type": kind, "name": "Echo", "parentId": None, "output": output}


READS = ("/user", "/project/settings", "/project/threads", "/set-session-cookie")

"""The ways by which an alarm is told: a POST of JSON, and an e-mail."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Final, Protocol
from urllib.parse import unquote, urlsplit

import httpx

_PATIENCE_S: Final = 10.0


class AlarmWay(Protocol):
    """One of them."""

    @property
    def name(self) -> str:
        """For people; it holds no key."""

    async def tell(self, told: dict[str, Any]) -> None:
        """Tell it.

        Args:
            told: `text`, `alarm`, `over` and `host`.

        Raises:
            httpx.HTTPError: It did not arrive.
            OSError: Likewise; smtplib.SMTPException is one.
        """


class Webhook:
    """A POST of JSON, whose `text` chat services show.

    Args:
        url: Where to.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def name(self) -> str:
        """Without its path: that may hold a key."""
        return f"a POST to {urlsplit(self._url).hostname}"

    async def tell(self, told: dict[str, Any]) -> None:
        """Send it."""
        async with httpx.AsyncClient(timeout=_PATIENCE_S) as client:
            answer = await client.post(self._url, json=told)
            answer.raise_for_status()


class AlarmMail:
    """An e-mail.

    Args:
        to: Whom to.
        server: `smtp://host:25`, or with a name and a password: then nothing is sent without encryption
            (STARTTLS). `smtps://` encrypts from the start.
    """

    def __init__(self, to: Sequence[str], server: str) -> None:
        self._to = to
        self._server = server
        # Servers mind whom a mail is from: who signs in there, where that is an address.
        name = unquote(urlsplit(server).username or "")
        self._sender = name if "@" in name else to[0]

    @property
    def name(self) -> str:
        """Whom it goes to."""
        return f"e-mail to {', '.join(self._to)}"

    async def tell(self, told: dict[str, Any]) -> None:
        """Send it, in a thread."""
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        # One line: a break in it would begin another header.
        mail["Subject"] = " ".join(str(told["text"]).split())[:200]
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=self._sender.split("@")[-1])
        # https://www.rfc-editor.org/rfc/rfc3834#section-5: nobody's absence answers it.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{told['text']}\n\nAlarm: {told['alarm']}\nMachine: {told['host']}\n")
        await asyncio.to_thread(self._send, mail)

    def _send(self, mail: EmailMessage) -> None:
        parts = urlsplit(self._server)
        host, trusted = parts.hostname or "localhost", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, parts.port or 465, timeout=_PATIENCE_S, context=trusted
            )
        else:
            server = smtplib.SMTP(host, parts.port or (587 if parts.username else 25), timeout=_PATIENCE_S)
        with server:
            if parts.username:
                if parts.scheme == "smtp":
                    server.starttls(context=trusted)  # refused by a server that has none
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)

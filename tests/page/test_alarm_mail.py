"""Alarms by e-mail: over a real mail server's socket."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from smtplib import SMTPNotSupportedError
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from bench.process import free_port
from web.alarm_ways import AlarmMail

TOLD = {
    "text": "Verbatim on lab: The disk has 1.9 GB left.\nBcc: everybody@example.org",
    "alarm": "disk",
    "over": False,
    "host": "lab",
}


class Postbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.went_to: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # aiosmtpd's
        """Take a mail."""
        self.mails.append(message_from_bytes(envelope.content))
        self.went_to.extend(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Postbox, str]]:
    """It, and where it is."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        yield box, f"127.0.0.1:{server.port}"
    finally:
        server.stop()


async def test_an_alarm_is_a_mail_to_each(post: tuple[Postbox, str]) -> None:
    """From the first of them, with the words as its subject, in one line; nobody's absence answers it."""
    box, where = post
    await AlarmMail(["lab@example.org", "night@example.org"], f"smtp://{where}").tell(TOLD)
    (mail,) = box.mails
    assert box.went_to == ["lab@example.org", "night@example.org"]
    assert mail["Subject"] == "Verbatim on lab: The disk has 1.9 GB left. Bcc: everybody@example.org"
    assert (mail["From"], mail["Bcc"], mail["Auto-Submitted"]) == ("lab@example.org", None, "auto-generated")
    assert "The disk has 1.9 GB left." in str(mail.get_payload())


async def test_a_password_is_never_sent_in_the_clear(post: tuple[Postbox, str]) -> None:
    """A server that offers no encryption gets neither it nor the mail."""
    box, where = post
    with pytest.raises(SMTPNotSupportedError):
        await AlarmMail(["lab@example.org"], f"smtp://ann:hush@{where}").tell(TOLD)
    assert box.mails == []

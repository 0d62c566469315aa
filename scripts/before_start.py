"""What scripts/run asks before it starts the app: are settings, folders, secret and port as they must be?

Run as `python -m scripts.before_start [HOST [PORT]]`. Answers on one line with host, port and,
where there is one, the public address; or with one sentence on standard error and the exit code of
study/errors.py.
"""

import socket
import sys

from privacy import keep_private
from settings import load_settings
from study.errors import SettingsError, StartError, StudyError
from study.numbers import whole_number


def check(host: str, port: str) -> str:
    """Prepare the start.

    Args:
        host: As asked for on the command line; empty for the setting.
        port: Likewise; 0 for any that is free.

    Returns:
        Host, port and public address, such as "127.0.0.1 8000 https://study.example.org".

    Raises:
        SettingsError: A setting, the secret, the proxy to the model or the port's number is wrong.
        StartError: A folder or the port cannot be used.
    """
    settings = load_settings()
    settings.make_folders()
    settings.ensure_secret()
    settings.model_proxy()
    host = host or settings.host
    number = whole_number(port)
    if port and (number is None or number > 65535):
        raise SettingsError("The port is a number from 1 to 65535. Write it like: scripts/run --port 8000")
    free = free_port(host, settings.port if number is None else number)
    return f"{host} {free} {settings.public_url or ''}".rstrip()


def free_port(host: str, port: int) -> int:
    """The port itself, or any that is free for 0.

    Raises:
        StartError: It cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            # As uvicorn will: a port that a closed connection still lingers on is free.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            bound: int = listener.getsockname()[1]
            return bound
    except socket.gaierror as error:
        raise StartError(
            f"{host} is no address of this machine. Write it like: scripts/run --host 127.0.0.1"
        ) from error
    except OSError as error:
        raise StartError(
            f"Port {port} on {host} cannot be used ({error.strerror}). "
            f"End the program that has it, or choose another: scripts/run --port {port % 65535 + 1}"
        ) from error


if __name__ == "__main__":
    keep_private()
    try:
        sys.stdout.write(check(*[*sys.argv[1:], "", ""][:2]) + "\n")
    except StudyError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)

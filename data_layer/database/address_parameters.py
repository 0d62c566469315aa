"""The parameters of PostgreSQL addresses that people paste, and what becomes of each.

docs/how-to/use-postgresql.md has them as a table, which is made of this one.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final


class Use(Enum):
    """What becomes of a parameter."""

    WHERE = "says where"
    DRIVER = "followed by the driver"
    SESSION = "followed by the server"
    OURS = "followed by Verbatim"
    PASSED_OVER = "changes nothing"
    REFUSED = "refused"


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Args:
        use: What becomes of it.
        meaning: In a sentence; for a refused one the repair.
        values: What it may be, where that is a list.
        pattern: What it must look like, where that is not a list.
        instead: A repair for a value that people paste and that cannot be followed.
    """

    use: Use
    meaning: str
    values: tuple[str, ...] = ()
    pattern: str = ""
    instead: tuple[tuple[str, str], ...] = ()


_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_NO_VERIFY: Final = (("no-verify", "Write require: it encrypts and asks for no certificate"),)
_WRITES: Final = "Verbatim writes, and so needs the primary: write read-write, or leave it out"
_BINDING: Final = (
    "The driver cannot bind to a channel. Write sslmode=verify-full&sslrootcert=system in its place: the "
    "server proves who it is by its certificate"
)
_KEPT: Final = "At most 16 connections are opened, 8 of them kept; leave it out"
_NUMBER: Final = r"\d{1,9}"

PARAMETERS: Final[dict[str, Parameter]] = {
    "host": Parameter(Use.WHERE, "A host, a host:port, several with commas, or the folder of a socket."),
    "port": Parameter(Use.WHERE, "One port, or one for each host.", pattern=r"\d{1,5}(,\d{1,5})*"),
    "user": Parameter(Use.WHERE, "Who connects."),
    "password": Parameter(Use.WHERE, "Their password."),
    "dbname": Parameter(Use.WHERE, "The database."),
    "database": Parameter(Use.WHERE, "The database."),
    "sslmode": Parameter(
        Use.DRIVER,
        "How the connection is encrypted; `prefer` unless said.",
        values=_MODES,
        instead=_NO_VERIFY,
    ),
    "ssl": Parameter(
        Use.DRIVER,
        "Another word for `sslmode`; `true` is `require`.",
        values=("true", "false", *_MODES),
        instead=_NO_VERIFY,
    ),
    "sslrootcert": Parameter(
        Use.DRIVER, "File with the certificate to trust, or `system` for those that the machine trusts."
    ),
    "sslcert": Parameter(Use.DRIVER, "File with a certificate of one's own."),
    "sslkey": Parameter(Use.DRIVER, "File with its key."),
    "sslcrl": Parameter(Use.DRIVER, "File with certificates that hold no more."),
    "ssl_min_protocol_version": Parameter(Use.DRIVER, "Oldest version of TLS.", pattern=r"TLSv1(\.[123])?"),
    "ssl_max_protocol_version": Parameter(Use.DRIVER, "Newest version of TLS.", pattern=r"TLSv1(\.[123])?"),
    "sslnegotiation": Parameter(Use.DRIVER, "How TLS begins.", values=("postgres", "direct")),
    "target_session_attrs": Parameter(
        Use.DRIVER,
        "Which of several hosts: the one that can be written to.",
        values=("any", "read-write", "primary"),
        instead=tuple((name, _WRITES) for name in ("read-only", "standby", "prefer-standby")),
    ),
    "passfile": Parameter(Use.DRIVER, "File with passwords, as psql reads it."),
    "service": Parameter(Use.DRIVER, "Section of the file of services, as psql reads it."),
    "krbsrvname": Parameter(Use.DRIVER, "Name of the service for Kerberos."),
    "application_name": Parameter(Use.SESSION, "What the server calls us in its lists."),
    "options": Parameter(Use.SESSION, "Settings of the session, such as `-c search_path=study`."),
    "connect_timeout": Parameter(
        Use.OURS, "Seconds for making a connection; 15 unless said.", pattern=_NUMBER
    ),
    "pgbouncer": Parameter(
        Use.OURS,
        "`true`: a pooler gives each transaction another session.",
        values=("true", "false", "1", "0"),
    ),
    "pool_mode": Parameter(
        Use.OURS,
        "`transaction` as above; `session`: a pooler that does not.",
        values=("transaction", "session"),
        instead=(("statement", "Verbatim needs transactions: set the pooler to transaction or session"),),
    ),
    "statement_cache_size": Parameter(
        Use.OURS, "`0` as `pgbouncer=true`; another number changes nothing.", pattern=_NUMBER
    ),
    "prepared_statement_cache_size": Parameter(
        Use.OURS, "`0` as `pgbouncer=true`; another number changes nothing.", pattern=_NUMBER
    ),
    "channel_binding": Parameter(
        Use.PASSED_OVER,
        "`prefer` and `disable`; `require` is refused, for the driver cannot.",
        values=("prefer", "disable"),
        instead=(("require", _BINDING),),
    ),
    "gssencmode": Parameter(
        Use.PASSED_OVER,
        "`prefer` and `disable`; `require` is refused, for the driver cannot.",
        values=("prefer", "disable"),
        instead=(("require", "The driver encrypts by TLS alone: write sslmode=require in its place"),),
    ),
    "client_encoding": Parameter(
        Use.PASSED_OVER, "UTF-8, which it always is.", values=("utf8", "UTF8", "utf-8", "UTF-8", "auto")
    ),
    "schema": Parameter(
        Use.PASSED_OVER,
        "`public`; another schema is named by `options=-csearch_path=NAME`.",
        values=("public",),
    ),
    "fallback_application_name": Parameter(Use.PASSED_OVER, "A name for those that give none."),
    "keepalives": Parameter(Use.PASSED_OVER, "The system's own are used."),
    "keepalives_idle": Parameter(Use.PASSED_OVER, "The system's own are used."),
    "keepalives_interval": Parameter(Use.PASSED_OVER, "The system's own are used."),
    "keepalives_count": Parameter(Use.PASSED_OVER, "The system's own are used."),
    "tcp_user_timeout": Parameter(Use.PASSED_OVER, "A write waits 15 seconds, whatever the network does."),
    "sslcompression": Parameter(Use.PASSED_OVER, "Nobody compresses any more."),
    "sslsni": Parameter(Use.PASSED_OVER, "The host's name is always told."),
    "uselibpqcompat": Parameter(Use.PASSED_OVER, "node's word for reading `sslmode` as it is read here."),
    "supa": Parameter(Use.PASSED_OVER, "Supabase's own mark."),
    "sslpassword": Parameter(
        Use.REFUSED, "Keep the key without a password, in a file that this account alone can read"
    ),
    "connection_limit": Parameter(Use.REFUSED, _KEPT),
    "pool_size": Parameter(Use.REFUSED, _KEPT),
    "max_overflow": Parameter(Use.REFUSED, _KEPT),
    "pool_timeout": Parameter(Use.REFUSED, "A connection is waited for for 30 seconds; leave it out"),
    "command_timeout": Parameter(
        Use.REFUSED, "A write is waited for for 15 seconds, an export as long as it takes; leave it out"
    ),
    "currentSchema": Parameter(Use.REFUSED, "Write options=-csearch_path=NAME in its place"),
    "search_path": Parameter(Use.REFUSED, "Write options=-csearch_path=NAME in its place"),
    "sslaccept": Parameter(Use.REFUSED, "Write sslmode=require, or sslmode=verify-full with sslrootcert"),
    "sslidentity": Parameter(Use.REFUSED, "Write sslcert and sslkey in its place"),
}


def check_value(name: str, value: str) -> None:
    """See that a parameter's value can be followed.

    Raises:
        ValueError: It cannot; with the repair. The value is shown where it is one word of a list.
    """
    parameter = PARAMETERS[name]
    for word, repair in parameter.instead:
        if value == word:
            raise ValueError(f"{name}={word} cannot be followed. {repair}")
    if parameter.values and value not in parameter.values:
        raise ValueError(f"{name} must be one of: {', '.join(parameter.values)}")
    if parameter.pattern and not re.fullmatch(parameter.pattern, value):
        raise ValueError(f"{name} is not what it should be: {parameter.meaning}")


def words(name: str, value: str) -> list[str]:
    """The parts of a value that may be a list."""
    check_value(name, value)
    return value.split(",")

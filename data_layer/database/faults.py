"""Whose fault an error of the database is, and what of it may be logged."""

import re
import sqlite3
from typing import Final

import asyncpg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from study.masking import masked
from study.text import beginning

# Classes of SQLSTATE that speak of a value: data exception, constraint, program limit. No other can be
# a row's fault, for the statements are always the same.
_ROW_FAULTS: Final = ("22", "23", "54")


def is_away(error: Exception) -> bool:
    """Whether the database, and not the row, is at fault: locked, full, read-only, closed to us, gone."""
    if isinstance(error, OSError):
        return True
    # What was said while a connection was made comes as the driver says it.
    raw = isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | asyncpg.InternalClientError)
    if not raw and not isinstance(error, DBAPIError):
        return False
    cause = getattr(error, "orig", error)
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return not str(state).startswith(_ROW_FAULTS)
    # asyncpg finds some values wrong before it sends them: an InterfaceError that is a ValueError as well.
    a_value = isinstance(cause if raw else getattr(cause, "__cause__", None), ValueError)
    return not (a_value or isinstance(error, IntegrityError | DataError | ProgrammingError))


def brief_fault(error: Exception) -> str:
    """What went wrong, without the row: a log never holds a participant's words, nor a password.

    Only PostgreSQL and asyncpg quote a value that they do not take.
    """
    cause = getattr(error, "orig", None) or error
    kind = type(cause.__cause__ or cause).__name__
    if is_away(error) or isinstance(cause, sqlite3.Error):
        return beginning(masked(f"{kind}: {str(cause).splitlines()[0] if str(cause) else ''}"), 300)
    state = getattr(cause, "sqlstate", None)
    return f"{kind} {state}" if state else kind


def reason(error: Exception) -> str:
    """Why a database could not be opened, in its own words: a sentence's middle."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, TimeoutError) and not str(cause):
        return "it did not answer in time"
    return masked(str(cause).splitlines()[0].rstrip(".")) if str(cause) else type(cause).__name__


def repair(error: Exception) -> str:
    """What to do about it: a sentence, or none where the reason is not one of those that hosts give."""
    cause = getattr(error, "orig", None) or error
    known = f"{getattr(cause, 'sqlstate', None) or ''} {reason(error)}"
    return next((sentence for pattern, sentence in _REPAIRS if pattern.search(known)), "")


_REPAIRS: Final = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (
            "unsupported startup parameter",
            "The pooler before it takes no options: leave options out of the address and say it once on the "
            "server (ALTER ROLE name SET ...), or let the pooler ignore it (ignore_startup_parameters).",
        ),
        ("rejected SSL upgrade", "The server does not encrypt: write sslmode=prefer, or let it encrypt."),
        (
            "CERTIFICATE_VERIFY_FAILED|root certificate file",
            "Name the file with its certificate by sslrootcert=FILE, or write sslrootcert=system for those "
            "that this machine trusts.",
        ),
        (
            "no encryption|SSL off|SSL required|SSL connection is required",
            "Write sslmode=require at the end of the address.",
        ),
        ("^28P01|^28000|SASL authentication failed", "Check the name and the password in the address."),
        ("^3D000|no such database", "Make that database on the server, or name another in the address."),
        (
            "^42501",
            "The account in the address may make no tables: let the database's owner run "
            "GRANT CREATE ON SCHEMA public TO that account.",
        ),
        (
            "^25006",
            "This server is a copy that cannot be written to: name the primary, or all of them with commas "
            "and target_session_attrs=read-write.",
        ),
        (
            "^53300|too many|no more connections",
            "Let the server take at least 20 connections of ours, or use the address of its pooler.",
        ),
    )
)

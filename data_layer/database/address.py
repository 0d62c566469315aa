"""PostgreSQL's address as people paste it: read once, here, for everything that connects.

An address comes from a provider's page, and was made for another program: Prisma, psql, node, a JDBC driver.
What it says is understood, or refused with the repair; nothing that was asked for is passed over unless
passing over it changes nothing. No message holds a value of the address but those of harmless parameters.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from data_layer.database.address_parameters import PARAMETERS, Use, check_value, words

# The driver is always asyncpg; another one's name says nothing about the server.
_SCHEME: Final = re.compile(r"(?:psql\s+)?['\"]?postgres(?:ql)?(?:\+\w+)?://(?P<rest>.*?)['\"]?", re.DOTALL)
_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~%-]+)(?::\d{1,5})?"
_BEHIND: Final = re.compile(
    rf"(?P<hosts>(?:{_HOST}(?:,{_HOST})*)?)(?:/(?P<database>[^/?#@]*))?"
    r"(?:\?(?P<query>(?:[\w.-]+=[^&#]*(?:&[\w.-]+=[^&#]*)*)?))?"
)
_ENCODED: Final = "%40 for @, %23 for #, %2F for /, %3F for ?, %3A for :"
_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


@dataclass(frozen=True)
class PostgresAddress:
    """Where a database is and how it wants to be spoken to.

    Args:
        hosts: Names or socket folders, with ports; tried in order. None at all is the local socket.
        database: Its name; None is the user's name, as for psql.
        driver: Parameters that the driver and PostgreSQL's own programs read under the same names.
        session: What each session asks the server for as it begins.
        timeout_s: Seconds for making a connection.
        pooled: Whether a pooler gives each transaction another of the server's sessions; None is not said.
    """

    hosts: tuple[tuple[str, int | None], ...] = ()
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    driver: Mapping[str, str] = field(default_factory=dict, repr=False)
    session: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float | None = None
    pooled: bool | None = None


def is_postgresql(url: str) -> bool:
    """Whether an address is one of PostgreSQL's, right or wrong."""
    return re.match(r"\s*(?:psql\s+)?['\"]?postgres", url) is not None


def read_address(url: str) -> PostgresAddress:
    """Read an address.

    Args:
        url: As it was pasted; a password may hold characters that an address should have encoded.

    Returns:
        What it says.

    Raises:
        ValueError: What is wrong, as the end of a sentence that names the setting, with the repair.
    """
    scheme = _SCHEME.fullmatch(url.strip())
    if scheme is None or not scheme["rest"].strip("/"):
        raise ValueError(
            "it must begin with postgresql+asyncpg://, name a server and a database; "
            "postgresql:// and postgres:// do as well"
        )
    userinfo, behind = _split(scheme["rest"])
    user, _, password = userinfo.partition(":")
    if re.fullmatch(r"\[[\w -]+\]|<[\w -]+>", password):
        raise ValueError(
            "the password is still the placeholder of the page that it was copied from. "
            "Put the database's password in its place, brackets included"
        )
    where: dict[str, list[str]] = {}
    said = dict(_parameters(behind["query"] or "", where))
    hosts = list(_hosts(behind["hosts"])) or [one for given in where.get("host", []) for one in _hosts(given)]
    return PostgresAddress(
        tuple(_with_ports(hosts, where.get("port", []))),
        unquote(user) or _last(where, "user"),
        unquote(password) or _last(where, "password"),
        unquote(behind["database"] or "") or _last(where, "dbname") or _last(where, "database"),
        _driver(said),
        {name: said[name] for name in ("application_name", "options") if said.get(name)},
        float(said["connect_timeout"]) or None if "connect_timeout" in said else None,
        _pooled(said),
    )


def _split(rest: str) -> tuple[str, re.Match[str]]:
    """Find where the password ends: at the only @ behind which everything is an address.

    Raises:
        ValueError: There is none, or more than one: connecting to the wrong server is not tried.
    """
    ends = [place for place, letter in enumerate(rest) if letter == "@"]
    candidates = [(rest[:end], match) for end in ends if (match := _BEHIND.fullmatch(rest, end + 1))]
    if (match := _BEHIND.fullmatch(rest)) is not None:
        candidates.append(("", match))
    if len(candidates) == 1:
        return candidates[0]
    if len(candidates) > 1:
        raise ValueError(
            f"it can be read in more than one way. Write characters of the password in code: {_ENCODED}"
        )
    raise ValueError(
        "it cannot be read as postgresql://name:password@host:port/database?parameter=value. "
        f"Characters of the password that mean something there are written in code: {_ENCODED}"
    )


def _hosts(given: str) -> Iterator[tuple[str, int | None]]:
    if given.startswith("/"):
        yield given, None
        return
    for one in filter(None, given.split(",")):
        match = re.fullmatch(r"(?P<name>\[[^\]]+\]|[^:]+)(?::(?P<port>\d+))?", one)
        if match is None or not 0 < int(match["port"] or 1) < 65536:
            raise ValueError("a port of it is no number from 1 to 65535. Write it like: host:5432")
        yield unquote(match["name"].strip("[]")), int(match["port"]) if match["port"] else None


def _with_ports(hosts: list[tuple[str, int | None]], given: list[str]) -> Iterator[tuple[str, int | None]]:
    ports = [int(port) for one in given for port in words("port", one)]
    if len(ports) not in (0, 1, len(hosts)):
        raise ValueError(f"it names {len(hosts)} hosts and {len(ports)} ports. Give one port for each host")
    for place, (name, port) in enumerate(hosts):
        yield name, port or (ports[place % len(ports)] if ports else None)


def _parameters(query: str, where: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    given: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        value = unquote(value)
        known = PARAMETERS.get(name)
        if known is None:
            close = difflib.get_close_matches(name, PARAMETERS, n=1)
            repair = f"Did you mean {close[0]}? Write that, or leave it out" if close else "Leave it out"
            raise ValueError(f"it has a parameter {name}, which Verbatim does not know. {repair}")
        if known.use is Use.REFUSED:
            raise ValueError(f"its parameter {name} cannot be followed. {known.meaning}")
        check_value(name, value)
        if known.use is not Use.WHERE and given.setdefault(name, value) != value:
            raise ValueError(f"it says {name} twice, each time something else. Leave one of them out")
        if known.use is Use.WHERE:
            where.setdefault(name, []).append(value)
        else:
            yield name, value


def _last(where: Mapping[str, list[str]], name: str) -> str | None:
    return where[name][-1] if where.get(name) else None


def _driver(said: Mapping[str, str]) -> dict[str, str]:
    driver = {name: value for name, value in said.items() if PARAMETERS[name].use is Use.DRIVER and value}
    if "ssl" in driver:
        # node's and asyncpg's word for it.
        value = driver.pop("ssl")
        mode = {"true": "require", "false": "disable"}.get(value, value)
        if (driver.setdefault("sslmode", mode) == "disable") != (mode == "disable"):
            raise ValueError("its ssl and its sslmode contradict each other. Leave one of them out")
    for name in _FILES:
        if name not in driver or driver[name] == "system":
            continue
        driver[name] = str(Path(driver[name]).expanduser())
        if not Path(driver[name]).is_file():
            raise ValueError(f"there is no file {driver[name]}, which its parameter {name} names")
    system = driver.get("sslrootcert") == "system"
    # As libpq: certificates that the machine trusts prove something only for the name that they bear.
    if system and driver.setdefault("sslmode", "verify-full") != "verify-full":
        raise ValueError("sslrootcert=system goes with sslmode=verify-full alone. Write that")
    return driver


def _pooled(said: Mapping[str, str]) -> bool | None:
    caches = ("statement_cache_size", "prepared_statement_cache_size")
    if said.get("pgbouncer") in ("true", "1") or said.get("pool_mode") == "transaction":
        return True
    if any(name in said and int(said[name]) == 0 for name in caches):
        return True
    if said.get("pgbouncer") in ("false", "0") or said.get("pool_mode") == "session":
        return False
    return None

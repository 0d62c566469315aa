"""PostgreSQL's address as people paste it: understood, or refused in one sentence that holds no password."""

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data_layer.database.address import PostgresAddress, is_postgresql, read_address
from data_layer.database.address_parameters import PARAMETERS, Use
from data_layer.database.engine import open_database, sqlite_path
from study.errors import DatabaseError

ADDRESS = "postgresql://ada:hunter2@db.example.org/study"
SUPABASE = "postgresql://postgres.abcd:hunter2@aws-0-eu-central-1.pooler.supabase.com:6543/postgres"
NEON = "postgresql://ada:hunter2@ep-cool-1-pooler.eu-central-1.aws.neon.tech/neondb"


def refusal(url: str) -> str:
    """Why an address is refused."""
    with pytest.raises(ValueError, match=r"\w") as refused:
        read_address(url)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "beginning", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_beginning_means_the_same(beginning: str) -> None:
    """Which driver another program would use says nothing about the server."""
    read = read_address(ADDRESS.replace("postgresql", beginning, 1))
    assert read == PostgresAddress((("db.example.org", None),), "ada", "hunter2", "study")


@pytest.mark.parametrize("pasted", [f" {ADDRESS}\n", f"'{ADDRESS}'", f'"{ADDRESS}"', f"psql '{ADDRESS}'"])
def test_what_stands_around_an_address_is_passed_over(pasted: str) -> None:
    """Quotes, a line's end and the command of the page that it was copied from."""
    assert is_postgresql(pasted)
    assert read_address(pasted) == read_address(ADDRESS)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{SUPABASE}?pgbouncer=true", {"pooled": True}),
        (f"{SUPABASE}?statement_cache_size=0", {"pooled": True}),
        (f"{SUPABASE}?prepared_statement_cache_size=0", {"pooled": True}),
        (f"{SUPABASE}?pool_mode=transaction&sslmode=require", {"pooled": True}),
        (f"{SUPABASE}?pool_mode=session", {"pooled": False}),
        (f"{SUPABASE}?pgbouncer=false", {"pooled": False}),
        (f"{SUPABASE}?statement_cache_size=100", {"pooled": None}),
        (f"{NEON}?sslmode=require&channel_binding=prefer", {"driver": {"sslmode": "require"}}),
        (f"{ADDRESS}?ssl=true", {"driver": {"sslmode": "require"}}),
        (f"{ADDRESS}?ssl=verify-full", {"driver": {"sslmode": "verify-full"}}),
        (
            f"{ADDRESS}?sslrootcert=system",
            {"driver": {"sslmode": "verify-full", "sslrootcert": "system"}},
        ),
        (
            f"{ADDRESS}?options=-c%20search_path%3Dstudy&application_name=verbatim&connect_timeout=5",
            {
                "session": {"options": "-c search_path=study", "application_name": "verbatim"},
                "timeout_s": 5.0,
            },
        ),
        (f"{ADDRESS}?connect_timeout=0&sslsni=1&schema=public", {"timeout_s": None, "driver": {}}),
        (
            "postgresql://ada@one:5433,two/study?target_session_attrs=read-write",
            {"hosts": (("one", 5433), ("two", None)), "driver": {"target_session_attrs": "read-write"}},
        ),
        ("postgresql://ada@/study?host=one:1&host=two:2", {"hosts": (("one", 1), ("two", 2))}),
        ("postgresql://ada@/study?host=one,two&port=1,2", {"hosts": (("one", 1), ("two", 2))}),
        ("postgresql://ada@/study?host=one,two&port=6432", {"hosts": (("one", 6432), ("two", 6432))}),
        ("postgresql://ada@[::1]:5433/study", {"hosts": (("::1", 5433),)}),
        ("postgresql://ada@%2Frun%2Fpostgresql/study", {"hosts": (("/run/postgresql", None),)}),
        ("postgresql:///study?host=/run/postgresql&user=ada&password=hunter2", {"password": "hunter2"}),
    ],
)
def test_what_providers_print_is_understood(url: str, expected: dict[str, object]) -> None:
    """Supabase's, Neon's, Heroku's, Prisma's and node's words for one thing."""
    read = read_address(url)
    assert {name: getattr(read, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("url", "repair"),
    [
        (f"{NEON}?sslmode=require&channel_binding=require", "sslmode=verify-full&sslrootcert=system"),
        (f"{ADDRESS}?gssencmode=require", "sslmode=require"),
        (f"{ADDRESS}?sslmode=no-verify", "Write require"),
        (f"{ADDRESS}?sslmode=yes", "disable, allow, prefer, require, verify-ca, verify-full"),
        (f"{ADDRESS}?sslmode=require&sslrootcert=system", "sslmode=verify-full"),
        (f"{ADDRESS}?sslmode=require&sslmode=disable", "sslmode twice"),
        (f"{ADDRESS}?ssl=true&sslmode=disable", "contradict"),
        (f"{ADDRESS}?sslmode=verify-full&ssl=false", "contradict"),
        (f"{ADDRESS}?pgbouncer=true&pgbouncer=false", "pgbouncer twice"),
        (f"{ADDRESS}?sslrootcert=/nowhere/ca.pem", "no file /nowhere/ca.pem"),
        (f"{ADDRESS}?target_session_attrs=standby", "read-write"),
        (f"{ADDRESS}?pool_mode=statement", "transaction or session"),
        (f"{ADDRESS}?statement_cache_size=none", "statement_cache_size"),
        (f"{ADDRESS}?connect_timeout=soon", "Seconds"),
        (f"{ADDRESS}?connection_limit=1", "leave it out"),
        (f"{ADDRESS}?currentSchema=study", "options=-csearch_path=NAME"),
        (f"{ADDRESS}?client_encoding=latin1", "utf8"),
        (f"{ADDRESS}?sslmod=require", "Did you mean sslmode?"),
        (f"{ADDRESS}?zebra=1", "a parameter zebra, which Verbatim does not know. Leave it out"),
        ("postgresql://ada:hunter2@one,two/study?port=1,2,3", "one port for each host"),
        ("postgresql://ada:hunter2@one:99999/study", "1 to 65535"),
        ("postgresql://postgres:[YOUR-PASSWORD]@db.abcd.supabase.co:5432/postgres", "placeholder"),
        ("postgres://", "begin with postgresql+asyncpg://"),
        ("postgresql://ada:hunter2@one two/study", "%40 for @"),
        (f"{ADDRESS}?application_name=ada@home", "%40 for @"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_the_repair(url: str, repair: str) -> None:
    """In one sentence, which holds no password; a database that is opened anyway says the same."""
    assert repair in refusal(url)
    assert "hunter2" not in refusal(url)
    with pytest.raises(DatabaseError) as refused:
        open_database(url)
    assert str(refused.value) == f"VERBATIM_DATABASE_URL is wrong: {refusal(url)}."


def test_files_are_found_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody but a shell reads the tilde."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "ca.pem").touch()
    assert read_address(f"{ADDRESS}?sslrootcert=~/ca.pem").driver == {"sslrootcert": str(tmp_path / "ca.pem")}


@given(st.text(min_size=1, max_size=20).filter(lambda word: not word.isspace()))
@example("p@ss")
@example("a/b?c=d&e#f@g:h")
@example("[x]")
def test_an_encoded_password_is_read_whole(password: str) -> None:
    """Whatever it is made of."""
    url = f"postgresql://ada:{quote(password, safe='')}@db.example.org:6543/study?sslmode=require"
    read = read_address(url)
    assert (read.user, read.password, read.database) == ("ada", password, "study")
    assert read.hosts == (("db.example.org", 6543),)


@given(st.text(st.characters(codec="utf-8", exclude_characters="%"), min_size=1, max_size=20))
@example("p@ss")
@example("p#ss")
@example("a/b")
@example("p@h?x=y")
@example("1?application_name=a")
@example("a,b@c")
def test_a_password_that_is_not_encoded_leads_nowhere_else(password: str) -> None:
    """It is read whole, or the address is refused: nothing of it is ever taken for a host."""
    url = f"postgresql://ada:hunter2{password}@db.example.org:6543/study?sslmode=require"
    said, read = "", None
    try:
        read = read_address(url)
    except ValueError as refused:
        said = str(refused)
    assert "hunter2" not in said
    if read is not None:
        assert (read.password, read.hosts) == (f"hunter2{password}", (("db.example.org", 6543),))


@pytest.mark.parametrize("password", ["p@ss", "p#ss", "a/b", "a?b", "a:b", "p@ss/w#rd"])
def test_the_usual_unencoded_passwords_work(password: str) -> None:
    """As long as they can be read in one way only."""
    read = read_address(f"postgres://ada:{password}@db.example.org/study")
    assert (read.password, read.hosts) == (password, (("db.example.org", None),))


def test_an_address_shows_no_password() -> None:
    """Whoever logs one, or sees it in a traceback."""
    assert "hunter2" not in repr(read_address(ADDRESS))
    assert "hunter2" not in repr(open_database(ADDRESS).engine)


def test_an_address_of_postgresql_is_no_file() -> None:
    """Also one that SQLAlchemy could not read."""
    assert sqlite_path("postgres://ada@one:1,two:2/study") is None


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_says_what_becomes_of_it(name: str) -> None:
    """A refused one says what to do; one that takes a list names one that is in it."""
    parameter = PARAMETERS[name]
    assert parameter.meaning
    if parameter.use is Use.REFUSED:
        assert parameter.meaning in refusal(f"{ADDRESS}?{name}=1")
    elif parameter.values:
        assert read_address(f"{ADDRESS}?{name}={parameter.values[0]}").database == "study"

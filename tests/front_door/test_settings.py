import os
import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secret_key import read_or_make, weakness
from settings import Settings, export_to_chainlit, load_settings, variable_name
from study.errors import SettingsError, StartError
from study.masking import masked


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_name(field), raising=False)


def test_nothing_has_to_be_set() -> None:
    """On a machine without any variable the settings are SQLite, the example study and this machine alone."""
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:///data/verbatim.db"
    assert (settings.data_dir, settings.study) == (Path("data"), Path("studies/example"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.openai_api_key is None


def test_the_database_follows_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another data folder alone moves the database into it; an absolute one has four slashes."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", "/srv/kept")
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:////srv/kept/verbatim.db"
    assert settings.sqlite_folder == Path("/srv/kept")


def test_a_database_that_is_named_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The data folder moves without the database when that has an address of its own."""
    monkeypatch.setenv("VERBATIM_DATA_DIR", "kept")
    monkeypatch.setenv("VERBATIM_DATABASE_URL", "postgresql+asyncpg://name:word@host/study")
    settings = load_settings()
    assert settings.database_url == "postgresql+asyncpg://name:word@host/study"
    assert settings.sqlite_folder is None


@pytest.mark.parametrize(
    ("variable", "value", "repair"),
    [
        ("VERBATIM_PORT", "eight thousand", "VERBATIM_PORT=8000"),
        ("VERBATIM_PORT", "0", "VERBATIM_PORT=8000"),
        ("VERBATIM_PORT", "65536", "VERBATIM_PORT=8000"),
        ("VERBATIM_ALARM_EMAIL", "lab@example.org, nobody", "Write it like: lab@example.org"),
        ("VERBATIM_SMTP_URL", "mail.example.org", "smtp://name:password@mail.example.org:587"),
        ("VERBATIM_DATABASE_URL", "postgres://", "begin with postgresql+asyncpg://"),
        ("VERBATIM_DATABASE_URL", "jdbc:postgresql://host/study", "postgresql+asyncpg://"),
        ("VERBATIM_DATABASE_URL", "postgresql://host/study?sslmod=require", "Did you mean sslmode?"),
        ("VERBATIM_DATABASE_URL", "sqlite:///study.db", "begin with sqlite+aiosqlite:///"),
        ("VERBATIM_DATABASE_URL", "sqlite+aiosqlite:///:memory:", "name a file"),
        ("VERBATIM_DATABASE_URL", "sqlite+aiosqlite://", "name a file"),
        ("VERBATIM_DATABASE_URL", "mysql://host/study", "postgresql+asyncpg://"),
        ("VERBATIM_READ_URL", "postgresql://name:word@replica/study", "SQLite's, which has no replicas"),
        ("VERBATIM_READ_URL", "sqlite+aiosqlite:///copy.db", "VERBATIM_READ_URL=postgresql+asyncpg://name"),
        ("VERBATIM_FILES_URL", "https://bucket.example", "VERBATIM_FILES_URL=s3://bucket/study"),
        ("VERBATIM_DATA_DIR", "what?", "VERBATIM_DATA_DIR=data"),
        ("VERBATIM_ALLOWED_ORIGINS", "*", "VERBATIM_ALLOWED_ORIGINS=https://study.example.org"),
        ("VERBATIM_ALLOWED_ORIGINS", "https://a.example/path", "scheme, host and port alone"),
        ("VERBATIM_ALLOWED_ORIGINS", "study.example.org", "scheme, host and port alone"),
        ("VERBATIM_PUBLIC_URL", "lab.example.org", "VERBATIM_PUBLIC_URL=https://lab.example.org/study"),
        ("VERBATIM_PUBLIC_URL", "https://a.example/research", "an address of Verbatim's own"),
        ("VERBATIM_MODEL_TIMEOUT_S", "-1", "VERBATIM_MODEL_TIMEOUT_S=60"),
        ("VERBATIM_MODEL_RETRIES", "1000", "VERBATIM_MODEL_RETRIES=2"),
        ("VERBATIM_PRICES", "absent.yaml", "there is no file absent.yaml"),
        ("VERBATIM_EMBEDDING_URL", "localhost:11434", "begins with http:// or https://"),
        ("VERBATIM_EMBEDDING_FOLDER", "absent", "there is no model.safetensors in absent"),
        ("VERBATIM_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("OPENAI_BASE_URL", "localhost:11434", "begins with http:// or https://"),
    ],
)
def test_a_wrong_value_is_refused_with_its_repair(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, repair: str
) -> None:
    """The message names the variable and how to write it."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert variable in str(refused.value)
    assert repair in str(refused.value)


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes are two lines, so that nobody has to start twice to learn of both."""
    monkeypatch.setenv("VERBATIM_PORT", "x")
    monkeypatch.setenv("VERBATIM_LOG_FORMAT", "x")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert [line.split()[0] for line in str(refused.value).splitlines()] == [
        "VERBATIM_PORT",
        "VERBATIM_LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VERBATIM_SECRET", "changeme-hunter2-changeme-hunter2"),
        ("VERBATIM_DATABASE_URL", "postgres://name:hunter2@host/study?nobody=hunter2"),
        ("VERBATIM_DATABASE_URL", "postgres://name:hunter2@host word/study"),
        ("VERBATIM_DATABASE_URL", "mysql://name:hunter2@host/study"),
        ("VERBATIM_READ_URL", "postgres://name:hunter2@host word/study"),
        ("VERBATIM_READ_URL", "postgres://name:hunter2@host/study"),
        ("OPENAI_BASE_URL", "ftp://name:hunter2@host"),
    ],
)
def test_a_refusal_never_shows_what_is_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Messages go to logs and screens; passwords and secrets do not."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_settings_can_be_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of the settings holds neither keys nor the database's password."""
    monkeypatch.setenv("VERBATIM_SECRET", secret := secrets.token_urlsafe(48))
    monkeypatch.setenv("OPENAI_API_KEY", "key-hunter2")
    monkeypatch.setenv("VERBATIM_DATABASE_URL", "postgresql+asyncpg://name:hunter2@host/study")
    shown = f"{load_settings()} {load_settings()!r}"
    assert "hunter2" not in shown
    assert secret not in shown


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_misspelt_name_is_refused(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """A setting that does not exist stops the start and names the one that was meant."""
    if where == ".env":
        Path(".env").write_text("VERBATIM_STUDDY=studies/mine\n", encoding="utf-8")
    else:
        monkeypatch.setenv("VERBATIM_STUDDY", "studies/mine")
    with pytest.raises(SettingsError, match=r"VERBATIM_STUDDY .* Did you mean VERBATIM_STUDY\?"):
        load_settings()


def test_the_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of .env sets what the environment leaves open; foreign lines in it are let be."""
    Path(".env").write_text("VERBATIM_PORT=8001\nVERBATIM_HOST=::1\nOTHER_APP=1\n", encoding="utf-8")
    monkeypatch.setenv("VERBATIM_PORT", "8002")
    settings = load_settings()
    assert (settings.host, settings.port) == ("::1", 8002)


def test_an_env_file_of_another_encoding_is_refused() -> None:
    """An unreadable .env gets a sentence instead of a traceback."""
    Path(".env").write_bytes("VERBATIM_STUDY=études".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings()


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty lines of a template leave the defaults."""
    monkeypatch.setenv("VERBATIM_DATABASE_URL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    settings = load_settings()
    assert settings.database_url == "sqlite+aiosqlite:///data/verbatim.db"
    assert settings.openai_api_key is None


def test_origins_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces around them and a comma too many do no harm."""
    monkeypatch.setenv("VERBATIM_ALLOWED_ORIGINS", "https://a.example, http://b.example:8000,")
    assert load_settings().allowed_origins == ("https://a.example", "http://b.example:8000")


@pytest.mark.parametrize("key", ['"sk-swordfish77"', "'sk-swordfish77'", "Bearer sk-swordfish77"])
def test_a_key_with_something_around_it_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Quotes that a file kept and a header's word would be sent along, and each message be refused."""
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY is wrong: it begins with") as refused:
        load_settings()
    assert "swordfish" not in str(refused.value)


def test_origins_are_kept_as_browsers_say_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """In small letters and without the port that goes without saying: else none of theirs were the same."""
    monkeypatch.setenv("VERBATIM_ALLOWED_ORIGINS", "https://Study.Example:443,http://b.example:80")
    assert load_settings().allowed_origins == ("https://study.example", "http://b.example")


def test_a_secret_is_made_once_for_this_account_alone() -> None:
    """The first start makes a secret that only its account can read; later starts use the same."""
    first = load_settings().ensure_secret()
    assert weakness(first) is None
    assert stat.S_IMODE(Path("data/secret").stat().st_mode) == 0o600
    assert load_settings().ensure_secret() == first


def test_starts_at_the_same_time_agree_on_one_secret() -> None:
    """Of many first starts at once one makes the secret, and all use it; no draft stays behind."""
    Path("data").mkdir()
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(read_or_make, [Path("data/secret")] * 64))
    assert len(made) == 1
    assert [path.name for path in Path("data").iterdir()] == ["secret"]


def test_a_secret_that_others_can_read_is_closed_to_them() -> None:
    """A data folder that was copied with wide rights is narrowed at the next start."""
    settings = load_settings()
    settings.ensure_secret()
    Path("data/secret").chmod(0o644)
    settings.ensure_secret()
    assert stat.S_IMODE(Path("data/secret").stat().st_mode) == 0o600


def test_a_weak_secret_in_the_file_is_refused() -> None:
    """The message names the file and the repair, and does not show the secret."""
    Path("data").mkdir()
    Path("data/secret").write_text("hunter2", encoding="utf-8")
    with pytest.raises(SettingsError, match="Delete that file") as refused:
        load_settings().ensure_secret()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "secret",
    [
        "short",
        "x" * 31,
        "x" * 64,
        "0123456789abcdef" * 4,
        "changeme-changeme-changeme-changeme",
        "CHANGE_THIS_to_something_at_least_32_characters_long",
        "your-secret-goes-here-0123456789abcdef",
        "password0123456789password9876543210",
    ],
)
def test_a_weak_secret_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    """Short, repeated and example secrets stop the start, with how to make a good one."""
    monkeypatch.setenv("VERBATIM_SECRET", secret)
    with pytest.raises(SettingsError, match="Leave VERBATIM_SECRET out"):
        load_settings()


@given(st.binary(min_size=32, max_size=64).filter(lambda key: len(set(key.hex())) > 9))
def test_a_random_secret_is_taken(key: bytes) -> None:
    """What `openssl rand -hex 32` and its like give is never mistaken for a placeholder."""
    repeated = any(key.hex() == key.hex()[:n] * (len(key.hex()) // n) for n in range(1, len(key)))
    assert (weakness(key.hex()) is None) != repeated


def test_a_file_in_place_of_the_data_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the folder and the setting that moves it."""
    Path("taken").touch()
    monkeypatch.setenv("VERBATIM_DATA_DIR", "taken")
    with pytest.raises(StartError, match=r"taken cannot be written to .* VERBATIM_DATA_DIR"):
        load_settings().make_folders()


def test_the_folder_of_the_database_is_made_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite file in a folder that is not there yet needs no step by hand."""
    monkeypatch.setenv("VERBATIM_DATABASE_URL", "sqlite+aiosqlite:///far/away/study.db")
    load_settings().make_folders()
    assert Path("far/away").is_dir()
    assert list(Path("far/away").iterdir()) == []


def test_a_full_disk_is_refused() -> None:
    """Less room than the app needs is said before the study starts."""
    with pytest.raises(StartError, match=r"is full: \d+ MB are free, 1000000000000 MB are needed"):
        load_settings().make_folders(least_free_bytes=10**18)


def test_chainlit_gets_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chainlit's variables come from our settings, whatever they held before."""
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", "stale")
    monkeypatch.setenv("CHAINLIT_CUSTOM_AUTH", "")
    monkeypatch.setenv("CHAINLIT_APP_ROOT", "/srv/verbatim")
    settings = load_settings()
    export_to_chainlit(settings)
    assert os.environ["CHAINLIT_AUTH_SECRET"] == settings.ensure_secret()
    assert os.environ["CHAINLIT_CUSTOM_AUTH"] == "1"
    assert os.environ["CHAINLIT_APP_ROOT"] == "/srv/verbatim"


@pytest.mark.parametrize(
    "around", ["{}\n", "{}\r\n", "{}\r", " {} ", "\ufeff{}\r\n", "\t{}\u200b", "\n\n{}\u2028"]
)
def test_a_line_end_behind_a_value_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch, around: str) -> None:
    """A key out of a file, of Windows or of a web page is the key; so is every other setting."""
    monkeypatch.setenv("OPENAI_API_KEY", around.format("sk-abc"))
    monkeypatch.setenv("VERBATIM_MODEL", around.format("small"))
    monkeypatch.setenv("VERBATIM_PORT", around.format("8001"))
    monkeypatch.setenv("VERBATIM_DATA_DIR", around.format("kept"))
    monkeypatch.setenv("OPENAI_BASE_URL", around.format("http://127.0.0.1:1/v1"))
    settings = load_settings()
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-abc"
    assert (settings.model, settings.port, settings.data_dir) == ("small", 8001, Path("kept"))
    assert settings.openai_base_url == "http://127.0.0.1:1/v1"


def test_a_value_of_white_space_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file gives an empty key, which is no key."""
    monkeypatch.setenv("OPENAI_API_KEY", "\r\n")
    assert load_settings().openai_api_key is None


def test_the_secret_is_taken_byte_for_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """Personal links that are out were signed with it as it stands, its line end with it."""
    monkeypatch.setenv("VERBATIM_SECRET", secret := secrets.token_urlsafe(48) + "\n")
    assert load_settings().ensure_secret() == secret


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("sk-swordfish\nsk-swordfish", "character 13 is a control character (U+000A)"),
        ("sk-swordfish\x7f-1", "character 13 is a control character (U+007F)"),
        ("sk-swordfish\u2019", "character 13 is a letter that is not ASCII (U+2019)"),
        ("sk-swordfish\xe9-1", "character 13 is a letter that is not ASCII (U+00E9)"),
        ("sk-swordfish\udce9-1", "character 13 is a letter that is not ASCII (U+DCE9)"),
    ],
)
def test_a_key_that_no_request_can_carry_is_refused(
    monkeypatch: pytest.MonkeyPatch, key: str, named: str
) -> None:
    """The sentence names the setting and the place, and holds nothing of the key."""
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith("OPENAI_API_KEY is wrong: ")
    assert named in str(refused.value)
    assert "swordfish" not in f"{refused.value!r}"


def test_an_unreadable_env_file_shows_nothing_of_what_is_in_it() -> None:
    """A decoder's error carries the whole file with it, keys and all."""
    Path(".env").write_bytes(b"OPENAI_API_KEY=hunter-swordfish-hunter\nVERBATIM_MODEL=\xff\n")
    with pytest.raises(SettingsError, match="UTF-8") as refused:
        load_settings()
    assert refused.value.__cause__ is None
    assert "swordfish" not in f"{refused.value!r}"


def test_what_is_secret_among_the_settings_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever repeats one of them in this process says *** in its place."""
    kept = {
        "OPENAI_API_KEY": "key-" + secrets.token_urlsafe(16),
        "VERBATIM_SECRET": secrets.token_urlsafe(48),
        "VERBATIM_DATABASE_URL": (password := secrets.token_urlsafe(16)),
        "OPENAI_BASE_URL": (login := secrets.token_urlsafe(16)),
        "HTTPS_PROXY": (proxy := secrets.token_urlsafe(16)),
    }
    shapes = {
        "VERBATIM_DATABASE_URL": f"postgresql+asyncpg://ada:{password}@host/study",
        "OPENAI_BASE_URL": f"https://ada:{login}@models.example/v1",
        "HTTPS_PROXY": f"http://ada:{proxy}@proxy.example:3128",
    }
    for name, value in (kept | shapes).items():
        monkeypatch.setenv(name, value)
    load_settings()
    assert masked(" ".join(kept.values())) == " ".join(["***"] * len(kept))


def test_the_secret_of_the_data_folder_is_held_as_well() -> None:
    """It was never in the environment, and signs the same."""
    assert masked(f"{load_settings().ensure_secret()}!") == "***!"


def test_the_public_address_gives_the_path_and_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers may sign in from it, beside those that are named."""
    assert (load_settings().public_path, load_settings().origins) == ("", ())
    monkeypatch.setenv("VERBATIM_PUBLIC_URL", "https://lab.example.org/study/")
    monkeypatch.setenv("VERBATIM_ALLOWED_ORIGINS", "https://other.example")
    settings = load_settings()
    assert settings.public_path == "/study"
    assert settings.origins == ("https://lab.example.org", "https://other.example")


def test_chainlits_own_root_path_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It would move half of the page; the sentence names the setting that moves all of it."""
    monkeypatch.setenv("CHAINLIT_ROOT_PATH", "/study")
    monkeypatch.setenv("VERBATIM_DATA_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match=r"VERBATIM_PUBLIC_URL=https://lab\.example\.org/study"):
        export_to_chainlit(load_settings())

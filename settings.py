"""Every setting of Verbatim: the one file that reads the environment, and `.env` beside it.

docs/reference/settings.md is generated from the fields below; a test fails when it is stale.
"""

import difflib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError as UnreadableSetting

from secret_key import read_or_make, weakness
from study.errors import SettingsError, StartError

PREFIX: Final = "VERBATIM_"
# Not measured: room for SQLite's log beside the database and for some hours of conversation. Below it
# a study would start and stop in its middle.
LEAST_FREE_BYTES: Final = 100_000_000
_MAKE_ONE: Final = (
    "Leave VERBATIM_SECRET out and Verbatim makes a good one in the data folder, or make one: "
    'python -c "import secrets; print(secrets.token_urlsafe(48))"'
)


class Settings(BaseSettings):
    """What an operator may set. Read once, at the start; refused early."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="Folder of what is kept outside the database: files, the journal of writes that it "
        "has not taken yet, the secret; and of the SQLite database where no other is named.",
    )
    database_url: str = Field(
        default_factory=lambda given: f"sqlite+aiosqlite:///{given.get('data_dir', 'data')}/verbatim.db",
        description="Address of the database: a SQLite file (three slashes before a relative path, four "
        "before an absolute one) or PostgreSQL. Left out, it is `verbatim.db` in the data folder.",
        examples=["postgresql+asyncpg://name:password@host/database"],
        repr=False,
    )
    study: Path = Field(
        default=Path("studies/example"),
        description="Folder of the study that runs: the one with `study.yaml` in it.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Signs the cookies that keep participants signed in; at least 32 characters, hard to "
        "guess. Left out, it is read from `secret` in the data folder, and made there at the first start.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Network address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 for others too.",
    )
    port: int = Field(default=8000, ge=1, le=65535, description="Port of the participants' page.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses besides its own from which browsers may sign in and connect: the public one, "
        "where a proxy hides it. Separated by commas.",
        examples=["https://study.example.org"],
    )
    attempts_per_minute: int = Field(
        default=600,
        ge=10,
        le=100_000,
        description="How often one network address may try to come in within a minute. A school or a clinic "
        "is one address. One name has 10 attempts, and 5 for its resume code or password.",
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Key of the service that serves the model. Without it, and without a server of your own "
        "in `OPENAI_BASE_URL`, the agent is ELIZA.",
        examples=["sk-..."],
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="Address of another server that speaks OpenAI's API: vLLM, Ollama, llama.cpp, a gateway.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    model: str | None = Field(
        default=None,
        description="Model that an agent of kind `openai` asks for where study.yaml names none.",
        examples=["gpt-4o-mini"],
    )
    model_timeout_s: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Seconds of silence from a model after which a reply is given up.",
    )
    model_retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a failed request to a model is made again; never once a word of it was shown.",
    )
    prices: Path = Field(
        default=Path("studies/prices.yaml"),
        validate_default=False,
        description="File with what each model costs for a million tokens, from which the cost of a reply "
        "is computed; agent/pricing.py shows one. None is shipped: without it, costs are not kept.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious messages that are logged."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="`text` for people, `json` for machines; `auto` is text on a terminal, JSON elsewhere.",
    )

    @field_validator("data_dir")
    @classmethod
    def _data_dir(cls, value: Path) -> Path:
        # SQLAlchemy would read what follows a "?" as options of the address.
        if "?" in str(value):
            raise ValueError("a folder with a question mark in its name cannot hold the database")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme == "postgresql+asyncpg" and rest:
            return value
        if scheme == "sqlite+aiosqlite" and rest.startswith("/") and rest.strip("/") not in ("", ":memory:"):
            return value
        raise ValueError(_other_database(scheme))

    @field_validator("secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (reason := weakness(value.get_secret_value())):
            raise ValueError(f"it {reason}. {_MAKE_ONE}")
        return value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _origins(cls, value: str | Sequence[str]) -> tuple[str, ...]:
        given = value.split(",") if isinstance(value, str) else value
        origins = tuple(origin.strip() for origin in given if origin.strip())
        for origin in origins:
            if not re.fullmatch(r"https?://[^/*?#\s]+", origin):
                raise ValueError(f"{origin!r} is not scheme, host and port alone")
        return origins

    @field_validator("openai_base_url")
    @classmethod
    def _base_url(cls, value: str | None) -> str | None:
        if value is not None and not re.match(r"https?://[^/]", value):
            raise ValueError("it is not an address that begins with http:// or https://")
        return value

    @field_validator("prices")
    @classmethod
    def _prices(cls, value: Path) -> Path:
        # Of a value that was given: the default may be missing.
        if not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @property
    def prices_file(self) -> Path | None:
        """The price table, or None where there is none."""
        return self.prices if self.prices.is_file() else None

    @property
    def sqlite_folder(self) -> Path | None:
        """The folder of the SQLite database, or None when the database is PostgreSQL."""
        scheme, _, path = self.database_url.partition(":///")
        return Path(path.partition("?")[0]).parent if scheme == "sqlite+aiosqlite" else None

    def make_folders(self, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        """Make the folders that the app writes to, and see that it can.

        Raises:
            StartError: A folder cannot be made or written to, or its disk is full.
        """
        _make_folder(self.data_dir, "VERBATIM_DATA_DIR", least_free_bytes)
        if self.sqlite_folder is not None:
            _make_folder(self.sqlite_folder, "VERBATIM_DATABASE_URL", least_free_bytes)

    def ensure_secret(self) -> str:
        """Give the secret; at the first start make one, readable by this account alone.

        Raises:
            SettingsError: The secret in the data folder is weak or unreadable.
            StartError: The data folder cannot be written to.
        """
        if self.secret is not None:
            return self.secret.get_secret_value()
        self.make_folders()
        return read_or_make(self.data_dir / "secret")


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: A setting is wrong or unknown; a line for each, with the repair. No line holds
            a value of a secret.
    """
    try:
        _refuse_unknown([*os.environ, *dotenv_values(".env")])
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None
    except (UnreadableSetting, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"The file .env cannot be read ({error!r}). Save it as UTF-8 text.") from error


def export_to_chainlit(settings: Settings) -> None:
    """Hand Chainlit the settings that it takes from the environment only. Call it before its first use.

    Raises:
        SettingsError: The secret is weak.
        StartError: The secret cannot be made.
    """
    os.environ["CHAINLIT_AUTH_SECRET"] = settings.ensure_secret()
    # Makes Chainlit ask for a sign-in without a password form of its own (chainlit/auth/__init__.py:34).
    os.environ["CHAINLIT_CUSTOM_AUTH"] = "1"
    # Where .chainlit/ and public/ are, whatever the working directory is (chainlit/config.py:58).
    os.environ.setdefault("CHAINLIT_APP_ROOT", str(Path(__file__).resolve().parent))


def variable_name(field: str) -> str:
    """The environment variable of a field of Settings."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def example_of(field: str) -> str:
    """A value that a field of Settings takes; "" where an example would be used as it stands."""
    info = Settings.model_fields[field]
    if info.examples:
        return str(info.examples[0])
    return "" if info.default is None else str(info.default)


def _refuse_unknown(names: Iterable[str]) -> None:
    """A misspelt name would be passed over without a word, and the study run on a default."""
    known = [variable_name(field) for field in Settings.model_fields]
    for name in names:
        if name.startswith(PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            repair = f"Did you mean {close[0]}?" if close else "docs/reference/settings.md lists them all."
            raise SettingsError(f"{name} is not a setting of Verbatim. {repair}")


def _sentences(error: ValidationError) -> list[str]:
    fields = {variable_name(field): field for field in Settings.model_fields}
    lines = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        place = str(problem["loc"][0])
        field = fields.get(place, place)
        what = problem["msg"].removeprefix("Value error, ").rstrip(".")
        line = f"{variable_name(field)} is wrong: {what[0].lower() + what[1:]}."
        if example := example_of(field):
            line += f" Write it like: {variable_name(field)}={example}"
        lines.append(line)
    return lines


def _other_database(scheme: str) -> str:
    if scheme.startswith("postgres"):
        return "it must begin with postgresql+asyncpg://, name a server and a database"
    if scheme.startswith("sqlite"):
        return (
            "it must begin with sqlite+aiosqlite:/// and name a file, as sqlite+aiosqlite:///verbatim.db does"
        )
    return "it is neither sqlite+aiosqlite:///path nor postgresql+asyncpg://..."


def _make_folder(folder: Path, name: str, least_free_bytes: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StartError(
            f"The folder {folder} cannot be written to ({error.strerror}). "
            f"Give this account the right to, or name another folder in {name}."
        ) from error
    free = shutil.disk_usage(folder).free
    if free < least_free_bytes:
        raise StartError(
            f"The disk that holds {folder} is full: {free // 1_000_000} MB are free, "
            f"{least_free_bytes // 1_000_000} MB are needed. Free some, or name another folder in {name}."
        )

"""Every setting: its type, default and meaning; docs/reference/settings.md is made of it, as a test holds."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.request import getproxies

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agent.embedding.setting_types import EmbeddingFolder, EmbeddingKey, EmbeddingUrl
from agent.model_address import OPENAI_URL, ModelAddress, model_address
from agent.model_proxy import usable_proxy
from data_layer.database.address import is_postgresql, read_address
from data_layer.database.locations import (
    LEAST_FREE_BYTES,
    checked_database,
    checked_replica,
    make_writable,
    sqlite_folder,
)
from secret_key import AROUND, read_or_make, unsendable, weakness
from settings import mail
from study.masking import hold
from web import public_url as public
from web.serves import Serves

PREFIX: Final = "VERBATIM_"
# Notepad puts a mark before the first name, which would be another one then, and passed over.
ENV_ENCODING: Final = "utf-8-sig"
_WRAPPED: Final = re.compile(r"['\"`]|(?i:bearer\s)")
_MAKE_ONE: Final = (
    "Leave VERBATIM_SECRET out and Verbatim makes a good one in the data folder, or make one: "
    'python -c "import secrets; print(secrets.token_urlsafe(48))"'
)


class Settings(BaseSettings):
    """What an operator may set. Read once, at the start; refused early."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding=ENV_ENCODING,
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
        "before an absolute one) or PostgreSQL, as its provider shows it (docs/how-to/use-postgresql.md). "
        "Left out, it is `verbatim.db` in the data folder.",
        examples=["postgresql+asyncpg://name:password@host/database"],
        repr=False,
    )
    read_url: str | None = Field(
        default=None,
        description="Address of a streaming replica of that PostgreSQL database, for what researchers read "
        "and export. All else, and whatever it is too far behind for, is asked of the database itself.",
        examples=["postgresql+asyncpg://name:password@replica/database"],
        repr=False,
    )
    files_url: str | None = Field(
        default=None,
        description="Bucket that speaks S3, for the files that participants attach: where several machines "
        "serve a study. The data folder then holds copies. The key is read from AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, the server from AWS_ENDPOINT_URL (docs/how-to/several-processes.md).",
        examples=["s3://bucket/study"],
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
    public_url: str | None = Field(
        default=None,
        description="The page's address from outside where a proxy stands before it, also below a path of "
        "its host. Links are made of it, and browsers may sign in and connect from it.",
        examples=["https://lab.example.org/study"],
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Further addresses from which browsers may sign in and connect, besides its own and the "
        "public one. Separated by commas.",
        examples=["https://study.example.org"],
    )
    attempts_per_minute: int = Field(
        default=600,
        ge=10,
        le=100_000,
        description="How often one network address may try to come in within a minute. A school or a clinic "
        "is one address. One name has 10 attempts, and 5 for its resume code or password.",
    )
    api_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Sites of others whose pages may ask the API, with a participant's token and never with "
        "a cookie: a lab's own front end. Separated by commas; none where it is left out.",
        examples=["https://app.example.org"],
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Lets a Prometheus on another machine read /api/v1/metrics: `Authorization: Bearer` and "
        "this. Without it the figures are for this machine alone.",
    )
    alarm_url: SecretStr | None = Field(
        default=None,
        description="Where it is told that something is amiss, once and again when it is over: saving is "
        "delayed, replies fail, the disk ends. A POST of JSON, whose `text` chat services show.",
        examples=["https://hooks.example.org/verbatim"],
    )
    alarm_email: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Who is told it by e-mail, as well or in its place. Separated by commas.",
        examples=["lab@example.org"],
    )
    smtp_url: SecretStr = Field(
        default=SecretStr("smtp://localhost:25"),
        description="The mail server. With a name and a password in it nothing is sent without encryption "
        "(STARTTLS); `smtps://` encrypts from the start.",
        examples=["smtp://name:password@mail.example.org:587"],
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
        description="Address of another server that speaks OpenAI's API, as its provider shows it: vLLM, "
        "Ollama, llama.cpp, a gateway, Azure; docs/how-to/connect-a-model.md has a line for each. A name and "
        "a password in it are sent in place of the key.",
        examples=["http://127.0.0.1:11434/v1"],
        repr=False,
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
        description="Seconds without a new word of a model, shown or thought, after which its reply is over.",
    )
    model_turn_s: float = Field(
        default=600.0, gt=0, le=86_400, description="Seconds that a whole reply of a model may take at most."
    )
    model_retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a failed request to a model is made again; never once a word of it was shown.",
    )
    model_failures: int = Field(
        default=5,
        ge=0,
        le=1000,
        description="After how many failed replies in a row a model's server is asked no more for a while: "
        "time-outs, lost connections, 5xx, 429. 0 asks it always.",
    )
    model_pause_s: float = Field(
        default=30.0,
        gt=0,
        le=86_400,
        description="How many seconds it is left alone; then one reply tries again.",
    )
    embedding_url: EmbeddingUrl = None
    embedding_key: EmbeddingKey = None
    embedding_folder: EmbeddingFolder = None
    prices: Path = Field(
        default=Path("studies/prices.yaml"),
        validate_default=False,
        description="File with what each model costs for a million tokens, from which the cost of a reply "
        "is computed; agent/pricing.py shows one. None is shipped: without it, costs are not kept.",
    )
    serves: Serves = Field(
        default="all",
        description="What this process serves where several share a PostgreSQL database: `page`, the "
        "participants' with their API; `room`, the researchers' with theirs; or `all` "
        "(docs/how-to/several-processes.md).",
    )
    drain_s: float = Field(
        default=0.0,
        ge=0,
        le=3600,
        description="Seconds that a server which is asked to end (SIGTERM) gives to replies that are being "
        "said, while its pages go over to another. 0 ends at once: what is being said is interrupted.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least serious messages that are logged."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        default="auto",
        description="`text` for people, `json` for machines; `auto` is text on a terminal, JSON elsewhere.",
    )

    @model_validator(mode="before")
    @classmethod
    def _as_typed(cls, given: Any) -> Any:
        """A file's line end behind a value, or the mark that Windows begins a file with, is no part of it."""
        if not isinstance(given, dict):
            return given
        # The secret stays byte for byte: personal links that are out were signed with it.
        kept = ("secret", variable_name("secret"))
        typed = {
            name: value.strip(AROUND) if isinstance(value, str) and name not in kept else value
            for name, value in given.items()
        }
        return {name: value for name, value in typed.items() if value != ""}

    @field_validator("openai_api_key", "embedding_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (reason := unsendable(value.get_secret_value())):
            raise ValueError(f"{reason}. Copy the key again, as one line")
        if value is not None and _WRAPPED.match(value.get_secret_value()):
            raise ValueError("it begins with a quotation mark or the word Bearer, which is no part of a key")
        return value

    @field_validator("alarm_url")
    @classmethod
    def _alarm_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("it is no address that begins with https://")
        return value

    @field_validator("alarm_email", mode="before")
    @classmethod
    def _alarm_email(cls, value: str | Sequence[str]) -> tuple[str, ...]:
        return mail.checked_people(value)

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, value: SecretStr) -> SecretStr:
        mail.check_mail_server(value.get_secret_value())
        return value

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
        return checked_database(value)

    @field_validator("read_url")
    @classmethod
    def _read_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        return None if value is None else checked_replica(value, info.data.get("database_url"))

    @field_validator("files_url")
    @classmethod
    def _files_url(cls, value: str | None) -> str | None:
        if value is not None:
            from data_layer.database.bucket import checked_bucket  # not there before a start (scripts/run)

            checked_bucket(value)
        return value

    @field_validator("secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and (reason := weakness(value.get_secret_value())):
            raise ValueError(f"it {reason}. {_MAKE_ONE}")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        return None if value is None else public.checked(value)

    @field_validator("allowed_origins", "api_origins", mode="before")
    @classmethod
    def _origins(cls, value: str | Sequence[str]) -> tuple[str, ...]:
        given = value.split(",") if isinstance(value, str) else value
        return tuple(public.checked_origin(origin.strip()) for origin in given if origin.strip())

    @field_validator("openai_base_url")
    @classmethod
    def _base_url(cls, value: str | None) -> str | None:
        if value is not None:
            model_address(value)
        return value

    @field_validator("prices")
    @classmethod
    def _prices(cls, value: Path) -> Path:
        # Of a value that was given: the default may be missing.
        if not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @property
    def public_path(self) -> str:
        """Where the page is found on its host: "/study", or "" at its root."""
        return public.path_of(self.public_url)

    @property
    def origins(self) -> tuple[str, ...]:
        """Addresses besides the server's own whose pages are ours."""
        own = (public.origin_of(self.public_url),) if self.public_url else ()
        return (*own, *self.allowed_origins)

    @property
    def prices_file(self) -> Path | None:
        """The price table, or None where there is none."""
        return self.prices if self.prices.is_file() else None

    @property
    def sqlite_folder(self) -> Path | None:
        """The folder of the SQLite database, or None when the database is PostgreSQL."""
        return sqlite_folder(self.database_url)

    def proxy_to(self, address: ModelAddress) -> str | None:
        """The proxy of the environment on the way to a server of models; see agent/model_proxy.py."""
        return usable_proxy(address, getproxies())

    def model_proxy(self) -> str | None:
        """The same on the way to the model; None where there is no model."""
        if self.openai_api_key is None and self.openai_base_url is None:
            return None
        return self.proxy_to(model_address(self.openai_base_url or OPENAI_URL))

    def make_folders(self, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        """Make the folders that the app writes to, and see that it can.

        Raises:
            StartError: A folder cannot be made or written to, or its disk is full.
        """
        make_writable(self.data_dir, "VERBATIM_DATA_DIR", least_free_bytes)
        if self.sqlite_folder is not None:
            make_writable(self.sqlite_folder, "VERBATIM_DATABASE_URL", least_free_bytes)

    def ensure_secret(self) -> str:
        """Give the secret; at the first start make one, readable by this account alone.

        Raises:
            SettingsError: The secret in the data folder is weak or unreadable.
            StartError: The data folder cannot be written to.
        """
        if self.secret is not None:
            return self.secret.get_secret_value()
        self.make_folders()
        secret = read_or_make(self.data_dir / "secret")
        hold(secret)
        return secret

    def hide_secrets(self) -> None:
        """Let this process never say what is secret among them, whoever repeats it."""
        secrets = (self.openai_api_key, self.embedding_key, self.secret, self.alarm_url, self.smtp_url)
        keys = [key.get_secret_value() for key in secrets if key is not None]
        hold(*keys, self.database_url, self.read_url, self.openai_base_url, self.embedding_url)
        for url in (self.database_url, self.read_url):
            if url is not None and is_postgresql(url):
                # As it is read: one that was pasted without its codes is another to whoever goes by the book.
                hold(read_address(url).password)


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

"""What a model's answer costs, from a table of prices that the operator keeps.

    currency: USD
    models:
      name-of-a-model: {input: 0.40, cached: 0.10, output: 1.60}   # per million tokens

No prices are shipped: they change, and a wrong figure in a record is worse than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.events import Usage
from study.errors import SettingsError
from study.file_text import read_text
from study.yaml_text import YamlProblem, YamlText

PER_TOKENS: Final = 1_000_000
_LIKE: Final = (
    "Write it like:\n    currency: USD\n    models:\n      name-of-a-model: {input: 0.40, output: 1.60}"
)

Amount = Annotated[float, Field(ge=0)]


class Price(BaseModel):
    """What a million tokens of one model cost."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    input: Amount = Field(description="What is sent.")
    output: Amount = Field(description="What comes back, thinking included.")
    cached: Amount | None = Field(None, description="What is sent again and was kept; else as input.")


class _PriceFile(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    models: dict[str, Price]


@dataclass(frozen=True)
class PriceTable:
    """Prices by model.

    Args:
        prices: By the model's name.
        currency: ISO 4217, such as "EUR".
    """

    prices: Mapping[str, Price] = field(default_factory=lambda: MappingProxyType({}))
    currency: str = "USD"

    def cost(self, usage: Usage, *models: str | None) -> float | None:
        """Say what an answer cost.

        Args:
            usage: Its tokens. Cached ones are among the input tokens, as OpenAI counts them.
            models: By whose price; the first that the table knows counts. Give the served model
                first and the requested one after it.

        Returns:
            The cost in the table's currency; None when tokens or price are not known.
        """
        known = (self.prices[model] for model in models if model is not None and model in self.prices)
        price = next(known, None)
        if price is None or usage.input_tokens is None or usage.output_tokens is None:
            return None
        cached = min(usage.cached_tokens or 0, usage.input_tokens)
        cached_price = price.input if price.cached is None else price.cached
        total = (
            (usage.input_tokens - cached) * price.input
            + cached * cached_price
            + usage.output_tokens * price.output
        )
        return total / PER_TOKENS


def load_prices(path: Path | None) -> PriceTable:
    """Read a table of prices.

    Args:
        path: VERBATIM_PRICES, a YAML file; None for an empty table.

    Returns:
        The table.

    Raises:
        SettingsError: The file cannot be read or is wrong; names the place and the repair.
    """
    if path is None:
        return PriceTable()
    try:
        return parse_prices(read_text(path), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"VERBATIM_PRICES: {path} cannot be read ({error}). Give the path of a YAML file in UTF-8."
        ) from error


def parse_prices(text: str, source: str) -> PriceTable:
    """Read a table of prices from a file's text.

    Args:
        text: YAML, as in this module's docstring.
        source: The file's name, for messages.

    Returns:
        The table.

    Raises:
        SettingsError: It is wrong; names the place and the repair.
    """
    try:
        parsed = YamlText(text)
    except YamlProblem as problem:
        raise SettingsError(f"VERBATIM_PRICES: {source} {problem}. {_LIKE}") from problem
    for key, first, second in parsed.repeated_keys():
        raise SettingsError(
            f"VERBATIM_PRICES: {source}, line {second}: {key} stands already on line {first}. Keep one."
        )
    try:
        table = _PriceFile.model_validate(parsed.value)
    except ValidationError as error:
        first_wrong = error.errors(include_url=False)[0]
        location = first_wrong["loc"]
        where = f"line {parsed.spot(location).line}, {'.'.join(map(str, location))}"
        raise SettingsError(f"VERBATIM_PRICES: {source}, {where}: {first_wrong['msg']}. {_LIKE}") from error
    return PriceTable(MappingProxyType(table.models), table.currency)

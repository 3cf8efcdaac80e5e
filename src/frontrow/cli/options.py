"""Options that several commands share, each stated once, and what they mean together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from frontrow.cli.command import HOW_MANY, LAUNCH, MODEL, MONEY, OUTPUT, SHOP, WHO
from frontrow.cli.shop_place import parse_shop
from frontrow.errors import SettingError

if TYPE_CHECKING:
    from frontrow.service.opening import Reportable, RunSettings
    from frontrow.sources.source import Source
    from frontrow.storage.table_output import TableFile

ShopFolder = Annotated[
    Path,
    typer.Argument(
        metavar="SHOP",
        parser=parse_shop,
        help="The shop's folder, made by frontrow import; or, to read it, the address of a published shop, such as "
        "s3://BUCKET/PATH.",
    ),
]
ShopsFolder = Annotated[Path, typer.Argument(metavar="SHOPS", help="Folder that holds one folder a shop.")]
Products = Annotated[
    Path,
    typer.Option(
        help="CSV, one row a new product: title, and what else is known.", show_default=False, rich_help_panel=LAUNCH
    ),
]
DestinationSettings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the destination for this run; may be repeated."),
]
DestinationSecrets = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="NAME=PLACE",
        help="Where a key lies: NAME=env:VARIABLE or NAME=file:/PATH; may be repeated.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="What looks like a slip in the file of new products is an error, not a notice.",
        rich_help_panel=LAUNCH,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Use only what came before this instant, YYYY-MM-DD or with HH:MM [default: the end of the history].",
        rich_help_panel=MODEL,
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Days within which a purchase counts, from the launch on [default: the shop's, else 30].",
        rich_help_panel=LAUNCH,
    ),
]
ActiveDays = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Score customers who ordered within this many days before the cutoff [default: the shop's, else 365].",
        rich_help_panel=WHO,
    ),
]
LaunchDates = Annotated[
    Path | None,
    typer.Option(
        help="CSV with product_id and launch_date, where the first sale is not the launch [default: the shop's].",
        rich_help_panel=LAUNCH,
    ),
]
Vectors = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="CSV or Parquet: product_id or title, then the numbers of a vector that says what the product is like; of "
        "products sold and new ones. frontrow embed makes one.",
        rich_help_panel=LAUNCH,
    ),
]
Backtest = Annotated[
    bool,
    typer.Option(
        "--backtest/--no-backtest",
        help="Test the model on past launches for the report; it may take minutes.",
        rich_help_panel=OUTPUT,
    ),
]
LaunchModel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|FOLDER",
        help="A baseline by name, such as text_similarity, or the folder of a saved launch model with its own horizon "
        "[default: the shop's launch model, fitted if need be].",
        rich_help_panel=MODEL,
    ),
]
EngineAddress = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="Where order lines are worked on: local, spark://HOST:PORT, sc://HOST:PORT, or to try Spark here "
        "local-cluster[2,1,1024] [default: the shop's, else local].",
        rich_help_panel=SHOP,
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.", rich_help_panel=MODEL)]
Output = Annotated[
    Path | None,
    typer.Option(help="Write the whole table to this .csv, .parquet or .jsonl file.", rich_help_panel=OUTPUT),
]
Format = Annotated[
    Literal["csv", "parquet", "jsonl"] | None,
    typer.Option(help="Format of the --output file [default: its suffix says it].", rich_help_panel=OUTPUT),
]
Report = Annotated[
    Path | None, typer.Option(help="Write the report, one page, to this .html file.", rich_help_panel=OUTPUT)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program.", rich_help_panel=OUTPUT)]
Wait = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        min=0,
        help="Wait so long for another command that is changing the shop.",
        rich_help_panel=OUTPUT,
    ),
]
Top = Annotated[
    int,
    typer.Option(min=1, help="Number of rows shown; a file that is written has all of them.", rich_help_panel=OUTPUT),
]

Margin = Annotated[
    float | None,
    typer.Option(
        help="Earned per unit at its full price; one in the products' file takes precedence [default: the shop's].",
        rich_help_panel=MONEY,
    ),
]
ContactCost = Annotated[
    float | None, typer.Option(help="Cost of a contact [default: the shop's, else 0].", rich_help_panel=MONEY)
]
Discount = Annotated[
    float,
    typer.Option(help="Discount per unit, in the shop's currency, for the customers contacted.", rich_help_panel=MONEY),
]
Capacity = Annotated[
    int | None,
    typer.Option(
        help="Maximum number of customers to contact; customers held out are not counted.", rich_help_panel=HOW_MANY
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(
        help="Maximum amount to spend on contacts; customers held out cost nothing.", rich_help_panel=HOW_MANY
    ),
]
Stock = Annotated[
    float | None,
    typer.Option(
        help="Units in stock of a single product; for several, a column of the products' file.",
        rich_help_panel=HOW_MANY,
    ),
]
IncrementalShareRange = Annotated[
    tuple[float, float] | None,
    typer.Option(
        metavar="LOW HIGH",
        help="Share of the buyers who would not have bought anyway, an assumption [default: 0.1 0.5].",
        rich_help_panel=MONEY,
    ),
]
Measured = Annotated[
    Path | None,
    typer.Option(
        help="Folder of an earlier campaign that frontrow measure has measured, for its share instead.",
        rich_help_panel=MONEY,
    ),
]


def instant(text: str | None, option: str = "--as-of") -> dt.datetime | None:
    """Read `--as-of`, or another option that holds a date.

    Args:
        text: As a person typed it; None where the option was left out.
        option: Its name, for the error.

    Example:
        >>> instant("2026-03-01")
        datetime.datetime(2026, 3, 1, 0, 0)
    """
    if text is None:
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f'"{text}" is not a date; write 2026-03-01 or 2026-03-01T09:30.', param_hint=option
        ) from error


def read_pairs(texts: Sequence[str], option: str = "map") -> dict[str, str]:
    """Read an option that is given once for each column or setting, such as `--map`.

    Args:
        texts: Each is a name, an equals sign and a value.
        option: The option's name. Only the error about `--map` shows what was typed: elsewhere it may be a secret.

    Raises:
        SettingError: A text is not of that form.

    Example:
        >>> read_pairs(["email = E-Mail"]), read_pairs(["query=a = b"], "set")
        ({'email': 'E-Mail'}, {'query': 'a = b'})
    """
    pairs = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not (sign and name.strip() and value.strip()):
            problem = f'"{text}" is not field=Column.' if option == "map" else "What was given is not NAME=VALUE."
            raise SettingError(option, problem)
        pairs[name.strip()] = value.strip()
    return pairs


@contextmanager
def name_arguments(arguments: Mapping[str, str]) -> Iterator[None]:
    """Let errors of some settings name what was typed.

    Args:
        arguments: By the setting, the argument or option that states it.
    """
    try:
        yield
    except SettingError as error:
        if error.setting in arguments:
            raise typer.BadParameter(str(error), param_hint=arguments[error.setting]) from error
        raise


def build_place(name: str, kind: str, settings: Sequence[str], secrets: Sequence[str]) -> Source:
    """A source or destination, from the options of the same names.

    Args:
        name: What the shop calls it.
        kind: Its connector or platform.
        settings: Texts of `--set`.
        secrets: Texts of `--secret`.

    Raises:
        SettingError: A text is not NAME=VALUE, or a secret itself was given.
    """
    from frontrow.remote.secrets import SecretReference
    from frontrow.sources.source import Source

    places = {key: SecretReference.parse(text) for key, text in read_pairs(secrets, "secret").items()}
    return Source(name, kind, read_pairs(settings, "set"), places)


def run_settings(
    as_of: str | None = None,
    *,
    horizon: int | None = None,
    active_days: int | None = None,
    launch_dates: Path | None = None,
    seed: int = 0,
    vectors: Path | None = None,
    engine: str | None = None,
) -> RunSettings:
    """What one run decides, from the options of the same names.

    Args:
        as_of: Text of `--as-of`.
        horizon: Days of `--horizon`.
        active_days: Days of `--active-days`.
        launch_dates: File of `--launch-dates`.
        seed: Number of `--seed`.
        vectors: File of `--vectors`.
        engine: Text of `--engine`.
    """
    from frontrow.service.opening import RunSettings

    return RunSettings(instant(as_of), horizon, active_days, launch_dates, seed, vectors, engine)


def table_file(output: Path | None, format: str | None) -> TableFile | None:
    """The file of `--output` in the format of `--format`; None where no output is asked for.

    Args:
        output: File of `--output`.
        format: Name of `--format`; None for what the suffix says.
    """
    from frontrow.storage.table_output import TableFile

    if output is None:
        if format is not None:
            raise SettingError("format", "It needs an --output to write to.")
        return None
    return TableFile.choose(output, format)


def write_page(page: Path | None, result: Reportable) -> None:
    """Write the report of a result, where a page is asked for.

    Args:
        page: The file of `--report`, as `page_file` returned it.
        result: What a use case returned.
    """
    from frontrow.report.page import write_report

    if page is not None:
        write_report(page, result.report())


def page_file(report: Path | None) -> Path | None:
    """The file of `--report`, refused before the work where it cannot be used."""
    from frontrow.storage.folder import check_output_file

    return None if report is None else check_output_file(report, ".html")

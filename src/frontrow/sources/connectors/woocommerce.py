"""WooCommerce: orders, refunds, products with their variations, and customers, by its REST interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from frontrow.errors import SettingError
from frontrow.remote.client import ApiClient
from frontrow.sources.connector import Connector, ConnectorSetting, Fetched, FetchRequest

if TYPE_CHECKING:
    import polars as pl

    from frontrow.sources.woocommerce.plan import Plan

KEY: Final = "key"
SECRET: Final = "secret"
YES: Final = "yes"
NO: Final = "no"
NO_CONSENT: Final = (
    "WooCommerce itself does not keep whether a customer may be written to, so nobody of this source may be. If a "
    "plug-in keeps it, name its field with --set consent=NAME; docs/sources/woocommerce.md says how to find it."
)
MOVED: Final = "{} were removed while they were read, again and again. Sync once more when the shop is quiet."


class WooCommerce(Connector):
    """A WooCommerce shop; the key needs the permission Read and no more."""

    name: ClassVar[str] = "woocommerce"
    title: ClassVar[str] = "WooCommerce"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("url", "the address of the shop's site, such as https://garden.example"),
        ConnectorSetting(KEY, "the consumer key, which begins with ck_", secret=True),
        ConnectorSetting(SECRET, "the consumer secret, which begins with cs_", secret=True),
        ConnectorSetting(
            "consent", "where a plug-in keeps consent: mailchimp, klaviyo, or the name of a meta field", required=False
        ),
        ConnectorSetting("customers", "yes, or no to read orders and products only", required=False, default=YES),
    )

    def fetch(self, request: FetchRequest) -> Fetched:
        """Fetch what changed since the bookmark; see `Connector.fetch`."""
        with_customers = _wants_customers(request)
        with _open(request) as client:
            plan = _plan(request, client)
            time_zone = _read_time_zone(client)
            plan.fetch_orders()
            plan.fetch_products()
            if with_customers:
                plan.fetch_customers()
            bookmark = plan.next_bookmark(with_customers=with_customers)
        files = tuple(_write_exports(plan, request.folder, with_customers=with_customers))
        return Fetched(
            files=files,
            bookmark=bookmark,
            counts=_count(plan),
            warnings=tuple(_warn(plan)),
            time_zone=time_zone,
        )

    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """Ask for one id of each kind, and for no more; see `Connector.check_access`."""
        from frontrow.sources.woocommerce import calls
        from frontrow.sources.woocommerce.pages import read_records

        sentences = []
        with _open(request) as client:
            zone = _read_time_zone(client)
            for name, path in (("orders", calls.ORDERS), ("products", calls.PRODUCTS), ("customers", calls.CUSTOMERS)):
                answer = client.request("GET", path, params={"per_page": "1", "_fields": "id"})
                read_records(answer)
                sentences.append(f"{int(answer.headers.get('x-wp-total', 0)):,} {name} can be read.")
        sentences.append(f"The time zone of the site is {zone}." if zone else "The site states no time zone.")
        if not request.setting("consent"):
            sentences.append(NO_CONSENT)
        return tuple(sentences)


def _open(request: FetchRequest) -> ApiClient:
    from frontrow.sources.woocommerce.calls import client_settings

    return request.opener(client_settings(request.setting("url"), request.secret(KEY), request.secret(SECRET)))


def _wants_customers(request: FetchRequest) -> bool:
    answer = (request.setting("customers") or YES).lower()
    if answer not in (YES, NO):
        raise SettingError("customers", f'customers takes "{YES}" or "{NO}".')
    return answer == YES


def _plan(request: FetchRequest, client: ApiClient) -> Plan:
    from frontrow.sources.woocommerce.meta import read_consent_keys
    from frontrow.sources.woocommerce.pages import PageFolder
    from frontrow.sources.woocommerce.plan import Plan

    keys = read_consent_keys(request.setting("consent"))
    return Plan(client, PageFolder(request.folder), request.bookmark, request.now, keys, request.progress)


def _read_time_zone(client: ApiClient) -> str | None:
    """The time zone that WordPress states to everybody; None where it states only the hours from Greenwich."""
    from frontrow.sources.woocommerce.calls import SITE

    about: Any = client.request("GET", SITE, params={"_fields": "timezone_string"}).json()
    zone = about.get("timezone_string") if isinstance(about, dict) else None
    return zone if isinstance(zone, str) and "/" in zone else None


def _write_exports(plan: Plan, folder: Path, *, with_customers: bool) -> Iterator[Path]:
    """Write what came in the layouts of exports; nothing where nothing is new."""
    from frontrow.sources.woocommerce.export_customers import export_customers
    from frontrow.sources.woocommerce.export_orders import collect_refunds, export_orders
    from frontrow.sources.woocommerce.export_products import category_paths, export_products

    tables = {
        "orders": export_orders(plan.orders(), collect_refunds(plan.refunds()), plan.consent_keys),
        "products": export_products(plan.products(), plan.variations(), category_paths(plan.categories())),
    }
    if with_customers:
        tables["customers"] = export_customers(plan.customers(), plan.orders(), plan.consent_keys)
    for name, table in tables.items():
        if table.height:
            yield _write(table, folder / f"{name}_export.parquet")


def _write(table: pl.DataFrame, file: Path) -> Path:
    from frontrow.sources.woocommerce.pages import PRIVATE_FILE

    part = file.with_suffix(".part")
    part.touch(mode=PRIVATE_FILE)
    table.write_parquet(part)
    part.replace(file)
    return file


def _count(plan: Plan) -> dict[str, int]:
    records: dict[str, Iterable[Any]] = {
        "orders": plan.orders(),
        "refunds": plan.refunds(),
        "products": plan.products(),
        "variations": plan.variations(),
        "customers": plan.customers(),
    }
    return {name: sum(1 for _ in rows) for name, rows in records.items()}


def _warn(plan: Plan) -> Iterator[str]:
    from frontrow.sources.woocommerce.meta import find_consent
    from frontrow.sources.woocommerce.pages import kept_moving

    if not plan.consent_keys:
        yield NO_CONSENT
    elif not plan.bookmark:
        records = (*plan.customers(), *plan.orders())
        if records and not any(find_consent(record, plan.consent_keys) for record in records):
            yield (
                f"No customer and no order has a meta field named {' or '.join(plan.consent_keys)}. Look the name up "
                "as docs/sources/woocommerce.md says, and state it with --set consent=NAME."
            )
    for name in ("products", "customers"):
        if kept_moving(plan.pages, name):
            yield MOVED.format(name.capitalize())


CONNECTOR = WooCommerce()

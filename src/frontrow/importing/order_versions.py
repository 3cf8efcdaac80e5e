"""Which state of an order is the latest, when it is in several files, or in a file and in the shop.

The rule, in this order; what a file does not say counts least:

1. the order is cancelled;
2. more of it was given back (all, a part, nothing; then the amount);
3. the source's own time of the last change;
4. it is further on its way (unfulfilled, partly, fulfilled), then with its payment (pending, ... paid, refunded);
5. the export holds newer orders, so it was made later (a file cut in pieces is one export, `cut_files`);
6. it comes with this import, and the other state with an earlier one.

Points 1 to 4 are the order's own, so neither the order nor the cutting of files matters for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from frontrow.importing.cut_files import add_export_ends, with_export_ends
from frontrow.importing.format import LINE_FIELDS, ORDER_FIELDS, SHARED_TEXT
from frontrow.schema import ORDER_EVIDENCE

ALREADY_IMPORTED: Final = "order already imported"
REPEATED: Final = "repeated rows"
NO_ORDER_ROW: Final = "the row with the order's own fields is in no file"
SUPERSEDED: Final = (ALREADY_IMPORTED, REPEATED, NO_ORDER_ROW)
"""Why a row does not count, whatever it says: its order has a later state, or none."""

ON_DISK: Final = -1
KEY: Final = ("file", "order_id", "version")
CONTENT: Final = ("product_id", "sku", "title", "quantity", "price", "discount", "refunded", "dropped")
CHANGES: Final = ("cancelled", "refunded", "edited")


@dataclass(frozen=True)
class LatestOrders:
    """The latest state of each order of some files.

    Attributes:
        lines: All rows of the files, with `file` and `version`, and why a row is not a purchase in `dropped`.
        orders: The latest state of each order (`ORDER_FIELDS`), with `file` and `exported_until`; those of which the
            shop has a later state are left out.
        changed: `order_id` and `change` ("cancelled", "refunded" or "edited") of orders that an earlier state in
            these files shows as they were before.
    """

    lines: pl.DataFrame
    orders: pl.DataFrame
    changed: pl.DataFrame


def choose_latest(
    lines: Sequence[pl.DataFrame | None],
    orders: Sequence[pl.DataFrame | None],
    states: pl.DataFrame,
    export_ends: pl.DataFrame | None = None,
) -> LatestOrders:
    """Return the latest state of each order.

    Args:
        lines: The lines of each file (`LINE_FIELDS`), None for a file without orders.
        orders: The orders of each file (`ORDER_FIELDS`).
        states: What the shop knows of its orders (`schema.order_state_schema`).
        export_ends: `file` and `exported_until` of the whole files, where the tables are parts of them.
    """
    time_zone = states.schema["exported_until"].time_zone  # type: ignore[attr-defined]
    all_lines = _concat(lines, {**LINE_FIELDS, "file": pl.Int32()})
    timestamp = pl.Datetime("us", time_zone)
    fields = {**ORDER_FIELDS, **dict.fromkeys(("ordered_at", "updated_at", "exported_until"), timestamp)}
    all_orders = _concat(orders, {**fields, "file": pl.Int32()})
    all_orders = add_export_ends(all_orders) if export_ends is None else with_export_ends(all_orders, export_ends)
    all_orders = all_orders.with_columns(pl.col("is_partial").fill_null(False))
    again = all_orders["order_id"].is_duplicated() | all_orders["order_id"].is_in(states["order_id"].implode())
    contenders = all_orders.filter(again | pl.col("is_partial"))
    if not contenders.height:
        return LatestOrders(_with_order_reasons(all_lines, all_orders), all_orders, _no_changes())
    # only where several states came in do their lines matter
    several = contenders.filter(contenders["order_id"].is_duplicated())
    rows = all_lines.join(several.select(KEY), on=KEY, how="semi")
    contents = _summarize(rows)
    whole = _leave_out_dateless(contenders.filter(~pl.col("is_partial")), states)
    latest = _find_latest(whole, states, contents, rows)
    attached = _attach_partial(several, latest, contents)
    superseded = contenders.select(KEY).join(pl.concat([latest.select(KEY), attached]), on=KEY, how="anti")
    superseded = superseded.join(_reasons(contenders, superseded, states, latest), on=KEY)
    lost = pl.concat([superseded.select(KEY), attached])
    all_lines = _in_order_of_lines(all_lines, attached)
    current = all_orders.join(lost, on=KEY, how="anti", maintain_order="left") if lost.height else all_orders
    all_lines = _with_order_reasons(all_lines, current, superseded)
    changed = _find_changes(whole.filter(whole["order_id"].is_duplicated()), latest, contents)
    return LatestOrders(all_lines, current, changed)


def compare_states(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return what changed between two states of orders: `order_id` and "cancelled" or "refunded" in `change`.

    Args:
        before: `order_id`, `is_cancelled`, `refund_state` and `refunded_amount`; an order may be there several times.
        after: The same columns, each order once.
    """
    both = after.select("order_id", "is_cancelled", "refund_state", "refunded_amount").join(
        before.select("order_id", "is_cancelled", "refund_state", "refunded_amount"), on="order_id", suffix="_before"
    )
    cancelled = pl.col("is_cancelled").fill_null(False) & ~pl.col("is_cancelled_before").fill_null(False)
    more = (pl.col("refund_state").fill_null(0) > pl.col("refund_state_before").fill_null(0)) | (
        pl.col("refunded_amount").fill_null(0.0) > pl.col("refunded_amount_before").fill_null(0.0)
    )
    change = pl.when(cancelled.any()).then(pl.lit(CHANGES[0])).when(more.any()).then(pl.lit(CHANGES[1]))
    return both.group_by("order_id").agg(change.alias("change")).drop_nulls("change").sort("order_id")


def _concat(tables: Sequence[pl.DataFrame | None], fields: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return tables one below the other, with the number of each in `file`, and `version`."""
    always = pl.DataFrame(schema=fields)
    parts = [
        table.with_columns(pl.lit(number, pl.Int32).alias("file")).cast(
            {name: dtype for name, dtype in fields.items() if name in table.columns}
        )
        for number, table in enumerate(tables)
        if table is not None
    ]
    present = {name for part in parts for name in part.columns} | {"file", "version", "is_partial"}
    names = [name for name in fields if name in present or not parts]
    always = always.select(names)
    return pl.concat([always, *parts], how="diagonal").with_columns(pl.col("version").fill_null(0))


def _summarize(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a number for what an order consists of, the same for equal lines in any order, and what they are worth."""
    names = [name for name in CONTENT if name in rows.columns]
    value = (pl.col("quantity") * pl.col("price")).clip(lower_bound=0.0).fill_null(0.0)
    # halves of the hash, so that their sum cannot overflow
    content = (pl.struct(names).hash(seed=0) // 2**32).sum()
    return rows.group_by(KEY).agg(content=content, lines=pl.len(), value=value.sum())


def _leave_out_dateless(contenders: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    """Leave out states whose date cannot be read, where the order has another one; a cancelled one says enough."""
    dated = contenders.filter(pl.col("ordered_at").is_not_null())["order_id"]
    others = pl.concat([dated, states["order_id"]]).implode()
    is_cancelled = pl.col("is_cancelled").fill_null(False) if "is_cancelled" in contenders.columns else pl.lit(False)
    return contenders.filter(pl.col("ordered_at").is_not_null() | is_cancelled | ~pl.col("order_id").is_in(others))


def _find_latest(
    contenders: pl.DataFrame, states: pl.DataFrame, contents: pl.DataFrame, rows: pl.DataFrame
) -> pl.DataFrame:
    """Return the key of the latest state of each order, of those where it is in a file and not only in the shop."""
    columns = ["file", "order_id", "version", *ORDER_EVIDENCE]
    stored = states.join(contenders.select("order_id").unique(), on="order_id", how="semi").with_columns(
        file=pl.lit(ON_DISK, pl.Int32), version=pl.lit(0, pl.Int32)
    )
    absent = [
        pl.lit(None, stored.schema[name]).alias(name) for name in ORDER_EVIDENCE if name not in contenders.columns
    ]
    all_states = pl.concat(
        [contenders.with_columns(absent).select(columns), stored.select(columns)], how="vertical_relaxed"
    )
    descending = [False, *[True] * len(ORDER_EVIDENCE)]
    # in the order of files where nothing tells two states apart
    ranked = all_states.sort("order_id", *ORDER_EVIDENCE, descending=descending, nulls_last=True, maintain_order=True)
    begins = pl.col("order_id").ne_missing(pl.col("order_id").shift(1)).fill_null(True)
    first = ranked.select(pl.when(begins).then(pl.int_range(pl.len(), dtype=pl.UInt32)).forward_fill()).to_series()
    best = ranked.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).gather(first)) for name in ORDER_EVIDENCE)
    )
    # of equal evidence the shop's own state loses to what comes with this import
    best = best.filter(pl.col("file") != ON_DISK).select(KEY)
    tied = best.filter(best["order_id"].is_duplicated()).join(contents, on=KEY, how="left")
    tied = tied.filter((pl.col("content").n_unique() > 1).over("order_id"))
    if tied.height:
        texts = _write_out(rows.join(tied.select(KEY), on=KEY, how="semi"))
        best = best.join(texts, on=KEY, how="left").sort("text", descending=True, nulls_last=True, maintain_order=True)
    return best.unique("order_id", keep="first", maintain_order=True).select(KEY)


def _write_out(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of each order as one text: of two states that nothing else tells apart the greater counts."""
    names = [name for name in CONTENT if name in rows.columns]
    cells = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator="\x1f")
    return rows.group_by(KEY, maintain_order=True).agg(text=cells.str.join("\x1e"))


def _attach_partial(contenders: pl.DataFrame, latest: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of partial orders whose rows belong to the latest state, because a file was cut between them.

    They do where there is one state only, or where the lines of the latest are worth less than its subtotal.
    """
    partial = contenders.filter("is_partial")
    full = contenders.filter(~pl.col("is_partial"))
    alone = full.group_by("order_id").agg(alone=pl.len() == 1)
    subtotal = pl.col("subtotal") if "subtotal" in full.columns else pl.lit(None, pl.Float64)
    incomplete = full.join(latest, on=KEY, how="semi").join(contents, on=KEY, how="left")
    incomplete = incomplete.join(alone, on="order_id").filter(
        (pl.col("value") < subtotal - 0.005).fill_null(pl.col("alone"))
    )
    return partial.join(incomplete.select("order_id"), on="order_id", how="semi").select(KEY)


def _reasons(
    contenders: pl.DataFrame, superseded: pl.DataFrame, states: pl.DataFrame, latest: pl.DataFrame
) -> pl.DataFrame:
    """Return why the rows of the states in `superseded` are left out."""
    is_whole = contenders.filter(~pl.col("is_partial"))["order_id"]
    has_order = pl.col("order_id").is_in(pl.concat([is_whole, states["order_id"]]).implode())
    same_file = pl.col("file") == pl.col("latest_file")
    reason = (
        pl.when(same_file)
        .then(pl.lit(REPEATED))
        .when(has_order)
        .then(pl.lit(ALREADY_IMPORTED))
        .otherwise(pl.lit(NO_ORDER_ROW))
    )
    files = latest.select("order_id", latest_file="file")
    return superseded.join(files, on="order_id", how="left").select(*KEY, superseded=reason)


def _in_order_of_lines(lines: pl.DataFrame, attached: pl.DataFrame) -> pl.DataFrame:
    """Put the lines that come from another file than their order's own row after the others."""
    if not attached.height:
        return lines
    marked = lines.join(attached.with_columns(attached=pl.lit(1)), on=KEY, how="left", maintain_order="left")
    return marked.sort(pl.col("attached").fill_null(0), "row", maintain_order=True).drop("attached")


def _with_order_reasons(
    lines: pl.DataFrame, orders: pl.DataFrame, superseded: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Fill `dropped`: a state that does not count, else the order's reason, else the line's own."""
    reasons = []
    if superseded is not None and superseded.height:
        reasons.append(_look_up(lines, superseded, KEY))
    of_orders = orders.select("order_id", "dropped").filter(pl.col("dropped").is_not_null())
    if of_orders.height:
        reasons.append(_look_up(lines, of_orders, ["order_id"]))
    return lines.with_columns(dropped=pl.coalesce(*reasons, pl.col("dropped")))


def _look_up(lines: pl.DataFrame, reasons: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Return the reason, the last column, of each line; a join of all columns would copy them."""
    name = reasons.columns[-1]
    shared = reasons.with_columns(pl.col(name).cast(SHARED_TEXT))
    return lines.select(key).join(shared, on=list(key), how="left", maintain_order="left")[name]


def _find_changes(contenders: pl.DataFrame, latest: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """Return what changed between the states of these files."""
    absent = [
        pl.lit(None, ORDER_FIELDS[name]).alias(name)
        for name in ("is_cancelled", "refund_state", "refunded_amount")
        if name not in contenders.columns
    ]
    states = contenders.with_columns(absent).join(contents.select(*KEY, "content", "lines"), on=KEY, how="left")
    after = states.join(latest, on=KEY, how="semi")
    before = states.join(latest, on=KEY, how="anti")
    changes = compare_states(before, after)
    both = after.select("order_id", "content", "lines").join(
        before.select("order_id", "content", "lines"), on="order_id", suffix="_before"
    )
    differs = (pl.col("content") != pl.col("content_before")) | (pl.col("lines") != pl.col("lines_before"))
    edited = both.filter(differs).select(pl.col("order_id").unique()).join(changes, on="order_id", how="anti")
    edited = edited.with_columns(change=pl.lit(CHANGES[2]))
    return pl.concat([changes, edited.select("order_id", "change")]).sort("order_id")


def _no_changes() -> pl.DataFrame:
    return pl.DataFrame(schema={"order_id": pl.String, "change": pl.String})

"""What a message may show of a file: column names that are ordinary words, and cells that can name nobody.

Every header and cell that a message shows goes through this module. A file without a header has a person in its first
row, and a column of prices can hold an address, so nothing is shown because of where it stands: only because of what it
is. Everything else is shown as its shape: "aaaa@aaaaaaa.aaa".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

COLUMN_WORDS: Final = frozenset(
    """
    accepts account ad address ads age all alt amount article asin at attributes average balance barcode base basket
    billing body brand buyer by cancellation canceled cancelled card cart catalog catalogue category change
    channel charge city class
    client code collection color colour column company compare condition consent continue cost count country coupon
    created currency current custom customer dat data date day default delivery department desc description detail
    details device discount display due duties e each ean email employee end exempt family file financial first for from
    fulfilled fulfillment fulfilment gender gift gmt google grams grand gross group gtin handle hashed header hour html
    id ids
    image in index inventory invoice is item items join joined key kind label labels landing language last launch
    launched level line lineitem link linked list locale location mail manufacturer margin marketing material max
    measure member memo metafields method min mobile model modified month mpn name net new newsletter next no note notes
    num
    number of old on online opt option order ordered orderid orders organisation organization original out outstanding
    paid parent part partially pattern payment per period phone policy position price probability processed prod product
    products province published purchase purchased qty quantity rank rate reason receipt reference references refund
    refunded region requires return returned returns risk row sale sales score season segment sell selling seo
    service share sheet ship shipped shipping shop shopify shopping size sku sms sold sort source spend spent src
    standard standardized start state status stock store street style sub subject subscribed subtotal subtype supplier
    t tag tags tax taxable taxes team tel telephone terms text time timestamp title to total town tracker transaction
    type types unit units updated upc url used user utc value variant vat vendor volume website week weight when
    window with year zip zone
    active allow allowed aov attribute ean or
    backorders before brands button categories checkbox cm cross days download ends
    expiry external featured formatted global goods grouped height images individually isbn kg kl length limit low
    mailchimp modification o postal postcode regular reviews role s sells short sign starts up upsells username values
    visibility visible w width woocommerce
    adresse anzahl artikel artikelnummer bestellung bestellnummer betrag datum email hersteller kategorie kunde kunden
    kundennummer land marke menge nummer ort plz preis produkt rabatt stadt stück summe titel währung
    adresse article catégorie client commande code date description devise marque montant nom numéro pays prix produit
    quantité remise titre total ville
    cantidad cliente código descripción descuento fecha marca moneda número país pedido precio producto talla tienda
    artigo cliente data desconto moeda pedido preço produto quantidade valor
    aantal artikel bedrag besteldatum bestelling bestelnummer klant klantnummer korting merk omschrijving prijs
    categoria cliente codice descrizione ordine prezzo prodotto quantità sconto valuta
    """.split()  # noqa: SIM905
)
"""The words of column names: those of the known exports, of other shop systems, and of other languages."""

CELL_WORDS: Final = frozenset(
    """
    yes no true false null none nan nil na n/a inf -inf unknown free cheap much many few more less later soon never
    today yesterday tomorrow tbd tba pending paid open error value date price -- ?
    one two three four five six seven eight nine ten
    jan feb mar apr may jun jul aug sep oct nov dec
    january february march april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    """.split()  # noqa: SIM905
)
"""Words that stand in the place of a number or date."""

SHOWN_LENGTH: Final = 40
DIGITS_OF_A_PERSON: Final = 5
"""A postcode, a customer number or a phone number has so many digits or more."""

# 2009 in "Sales 2009-2010" is a year
YEAR: Final = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
DATE: Final = re.compile(
    r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4}))"
    r"([ T]?\d{1,2}(:\d{2}){1,2}(\.\d+)?( ?[AaPp][Mm])?)?( ?[+-]\d{2}:?\d{2}| ?UTC| ?Z)?\s*$"
)
AMOUNT: Final = re.compile(r"^\W{0,3}\d[\d.,' \u00a0]*[^\W\d_]{0,3}\W{0,2}$|^[^\W\d_]{1,3} ?\d[\d.,]*$")
IDENTIFIER: Final = re.compile(r"^[a-z]{1,20}(_[a-z0-9]{1,20}){0,4}$")


def mask_text(text: str) -> str:
    """Return the shape of a text: letters as "a", digits as "9".

    Example:
        >>> mask_text("jane@example.com"), mask_text("12 High Street")
        ('aaaa@aaaaaaa.aaa', '99 aaaa aaaaaa')
    """
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text[:SHOWN_LENGTH]))


def describe_cell(value: object) -> str:
    """Return a cell for a message: its text where it is an amount or a date, else its shape.

    Example:
        >>> describe_cell("12.5O"), describe_cell("jane@example.com"), describe_cell("jane smith")
        ('"12.5O"', 'text like "aaaa@aaaaaaa.aaa"', 'text like "aaaa aaaaa"')
        >>> describe_cell("07700 900123"), describe_cell("31/12/2025 10:00"), describe_cell("n/a")
        ('text like "99999 999999"', '"31/12/2025 10:00"', '"n/a"')
    """
    text = str(value)[:SHOWN_LENGTH]
    is_amount = AMOUNT.match(text) and _count_digits(text) < DIGITS_OF_A_PERSON + 2
    if is_amount or DATE.match(text) or {*text.casefold().split()} <= CELL_WORDS:
        return f'"{text}"'
    return f'text like "{mask_text(text)}"'


def describe_value(value: object) -> str:
    """Return what a person wrote in a file of settings or products, such as a title or an id, for a message.

    Titles are no personal data; an e-mail address or a phone number in the place of one is shown as its shape.

    Example:
        >>> describe_value("Red pot 12"), describe_value("ann@example.com"), describe_value("+44 7700 900123")
        ('"Red pot 12"', 'text like "aaa@aaaaaaa.aaa"', 'text like "+99 9999 999999"')
    """
    text = str(value)[: 2 * SHOWN_LENGTH]
    is_address = "@" in text or re.search(r"(?<!\w)[+(]?\d(?:[ ().\-/]{0,2}\d){6,}(?!\w)", YEAR.sub("", text))
    return f'text like "{mask_text(text)}"' if is_address else f'"{text}"'


def mask_column(name: str) -> str:
    """Return a column's name for a message: the name if all its words are those of columns, else its shape.

    Example:
        >>> mask_column("Lineitem name"), mask_column("Created_at"), mask_column("launch_date"), mask_column("Farbcode")
        ('Lineitem name', 'Created_at', 'launch_date', 'aaaaaaaa')
        >>> mask_column("Jane Smith"), mask_column("jane@example.com"), mask_column("07700900123")
        ('aaaa aaaaa', 'aaaa@aaaaaaa.aaa', '99999999999')
    """
    return name if _is_column_name(name) else mask_text(name)


def list_columns(header: Sequence[str]) -> str:
    """Return the names of a file's columns for a message; one that could name a person is shown by its position.

    Where the first row looks like a header, names in lower case are shown too, although they are other words.

    Example:
        >>> list_columns(["order", "Qty", "farbe", "Jane Smith"])
        'order, Qty, farbe, column 4'
        >>> list_columns(["1001", "jane", "jane@example.com", "2026-03-01"])
        'column 1, column 2, column 3, column 4'
    """
    is_header = not any(_looks_like_data(name) for name in header) and any(_is_column_name(name) for name in header)
    return ", ".join(
        name if _is_column_name(name) or (is_header and IDENTIFIER.match(name)) else f"column {position}"
        for position, name in enumerate(header, 1)
    )


def _is_column_name(name: str) -> bool:
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    # a name of a column that was numbered because two columns had it, or of one of several taxes or options
    return bool(words) and "@" not in name and _count_digits(name) <= 2 and {*map(str.casefold, words)} <= COLUMN_WORDS


def _looks_like_data(name: str) -> bool:
    return "@" in name or _count_digits(name) >= DIGITS_OF_A_PERSON or name.strip()[:1].isdigit() or not name.strip()


def _count_digits(text: str) -> int:
    return sum(character.isdigit() for character in YEAR.sub("", text))

"""The vocabulary of the garden shop: what it sells, in which styles, and where its made-up customers live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

COLOURS: Final = ("Colour", ("Charcoal", "Cream", "Sage", "Dusky Pink"))
PACKS: Final = ("Pack", ("Single", "Pack of 3"))
SIZES: Final = ("Size", ("Small", "Large"))


@dataclass(frozen=True)
class ProductType:
    """One kind of product.

    Attributes:
        name: As in the shop's product type column.
        code: Start of its SKUs.
        nouns: Last words of the titles.
        extras: Sizes or plants that distinguish the products of one noun.
        price: Typical price, in the shop's currency.
        share: Share of the shop's interest over a year, before seasons; the shares sum to about one.
        months: Interest in each month, January first; 1.0 is average.
        made_of: Whether titles name a material (a planter) or not (seeds).
        comes_in: Option name and values of the products that have variants.
    """

    name: str
    code: str
    nouns: tuple[str, ...]
    extras: tuple[str, ...]
    price: float
    share: float
    months: tuple[float, ...]
    made_of: bool = True
    comes_in: tuple[str, tuple[str, ...]] = COLOURS


@dataclass(frozen=True)
class Style:
    """A style; its words are in the titles of its products."""

    name: str
    adjectives: tuple[str, ...]
    materials: tuple[str, ...]
    vendors: tuple[str, ...]


@dataclass(frozen=True)
class City:
    """Where customers live; in `warm` cities they want more of some product types and less of others."""

    name: str
    province: str
    province_name: str
    country: str
    zip_start: str
    weight: float
    warm: bool = False


_ALL_YEAR: Final = (0.9, 0.9, 1.0, 1.1, 1.1, 1.0, 1.0, 0.9, 0.9, 1.0, 1.1, 1.1)
_SPRING: Final = (0.7, 1.2, 1.9, 2.0, 1.6, 1.0, 0.7, 0.6, 0.7, 0.5, 0.3, 0.3)
_SUMMER: Final = (0.3, 0.4, 0.7, 1.2, 1.7, 1.9, 1.8, 1.4, 0.8, 0.4, 0.3, 0.5)
_AUTUMN: Final = (0.3, 0.5, 0.8, 0.5, 0.3, 0.3, 0.5, 1.1, 2.2, 2.3, 1.3, 0.5)
_WINTER: Final = (0.4, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.4, 0.9, 1.8, 3.2, 3.0)
_COLD: Final = (1.4, 1.2, 0.9, 0.7, 0.6, 0.6, 0.6, 0.7, 0.9, 1.2, 1.5, 1.6)

PRODUCT_TYPES: Final = (
    ProductType("Planters", "PLA", ("Planter", "Plant Pot", "Plant Trough", "Window Planter", "Hanging Planter"),
        ("20 cm", "30 cm", "45 cm", "Set of 2", "Set of 3"), 34, 0.16, _ALL_YEAR),
    ProductType("Seeds", "SEE", ("Seeds", "Seed Mix", "Seed Tin", "Seed Collection"),
        ("Tomato", "Sweet Pea", "Wildflower", "Kale", "Pumpkin", "Poppy", "Basil", "Runner Bean", "Chilli", "Cosmos"),
        6, 0.15, _SPRING, made_of=False, comes_in=PACKS),
    ProductType("Bulbs", "BUL", ("Bulbs", "Bulb Mix", "Bulb Sack"),
        ("Tulip", "Daffodil", "Allium", "Crocus", "Snowdrop", "Dahlia", "Hyacinth"), 14, 0.08, _AUTUMN,
        made_of=False, comes_in=PACKS),
    ProductType("Hand Tools", "TOO", ("Hand Trowel", "Hand Fork", "Hand Snips", "Hand Weeder", "Dibber"),
        ("", "Small", "Long Handled", "Gift Boxed"), 26, 0.09, _SPRING),
    ProductType("Outdoor Lighting", "LIG",
        ("Lantern", "Solar Light", "Festoon Lights", "Path Light", "Solar Lantern"),
        ("", "Small", "Large", "Set of 4", "Warm White"), 39, 0.09, _COLD),
    ProductType("Watering", "WAT", ("Watering Can", "Watering Wand", "Water Butt", "Rain Gauge", "Hose Reel"),
        ("", "1.5 L", "5 L", "9 L"), 29, 0.07, _SUMMER),
    ProductType("Bird Care", "BIR", ("Bird Feeder", "Bird Nest Box", "Bird Bath", "Suet Holder", "Bird Table"),
        ("", "Hanging", "Wall Mounted", "Large"), 24, 0.08, _COLD),
    ProductType("Plant Care", "CAR", ("Plant Feed", "Compost", "Mulch", "Soil Improver", "Root Booster"),
        ("Rose", "Tomato", "Houseplant", "Citrus", "Orchid", "Lawn"), 12, 0.08, _SUMMER, made_of=False,
        comes_in=PACKS),
    ProductType("Garden Furniture", "FUR",
        ("Garden Bench", "Garden Chair", "Bistro Set", "Garden Table", "Potting Stool"),
        ("", "Two Seater", "Round", "Compact"), 119, 0.05, _SUMMER),
    ProductType("Outdoor Textiles", "TEX",
        ("Garden Cushion", "Picnic Blanket", "Gardening Apron", "Kneeler Cushion", "Gardening Gloves"),
        ("Linen", "Striped", "Quilted", "Padded", "Waxed Cotton"), 27, 0.06, _ALL_YEAR, made_of=False),
    ProductType("Ornaments", "ORN",
        ("Sundial", "Hare Statue", "Fox Statue", "Wind Chime", "Garden Sign", "Gazing Ball"),
        ("", "Small", "Tall", "Pair"), 31, 0.06, _ALL_YEAR),
    ProductType("Wreaths", "WRE", ("Door Wreath", "Garland", "Table Wreath", "Mini Wreath"),
        ("Pine", "Eucalyptus", "Dried Flower", "Berry", "Olive Leaf", "Cotton"), 42, 0.07, _WINTER, made_of=False,
        comes_in=SIZES),
)  # fmt: skip

STYLES: Final = (
    Style("heritage", ("Heritage", "Heirloom", "Victorian", "Classic", "Estate"),
        ("Cast Iron", "Copper", "Brass", "Lead Grey Zinc"), ("Alder & Wren", "Old Orchard Works")),
    Style("rustic", ("Rustic", "Weathered", "Farmhouse", "Handmade", "Aged"),
        ("Terracotta", "Reclaimed Oak", "Galvanised Steel", "Sandstone"), ("Clayfield", "Barn Lane")),
    Style("modern", ("Modern", "Minimal", "Nordic", "Matte Black", "Geometric"),
        ("Concrete", "Powder Coated Steel", "Fibre Clay", "Aluminium"), ("Studio Fern", "Norrgard")),
    Style("cottage", ("Cottage", "Floral", "Vintage", "Rose Trellis", "Daisy"),
        ("Enamel", "Wicker", "Painted Tin", "Whitewashed Pine"), ("Hollyhock Lane", "Alder & Wren")),
    Style("coastal", ("Coastal", "Seaside", "Driftwood", "Sea Blue", "Harbour"),
        ("Rope", "Glazed Stoneware", "Sea Grass", "Bleached Teak"), ("Tideline", "Saltmarsh Supply")),
    Style("woodland", ("Woodland", "Forest", "Mossy", "Acorn", "Fernleaf"), ("Cedar", "Slate", "Bark", "Willow"),
        ("Bramble & Birch", "Old Orchard Works")),
)  # fmt: skip

PLACES: Final = ("the patio", "a sunny doorstep", "raised beds", "a small balcony", "the greenhouse", "the back border")
PROMISES: Final = (
    "made to last for many seasons",
    "easy to care for",
    "a thoughtful gift for a gardener",
    "tried in our own trial garden",
    "packed without plastic",
    "good from the first frost to the last",
)

CITIES: Final = (
    City("Portland", "OR", "Oregon", "US", "972", 1.4),
    City("Seattle", "WA", "Washington", "US", "981", 1.4),
    City("Minneapolis", "MN", "Minnesota", "US", "554", 0.9),
    City("Chicago", "IL", "Illinois", "US", "606", 1.6),
    City("Boston", "MA", "Massachusetts", "US", "021", 1.2),
    City("Burlington", "VT", "Vermont", "US", "054", 0.4),
    City("New York", "NY", "New York", "US", "100", 2.2),
    City("Philadelphia", "PA", "Pennsylvania", "US", "191", 1.1),
    City("Denver", "CO", "Colorado", "US", "802", 0.9),
    City("Columbus", "OH", "Ohio", "US", "432", 0.8),
    City("Asheville", "NC", "North Carolina", "US", "288", 0.6),
    City("Atlanta", "GA", "Georgia", "US", "303", 1.0, warm=True),
    City("Austin", "TX", "Texas", "US", "787", 1.1, warm=True),
    City("Phoenix", "AZ", "Arizona", "US", "850", 0.7, warm=True),
    City("San Diego", "CA", "California", "US", "921", 1.1, warm=True),
    City("Sacramento", "CA", "California", "US", "958", 0.8, warm=True),
    City("Tampa", "FL", "Florida", "US", "336", 0.9, warm=True),
    City("Toronto", "ON", "Ontario", "CA", "M5V", 0.7),
    City("Vancouver", "BC", "British Columbia", "CA", "V6B", 0.5),
    City("Montréal", "QC", "Quebec", "CA", "H2Y", 0.3),
)
# factor on the interest of customers in warm cities, by the position of the type in PRODUCT_TYPES
WARM_TASTE: Final = (1.1, 1.0, 0.5, 1.0, 1.2, 1.8, 0.8, 1.2, 1.9, 1.2, 1.0, 0.6)

FIRST_NAMES: Final = (
    "Ada", "Amir", "Beth", "Caleb", "Chloé", "Dana", "Elif", "Emeka", "Faye", "Gwen", "Hana", "Hugo", "Ines", "Ivo",
    "Jonas", "June", "Kai", "Lena", "Liam", "Luca", "Mara", "Mei", "Nadia", "Nils", "Nora", "Omar", "Orla", "Paz",
    "Quinn", "Ravi", "Rosa", "Sami", "Sana", "Theo", "Tess", "Uma", "Viktor", "Willa", "Yara", "Zoë",
)  # fmt: skip
LAST_NAMES: Final = (
    "Abara", "Ashdown", "Bellweather", "Brook", "Calder", "Castellan", "Dale", "Drummond", "Eastman", "Fairlie",
    "Fennimore", "Garland", "Hartwell", "Holm", "Ibsen", "Jansen", "Kestrel", "Lindqvist", "Marlowe", "Merriman",
    "Nakata", "Northcote", "O'Dell", "Okafor", "Pemberton", "Quill", "Rainford", "Rosario", "Santerre", "Sato",
    "Thistle", "Thornbury", "Underhill", "Vance", "Varga", "Wexley", "Whitlock", "Yardley", "Young", "Zeller",
)  # fmt: skip
STREETS: Final = ("Example Street", "Sample Avenue", "Orchard Road", "Test Lane", "Meadow Drive", "Placeholder Court")

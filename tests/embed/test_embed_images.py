"""Images to vectors: what is read, what is refused, and what a vector says."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from frontrow.embed.images.decoding import MOST_PIXELS, SIDE, UnusableImageError, decode_image
from frontrow.embed.images.download import Downloads
from frontrow.embed.images.embedding import embed_images
from frontrow.embed.images.features import DIMENSIONS, compute_image_vector, find_foreground
from frontrow.embed.images.sources import ImageSource, find_images
from frontrow.errors import InputError

PRODUCTS = pl.DataFrame(
    {
        "product_id": ["red-pot", "tin-cup", "jug"],
        "title": ["Red Pot", "Tin Cup, 20 cm", "Jug"],
        "skus": [["POT-1", "POT-2"], [], None],
        "image_url": ["http://127.0.0.1:9/pot.png", None, None],
    },
    schema_overrides={"skus": pl.List(pl.String)},
)


def _draw(
    shape: str, colour: str, *, size: int = 120, left: int = 20, side: int = 70, mode: str = "RGB"
) -> Image.Image:
    image = Image.new(mode, (size, size), (255, 255, 255, 0) if mode == "RGBA" else "white")
    box = (left, 25, left + side, 25 + side)
    draw = ImageDraw.Draw(image)
    draw.ellipse(box, fill=colour) if shape == "disc" else draw.rectangle(box, fill=colour)
    return image


def _encode(image: Image.Image, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _vector(image: Image.Image) -> np.ndarray:
    return compute_image_vector(decode_image(_encode(image)))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bomb() -> bytes:
    """A PNG of some hundred bytes that says it has 40,000 times 40,000 pixels."""
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_three_formats_show_the_same_product(format: str) -> None:
    plain = _draw("disc", "navy")
    vector = compute_image_vector(decode_image(_encode(plain, format)))
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    cosine = vector @ _vector(plain) / np.linalg.norm(vector) / np.linalg.norm(_vector(plain))
    assert cosine > 0.97


def test_transparency_is_white_and_the_camera_says_which_way_is_up() -> None:
    transparent = decode_image(_encode(_draw("disc", "navy", mode="RGBA")))
    assert np.array_equal(np.asarray(transparent), np.asarray(_draw("disc", "navy")))
    tall = Image.new("RGB", (40, 90), "white")
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decode_image(_encode(tall, "JPEG", exif=exif)).size == (90, 40)
    palette = _draw("disc", "navy").convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    assert decode_image(_encode(palette)).getpixel((0, 0)) == (255, 255, 255)


def test_large_images_are_made_small() -> None:
    assert decode_image(_encode(Image.new("L", (3_000, 30)))).size == (SIDE, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a PNG, JPEG or WebP image"),
        (b"<html>not found</html>", "not a PNG, JPEG or WebP image"),
        (_encode(_draw("disc", "red"), "GIF"), "not a PNG, JPEG or WebP image"),
        (_encode(_draw("disc", "red"))[:200], "broken"),
        (_encode(_draw("disc", "red"), "JPEG")[:300], "broken"),
        (_encode(Image.new("RGB", (1, 1))), "too small"),
        (_bomb(), "too large"),
    ],
)
def test_what_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableImageError, match=reason):
        decode_image(content)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert MOST_PIXELS < 40_000**2
    assert len(_bomb()) < 1_000


def test_damaged_files_are_refused_or_read_but_nothing_else() -> None:
    """Bits that change anywhere in a file end in an image or in a reason."""
    rng = np.random.default_rng(0)
    for format in ("PNG", "JPEG", "WEBP"):
        whole = np.frombuffer(_encode(_draw("square", "green", size=40, side=15), format), dtype=np.uint8)
        for _ in range(60):
            damaged = whole.copy()
            damaged[rng.integers(0, len(whole), 3)] = rng.integers(0, 256, 3)
            with suppress(UnusableImageError):
                assert np.isfinite(compute_image_vector(decode_image(damaged.tobytes()))).all()


def test_colour_and_shape_decide_the_similarity_and_not_where_or_how_large_the_product_is() -> None:
    vectors = np.array(
        [
            _vector(_draw(shape, colour, left=left, side=side))
            for shape in ("disc", "square")
            for colour in ("firebrick", "steelblue")
            for left, side in ((10, 80), (40, 45))
        ]
    )
    centred = vectors - vectors.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    similarity = unit @ unit.T - 2 * np.eye(8)
    assert similarity.argmax(axis=1).tolist() == [1, 0, 3, 2, 5, 4, 7, 6]


def test_an_image_without_a_product_has_a_vector_too() -> None:
    for colour in ("white", "black"):
        vector = _vector(Image.new("RGB", (50, 40), colour))
        assert np.isfinite(vector).all()
    noise = np.random.default_rng(1).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    assert np.isfinite(_vector(Image.fromarray(noise))).all()
    assert find_foreground(np.full((9, 9, 3), 7.0)).all()


def test_files_of_a_folder_are_found_by_id_sku_and_title(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("RED-POT.png", "POT-2.jpg", "more/tin-cup-20-cm.webp", "Blue_bowl.jpeg", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    images = find_images(PRODUCTS, tmp_path)
    assert [(image.product_id, image.title, Path(image.place).name) for image in images] == [
        ("Blue_bowl", "blue_bowl", "Blue_bowl.jpeg"),
        ("red-pot", "Red Pot", "POT-2.jpg"),
        ("tin-cup", "Tin Cup, 20 cm", "tin-cup-20-cm.webp"),
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no image"):
        find_images(PRODUCTS, tmp_path / "empty")


def test_a_list_names_files_beside_it_and_addresses(tmp_path: Path) -> None:
    file = tmp_path / "images.csv"
    file.write_text("product_id,title,image\nred-pot,,img/pot.png\n,New bowl,HTTPS://127.0.0.1/b.png\njug,,\n", "utf-8")
    pot, bowl = find_images(PRODUCTS, file)
    assert (pot.product_id, pot.place, pot.is_address) == ("red-pot", str(tmp_path / "img" / "pot.png"), False)
    assert (bowl.title, bowl.is_address) == ("New bowl", True)
    assert [image.product_id for image in find_images(PRODUCTS)] == ["red-pot"]


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        ("product_id\na\n", 1, "no column image"),
        ("name,image\na,b.png\n", 1, "neither a column product_id nor a column title"),
        ("product_id,image\n,b.png\n", 2, "names no product"),
        ("product_id,image\na,b.png\na,c.png\n", 3, "has an image in row 2 already"),
    ],
)
def test_a_wrong_list_is_an_error_that_says_where(tmp_path: Path, text: str, row: int, problem: str) -> None:
    file = tmp_path / "images.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(InputError, match=problem) as caught:
        find_images(PRODUCTS, file)
    assert caught.value.row == row


def test_unusable_images_are_counted_by_their_reason(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(_encode(_draw("disc", "red")))
    (tmp_path / "broken.png").write_bytes(_encode(_draw("disc", "red"))[:150])
    names = ("good.png", "broken.png", "missing.png", "gone.png")
    sources = [ImageSource(name, None, str(tmp_path / name)) for name in names]
    steps: list[tuple[int, int]] = []
    embedded = embed_images(sources, Downloads(tmp_path / "downloads"), progress=lambda *step: steps.append(step))
    assert embedded.vectors.product_ids == ["good.png"]
    assert embedded.unusable == {"no such file": 2, "broken": 1}
    assert steps[-1] == (4, 4)
    assert not (tmp_path / "downloads").exists()
    none = embed_images([], Downloads(tmp_path / "downloads"))
    assert none.vectors.values.shape == (0, DIMENSIONS)

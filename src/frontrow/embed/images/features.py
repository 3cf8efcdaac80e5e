"""What an image looks like in numbers, without a trained model: colours, shape, outline and surface.

Four descriptors of the product without its background, each of length one, stand side by side:

* colours: shares of hues and greys, and the mean colour (Swain and Ballard, "Color indexing", 1991);
* edges: their directions in each cell of a grid (Dalal and Triggs, "Histograms of oriented gradients", 2005);
* outline: its lowest frequencies, as perceptual hashes take them (Zauner, "Perceptual image hash functions", 2010);
* surface: local binary patterns (Ojala et al., "Multiresolution gray-scale and rotation invariant texture", 2002).

They know nothing of what things are: a red dress and a red shirt resemble each other by their colour only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

if TYPE_CHECKING:
    from PIL import Image

Floats = NDArray[np.float64]

HUES: Final = 12
GREYS: Final = 4
CELLS: Final = 4
DIRECTIONS: Final = 8
FREQUENCIES: Final = 7
CROP: Final = 64
"""Side of the square that the product is fitted into."""

BACKGROUND_DISTANCE: Final = 24.0
"""Pixels closer than this to the border's colour, of 255, are background."""

LEAST_FOREGROUND: Final = 0.01
"""With a smaller share of foreground, the whole image counts."""

WEIGHTS: Final = {"colour": 1.0, "edges": 0.7, "outline": 0.5, "surface": 0.3}
"""How much each descriptor weighs in a similarity."""

DIMENSIONS: Final = HUES + GREYS + 3 + CELLS**2 * DIRECTIONS + FREQUENCIES**2 - 1 + 2 + 10
"""Numbers of a vector."""


def compute_image_vector(image: Image.Image) -> NDArray[np.float32]:
    """The vector of one image; the same image gives the same vector.

    Args:
        image: What `decoding.decode_image` returns.

    Returns:
        Shape (`DIMENSIONS`,).
    """
    pixels = np.asarray(image, dtype=np.float64)
    foreground = find_foreground(pixels)
    cropped, mask = _crop(pixels, foreground)
    grey = cropped @ np.array([0.299, 0.587, 0.114])
    shape = _fit(np.asarray(np.where(mask, grey, 255.0), dtype=np.float64))
    parts = {
        "colour": _colours(cropped[mask]),
        "edges": _edges(shape),
        "outline": _outline(_fit(255.0 * mask.astype(np.float64)), mask),
        "surface": _surface(grey, mask),
    }
    return np.concatenate([WEIGHTS[name] * _unit(part) for name, part in parts.items()]).astype(np.float32)


def find_foreground(pixels: Floats) -> NDArray[np.bool_]:
    """Which pixels are the product: those of another colour than the border's most common one.

    Args:
        pixels: Shape (height, width, 3), 0 to 255.

    Returns:
        Shape (height, width); all True where nothing stands out.
    """
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    background = np.median(border, axis=0)
    foreground: NDArray[np.bool_] = np.abs(pixels - background).max(axis=2) > BACKGROUND_DISTANCE
    if foreground.mean() < LEAST_FOREGROUND:
        return np.ones_like(foreground)
    return foreground


def _crop(pixels: Floats, foreground: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """The smallest rectangle that holds all but a hundredth of the foreground on each side."""
    box = []
    for axis in (1, 0):
        cumulative = foreground.sum(axis=axis).cumsum() / foreground.sum()
        first, last = np.searchsorted(cumulative, [0.01, 0.99])
        box.append(slice(max(int(first) - 1, 0), int(last) + 2))
    return pixels[box[0], box[1]], foreground[box[0], box[1]]


def _colours(pixels: Floats) -> Floats:
    """Square roots of the shares of hues and greys, and the mean colour."""
    values = pixels / 255.0
    brightest, darkest = values.max(axis=1), values.min(axis=1)
    spread = brightest - darkest
    red, green, blue = values.T
    divisor = np.where(spread > 0, spread, 1.0)
    hue = np.select(
        [brightest == red, brightest == green],
        [(green - blue) / divisor % 6, (blue - red) / divisor + 2],
        (red - green) / divisor + 4,
    )
    hues = _soft_histogram(hue * (HUES / 6), spread, HUES, circular=True)
    greys = _soft_histogram(brightest * (GREYS - 1), 1.0 - spread, GREYS, circular=False)
    shares = np.sqrt(np.concatenate([hues, greys]) / len(pixels))
    return np.concatenate([shares, 0.5 * values.mean(axis=0)])


def _soft_histogram(positions: Floats, weights: Floats, bins: int, *, circular: bool) -> Floats:
    """Sum of weights, each divided between the two bins next to its position."""
    low = np.floor(positions).astype(np.int64)
    share = positions - low
    high = (low + 1) % bins if circular else np.minimum(low + 1, bins - 1)
    low = low % bins if circular else np.minimum(low, bins - 1)
    total = np.bincount(low, weights * (1 - share), bins) + np.bincount(high, weights * share, bins)
    return np.asarray(total, dtype=np.float64)


def _fit(grey: Floats) -> Floats:
    """A picture as a square of `CROP` pixels, its sides stretched, each pixel the mean of what it covers."""
    rows, columns = (_cover(size) for size in grey.shape)
    return np.asarray(rows @ grey @ columns.T)


def _cover(size: int) -> Floats:
    """Share of each of `size` pixels in each of `CROP`: shape (CROP, size)."""
    edges = np.linspace(0, size, CROP + 1)
    starts, stops = np.maximum(edges[:-1, None], np.arange(size)), np.minimum(edges[1:, None], np.arange(1, size + 1))
    overlap = np.clip(stops - starts, 0, None)
    return np.asarray(overlap / overlap.sum(axis=1, keepdims=True))


def _edges(shape: Floats) -> Floats:
    """How strong edges of each direction are in each cell of a grid."""
    down, right = np.gradient(shape)
    strength = np.hypot(down, right)
    direction = np.arctan2(down, right) % np.pi * (DIRECTIONS / np.pi)
    cell = np.arange(CROP) * CELLS // CROP
    position = (cell[:, None] * CELLS + cell[None, :]) * DIRECTIONS
    low = np.floor(direction).astype(np.int64)
    share = direction - low
    histogram = np.zeros(CELLS**2 * DIRECTIONS)
    for bins, weights in ((low % DIRECTIONS, 1 - share), ((low + 1) % DIRECTIONS, share)):
        histogram += np.bincount((position + bins).ravel(), (strength * weights).ravel(), len(histogram))
    return np.sqrt(histogram)


def _outline(shape: Floats, mask: NDArray[np.bool_]) -> Floats:
    """The lowest frequencies of the outline, how much of its rectangle it fills, and whether that is wide or tall."""
    frequencies = fft.dctn(shape / 255.0, norm="ortho")[:FREQUENCIES, :FREQUENCIES].ravel()[1:] / CROP
    height, width = mask.shape
    return np.concatenate([frequencies, [mask.mean() / 4, np.log(width / height) / 4]])


def _surface(grey: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Square roots of the shares of local binary patterns, whichever way they are turned."""
    if min(grey.shape) < 3:
        return np.full(10, np.sqrt(0.1))
    middle = grey[1:-1, 1:-1]
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    height, width = middle.shape
    bits = np.stack([grey[row : row + height, column : column + width] > middle + 4.0 for row, column in ring])
    changes = (bits != np.roll(bits, 1, axis=0)).sum(axis=0)
    pattern = np.where(changes <= 2, bits.sum(axis=0), 9)
    inside = mask[1:-1, 1:-1]
    counts = np.bincount(pattern[inside] if inside.any() else pattern.ravel(), minlength=10)
    return np.asarray(np.sqrt(counts / counts.sum()))


def _unit(values: Floats) -> Floats:
    """Values of length one; zeros stay."""
    length = float(np.sqrt((values**2).sum()))
    return values / length if length > 0 else values

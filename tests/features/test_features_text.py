"""Text similarity against scikit-learn, and its independence of later products."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from frontrow.features.text import TextIndex, characters, words
from frontrow.synthetic import SyntheticShop

TITLES = [
    "Glazed Terracotta Planter 30cm",
    "Terracotta Saucer",
    "Set/3 Red Pots, Glazed",
    "a b c",
    "",
    "Émaillé café pot — pot, pot",
    "LED  Lantern\twarm white",
    "Lanterns (pair of 2)",
    "snake_case & Co.",
    "ab",
    "Planters planter planting",
]


def _sklearn(kind: str, sublinear: bool) -> TfidfVectorizer:
    if kind == "characters":
        return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=sublinear)
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=sublinear)


ANALYZERS = {"characters": characters, "words": words}


def _expected(
    kind: str, texts: list[str], product: int, earlier_rows: np.ndarray, sublinear: bool = False
) -> np.ndarray:
    """scikit-learn, fitted on the earlier products only; terms they do not contain are dropped from the new one."""
    expected = np.zeros(len(texts))
    earlier = [texts[i] for i in earlier_rows]
    try:
        vectorizer = _sklearn(kind, sublinear).fit(earlier)
    except ValueError:  # no earlier product has a term
        return expected
    vectors = vectorizer.transform(earlier), vectorizer.transform([texts[product]])
    expected[earlier_rows] = cosine_similarity(*vectors).ravel()
    return expected


@pytest.mark.parametrize("kind", ANALYZERS)
@pytest.mark.parametrize("text", [*TITLES, "x", "xy", "xyz", "naïve ß İstanbul", "one\u00a0two\u3000three"])
def test_terms_are_those_of_scikit_learn(kind: str, text: str) -> None:
    assert sorted(ANALYZERS[kind](text)) == sorted(_sklearn(kind, False).build_analyzer()(text))


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_terms_of_any_text_are_those_of_scikit_learn(text: str) -> None:
    for kind, analyzer in ANALYZERS.items():
        assert sorted(analyzer(text)) == sorted(_sklearn(kind, False).build_analyzer()(text)), kind


@pytest.mark.parametrize("kind", ANALYZERS)
@pytest.mark.parametrize("sublinear", [False, True])
def test_similarities_are_those_of_scikit_learn(kind: str, sublinear: bool) -> None:
    first_days = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
    index = TextIndex(TITLES, first_days, ANALYZERS[kind], sublinear=sublinear)
    for product in range(len(TITLES)):
        for cutoff in (1, 2, 4, 7):
            earlier_rows = np.array([i for i in np.flatnonzero(first_days < cutoff) if i != product], dtype=np.int64)
            expected = (
                _expected(kind, TITLES, product, earlier_rows, sublinear)
                if len(earlier_rows)
                else np.zeros(len(TITLES))
            )
            np.testing.assert_allclose(index.similarity(product, cutoff), expected, atol=1e-12)


@pytest.mark.parametrize("kind", ANALYZERS)
def test_similarities_of_a_whole_shop_are_those_of_scikit_learn(kind: str) -> None:
    titles = SyntheticShop(customers=50, seed=4).shop().products["title"].to_list()
    first_days = np.arange(len(titles))
    index = TextIndex(titles, first_days, ANALYZERS[kind])
    best = []
    for product in range(len(titles) // 2, len(titles), 25):
        similarity = index.similarity(product, product)
        np.testing.assert_allclose(similarity, _expected(kind, titles, product, np.arange(product)), atol=1e-12)
        best.append(similarity.max())
    assert max(best) > 0.3


def test_a_term_unseen_before_the_cutoff_weighs_nothing() -> None:
    titles = ["red pot", "red cup", "red pot unheard"]
    index = TextIndex(titles, np.array([1, 1, 9]), words)
    without_term = TextIndex([*titles[:2], "red pot"], np.array([1, 1, 9]), words)
    np.testing.assert_array_equal(index.similarity(2, 9), without_term.similarity(2, 9))


def test_a_product_is_not_compared_with_itself_and_the_later() -> None:
    index = TextIndex(["red pot"] * 4, np.array([1, 2, 3, 4]), words)
    assert index.similarity(1, 3).round(12).tolist() == [1.0, 0.0, 0.0, 0.0]
    assert index.similarity(1, 1).tolist() == [0.0] * 4


def test_no_texts_at_all() -> None:
    assert TextIndex([""], np.array([1]), words).similarity(0, 5).tolist() == [0.0]


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(TITLES), min_size=1, max_size=12),
    st.lists(st.text(alphabet="abc de", max_size=12), max_size=8),
    st.sampled_from(sorted(ANALYZERS)),
    st.randoms(use_true_random=False),
)
def test_later_products_change_no_similarity(earlier: list[str], later: list[str], kind: str, random) -> None:
    """Exactly equal, at any position in the table."""
    new_title = "red glazed planter"
    ordered_index = TextIndex([*earlier, new_title], np.array([1] * len(earlier) + [5]), ANALYZERS[kind])
    expected = ordered_index.similarity(len(earlier), 5)[:-1]
    rows = [(text, 1, i) for i, text in enumerate(earlier)] + [(text, random.randint(5, 9), -1) for text in later]
    rows += [(new_title, 5, -2)]
    random.shuffle(rows)
    index = TextIndex([row[0] for row in rows], np.array([row[1] for row in rows]), ANALYZERS[kind])
    positions = [row[2] for row in rows]
    similarity = index.similarity(positions.index(-2), 5)
    np.testing.assert_array_equal(similarity[[positions.index(i) for i in range(len(earlier))]], expected)
    assert similarity[[i for i, position in enumerate(positions) if position < 0]].sum() == 0.0

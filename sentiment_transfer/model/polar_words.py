"""The most positive and most negative words of a corpus, as a table and a figure."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import AGAINST, FOR, fonts_for, save_figure
from sentiment_transfer.errors import InputError, NotFittedError, SettingError, shown
from sentiment_transfer.text.bag_of_words import text_counts
from sentiment_transfer.text.indexing import batches
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes
    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["plot_polar_words", "polar_words", "polarity_of"]


def polarity_of(encoder: Any) -> Polarity:  # noqa: ANN401  (any encoder)
    """Return the polarity of an encoder; raises ``NotFittedError`` if it has none."""
    polarity: Polarity | None = getattr(encoder, "polarity_", None)
    if polarity is None:
        raise NotFittedError(
            "this model has no polarity of words: it has another encoder than the default, or "
            "no seeds and no labels of two classes"
        )
    return polarity


def polar_words(
    encoder: Any,  # noqa: ANN401  (any encoder)
    n: int,
    min_count: int,
    texts: Iterable[str] | None = None,
) -> DataFrame:
    """See `SentimentClassifier.polar_words`."""
    import pandas as pd

    for name, value, least in (("n", n, 1), ("min_count", min_count, 0)):
        if not is_integer_from(value, least):
            raise SettingError(
                f"{name}={shown(value)} is not allowed; it must be an integer of at least {least}"
            )
    scores, vectors = polarity_of(encoder).word_scores, encoder.vectors
    counts = vectors.counts if texts is None else _texts_with_each_word(vectors, texts)
    words = pd.DataFrame({"word": vectors.words, "polarity": scores, "count": counts})
    ranked = words[words["count"] >= min_count].sort_values(
        "polarity", ascending=False, kind="stable"
    )
    ends = ranked if len(ranked) <= 2 * n else pd.concat([ranked.head(n), ranked.tail(n)])
    return ends.reset_index(drop=True)


def _texts_with_each_word(vectors: WordVectors, texts: Iterable[str]) -> NDArray[np.int64]:
    """Count the texts that hold each word, ``(n_words,)``."""
    counts = np.zeros(len(vectors), np.int64)
    for batch in batches(as_iterable_of_texts(texts)):
        counts += text_counts(vectors.encode(batch), len(vectors))
    return counts


def plot_polar_words(words: DataFrame, path: str | Path) -> None:
    """Draw a bar for each row of ``polar_words``, positive to the right, negative to the left.

    A word is written opposite its bar. The figure is narrow, for phones.

    Raises
    ------
    InputError
        There is no word to draw.
    SettingError
        The suffix of the path is not known.
    """
    if not len(words):
        raise InputError("no word is frequent enough to be drawn; lower min_count")
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    shown = words["word"].str.replace("$", r"\$", regex=False).tolist()  # no formulas
    families = fonts_for(shown)
    with mpl.rc_context({"font.family": families}), warnings.catch_warnings():
        if Path(path).suffix.lower() == ".svg":  # its viewer has the fonts
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = Figure(figsize=(4.5, 0.9 + 0.2 * len(words)), layout="constrained")
        _draw(figure.add_subplot(), shown, words["polarity"].to_numpy())
        save_figure(figure, path)


def _draw(
    axes: Axes, words: list[str], polarity: np.ndarray[tuple[int], np.dtype[np.floating]]
) -> None:
    positive = polarity > 0
    rows = np.arange(len(words)) + 0.5 * ~positive  # a little space between the two ends
    axes.barh(rows, polarity, color=np.where(positive, FOR, AGAINST), height=0.75)
    gap = 0.02 * float(np.abs(polarity).max())
    for row, word, right in zip(rows, words, positive, strict=True):
        side = "right" if right else "left"
        axes.text(-gap if right else gap, row, word, ha=side, va="center", fontsize=10)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_ylim(rows[-1] + 0.6, -0.6)  # the most positive on top
    axes.set_yticks([])
    axes.set_xlabel("polarity, standard deviations")
    axes.spines[["left", "top", "right"]].set_visible(False)

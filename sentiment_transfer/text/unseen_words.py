"""Seed words and negators of a language that no text of a corpus holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.text.language_finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["unseen_words"]

SHOWN = 30
"""Words of a part that a finding lists."""


def unseen_words(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterator[Finding]:
    """Yield a note for each side of the seeds, and for negators, that has words of no text.

    They may be misspelt, or forms that these texts do not use. Texts are read once.
    """
    known = tokenizer.language_data
    parts = {
        "negators": [*known.negators],
        "seeds.positive": sorted(known.positive_seeds),
        "seeds.negative": sorted(known.negative_seeds),
    }
    unseen = {word for words in parts.values() for word in words}
    for text in texts:
        unseen.difference_update(tokenizer(text), tokenizer.pieces(tokenizer.prepare(text)))
    for place, words in parts.items():
        missing = [word for word in words if word in unseen]
        if missing:
            listed = ", ".join(missing[:SHOWN]) + (", …" if len(missing) > SHOWN else "")
            message = f"{len(missing)} of {len(words)} are in no text: {listed}"
            remedy = "correct those that are misspelt"
            yield Finding("unseen", place, message, remedy, is_error=False)

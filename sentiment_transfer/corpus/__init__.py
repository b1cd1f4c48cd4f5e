"""Texts and labels from files, tables and memory, and ways to split them."""

from sentiment_transfer.corpus.readers import read_labelled, read_texts
from sentiment_transfer.corpus.splits import find_overlap, split_by_text
from sentiment_transfer.corpus.texts import Labelled, Texts

__all__ = ["Labelled", "Texts", "find_overlap", "read_labelled", "read_texts", "split_by_text"]

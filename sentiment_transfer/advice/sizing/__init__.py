"""The size of the head: the smallest that is not worse."""

from sentiment_transfer.advice.sizing.head_size import HeadSize, HeadSizing
from sentiment_transfer.advice.sizing.sizing import size_head

__all__ = ["HeadSize", "HeadSizing", "size_head"]

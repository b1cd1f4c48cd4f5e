"""Stage two: texts to sentence vectors."""

from sentiment_transfer.encoding.averaging import AveragingEncoder

__all__ = ["AveragingEncoder"]

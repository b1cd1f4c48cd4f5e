"""What many texts say, for an analyst: shares, groups, phrases, texts to read, and a page."""

from sentiment_transfer.overview.overview import Overview, describe_opinions
from sentiment_transfer.overview.page import overview_page

__all__ = ["Overview", "describe_opinions", "overview_page"]

"""Models for other programs: one page with a port to JavaScript."""

from sentiment_transfer.export.page import page_of, script_of
from sentiment_transfer.export.tables import Tables, tables_of

__all__ = ["Tables", "page_of", "script_of", "tables_of"]

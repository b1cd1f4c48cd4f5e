"""Models for other programs: a page or a script with a port to JavaScript, and an ONNX file."""

from sentiment_transfer.export.conformance import conformance_of
from sentiment_transfer.export.onnx_graph import require_onnx
from sentiment_transfer.export.onnx_model import Onnx, description_path, onnx_of
from sentiment_transfer.export.page import page_of, script_of
from sentiment_transfer.export.tables import Tables, tables_of

__all__ = [
    "Onnx",
    "Tables",
    "conformance_of",
    "description_path",
    "onnx_of",
    "page_of",
    "require_onnx",
    "script_of",
    "tables_of",
]

"""The command line: each command opens an object, calls a method, prints."""

from sentiment_transfer.cli.app import main

__all__ = ["main"]

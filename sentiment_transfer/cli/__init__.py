"""The command line; each command opens an object, calls a method and prints the result."""

from sentiment_transfer.cli.app import main

__all__ = ["main"]

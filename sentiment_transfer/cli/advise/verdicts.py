"""Verdicts on standard error."""

from sentiment_transfer.cli.messages import say

__all__ = ["say_verdict"]


def say_verdict(found: object) -> None:
    """Say a result's verdict, a line for each of its parts."""
    for line in str(found).splitlines():
        say(line)

"""``sentiment-transfer advise``: a command for each kind of advice."""

from collections.abc import Callable

from sentiment_transfer.cli.advise.audit import audit

__all__ = ["COMMANDS"]

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "audit": (
        audit,
        """
  sentiment-transfer advise audit corpora/movies72/held_out.csv -n 10
""",
    ),
}
"""Commands by name, each with an example."""

"""``sentiment-transfer advise``: a command for each kind of advice."""

from collections.abc import Callable

from sentiment_transfer.cli.advise.audit import audit
from sentiment_transfer.cli.advise.diagnose import diagnose
from sentiment_transfer.cli.advise.sizing import sizing

__all__ = ["COMMANDS"]

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "audit": (
        audit,
        """
  sentiment-transfer advise audit corpora/movies72/held_out.csv -n 10
""",
    ),
    "diagnose": (
        diagnose,
        """
  sentiment-transfer advise diagnose reviews-en corpora/movies72/held_out.csv
""",
    ),
    "sizing": (
        sizing,
        """
  sentiment-transfer advise sizing reviews-en corpora/movies72/held_out.csv
""",
    ),
}
"""Commands by name, each with an example."""

"""``sentiment-transfer advise``: a command for each kind of advice."""

from collections.abc import Callable

from sentiment_transfer.cli.advise.audit import audit
from sentiment_transfer.cli.advise.catalogue import catalogue
from sentiment_transfer.cli.advise.corpus import corpus

__all__ = ["COMMANDS"]

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "corpus": (
        corpus,
        """
  sentiment-transfer advise corpus corpora/movies72/unlabelled.txt \\
    --judged corpora/movies72/held_out.csv --more
""",
    ),
    "catalogue": (
        catalogue,
        """
  sentiment-transfer advise catalogue --language zh
""",
    ),
    "audit": (
        audit,
        """
  sentiment-transfer advise audit corpora/movies72/held_out.csv -n 10
""",
    ),
}
"""Commands by name, each with an example."""

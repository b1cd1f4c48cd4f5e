"""``sentiment-transfer advise``: a command for each kind of advice."""

from collections.abc import Callable

from sentiment_transfer.cli.advise.audit import audit
from sentiment_transfer.cli.advise.budget import budget
from sentiment_transfer.cli.advise.stopping import stopping
from sentiment_transfer.cli.advise.suggest import suggest
from sentiment_transfer.cli.advise.update import update

__all__ = ["COMMANDS"]

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "audit": (
        audit,
        """
  sentiment-transfer advise audit corpora/movies72/held_out.csv -n 10
""",
    ),
    "budget": (
        budget,
        """
  sentiment-transfer advise budget reviews-en corpora/movies72/held_out.csv
""",
    ),
    "stopping": (
        stopping,
        """
  sentiment-transfer advise stopping corpora/movies72/unlabelled.txt \\
    -o stopped.safetensors --max-epochs 32 --plot stopped.svg
""",
    ),
    "suggest": (
        suggest,
        """
  sentiment-transfer advise suggest reviews-en \\
    corpora/movies72/unlabelled.txt -n 20 -o to-label.csv
""",
    ),
    "update": (
        update,
        """
  sentiment-transfer advise update model.safetensors \\
    corpora/movies72/unlabelled.txt -o updated.safetensors \\
    --labelled corpora/movies72/labelled.csv \\
    --cases corpora/movies72/held_out.csv
""",
    ),
}
"""Commands by name, each with an example."""

"""``sentiment-transfer advise``: a command for each kind of advice."""

from collections.abc import Callable

from sentiment_transfer.cli.advise.audit import audit
from sentiment_transfer.cli.advise.budget import budget
from sentiment_transfer.cli.advise.catalogue import catalogue
from sentiment_transfer.cli.advise.choose import choose
from sentiment_transfer.cli.advise.corpus import corpus
from sentiment_transfer.cli.advise.diagnose import diagnose
from sentiment_transfer.cli.advise.sizing import sizing
from sentiment_transfer.cli.advise.stopping import stopping
from sentiment_transfer.cli.advise.suggest import suggest
from sentiment_transfer.cli.advise.update import update

__all__ = ["COMMANDS"]

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "catalogue": (
        catalogue,
        """
  sentiment-transfer advise catalogue --language zh
""",
    ),
    "corpus": (
        corpus,
        """
  sentiment-transfer advise corpus corpora/movies72/unlabelled.txt \\
    --judged corpora/movies72/held_out.csv --more
""",
    ),
    "choose": (
        choose,
        """
  sentiment-transfer advise choose corpora/movies72/unlabelled.txt \\
    --labelled corpora/movies72/held_out.csv
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
    "budget": (
        budget,
        """
  sentiment-transfer advise budget reviews-en corpora/movies72/held_out.csv
""",
    ),
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

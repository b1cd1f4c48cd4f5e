"""``python -m sentiment_transfer`` is the command ``sentiment-transfer``."""

import sys

from sentiment_transfer.base.signals import describe_end, end_like_ctrl_c

__all__ = ["main"]


def main() -> None:
    """Run the command; a signal that comes while it is being imported ends it quietly as well."""
    try:
        end_like_ctrl_c()
        from sentiment_transfer.cli import main as run
    except KeyboardInterrupt as error:
        said, code = describe_end(error)
        if sys.stderr is not None:
            sys.stderr.write(f"{said}\n")
        sys.exit(code)
    run()


if __name__ == "__main__":
    main()

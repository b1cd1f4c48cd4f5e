"""``python -m sentiment_transfer`` is the command ``sentiment-transfer``."""

from sentiment_transfer.base.signals import leave_at_signals

__all__ = ["main"]


def main() -> None:
    """Run the command; a signal ends it quietly even while the command is being imported."""
    leave_at_signals()
    from sentiment_transfer.cli import main as run

    run()


if __name__ == "__main__":
    main()

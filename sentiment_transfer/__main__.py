"""``python -m sentiment_transfer`` is the command ``sentiment-transfer``."""

from sentiment_transfer.cli import main

if __name__ == "__main__":
    main()

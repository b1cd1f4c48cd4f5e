"""Compare the torch engine with the reference, and measure its speed.

    python -m scripts.scale.torch_engine             about 15 minutes; results/scale-torch.md
    python -m scripts.scale.torch_engine --speed     a minute on a GPU; prints, reads no corpus

The comparison is on the CPU: `SAMPLE` texts of imdb and of amazon, the loss after one epoch, the
accuracy of logistic regression on averaged vectors after five, and what each measure against large
batches is worth.
"""

from __future__ import annotations

import argparse


def main(argv: list[str] | None = None) -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--speed", action="store_true", help="words a second of this device")
    parser.add_argument("--tokens", type=int, default=100_000_000, help="words of the corpus")
    parser.add_argument("--seconds", type=float, default=15, help="most time for each setting")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of the comparison")
    options = parser.parse_args(argv)
    if options.speed:
        from scripts.scale.torch_speed import measure

        measure(options.tokens, options.seconds)
    else:
        from scripts.scale.torch_accuracy import compare_engines

        compare_engines(options.seeds)


if __name__ == "__main__":
    main()

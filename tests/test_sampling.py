from __future__ import annotations

import numpy as np

from sentiment_transfer.corpus.sampling import Reservoir


def test_a_reservoir_keeps_every_text_equally_often() -> None:
    kept = np.zeros(20)
    for seed in range(2_000):
        sample = Reservoir(5, seed)
        assert list(sample.through(map(str, range(20)))) == [str(i) for i in range(20)]
        kept[[int(text) for text in sample.texts]] += 1
    # each is kept with probability 5 / 20: 500 times, standard deviation sqrt(2000 / 4 * 3 / 4)
    assert np.abs(kept - 500).max() < 5 * np.sqrt(2_000 * 0.25 * 0.75)


def test_a_short_stream_is_kept_whole() -> None:
    sample = Reservoir(5, 0)
    assert list(sample.through(["a", "b"])) == sample.texts == ["a", "b"]

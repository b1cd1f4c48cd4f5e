"""Which segmenter for Japanese: speed, memory, words, and accuracy on reviews of hotels.

    python -m scripts.languages.japanese SHARED

``SHARED`` is the folder of the corpora; the packages janome, budoux and tinysegmenter have to be
installed beside the extra ``ja``. Neutral texts are left out. Texts are cut first and read with a
small language file that needs no segmenter, so that all else is equal. A share of the training
texts is labelled, the rest unlabelled; the figures are means of macro-F1 over draws, on the
development texts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SEGMENTERS = ("fugashi", "janome", "tinysegmenter", "budoux", "characters")
LABELS, DRAWS = (8, 100), 5
WORDS = {
    "stop": """は が を に で と も の へ や から まで です ます まし ませ た し て い ある
        あり いる する でし""",
    "negators": "ない なく なかっ なけれ ん ぬ ず",
    "intensifiers": "とても すごく 大変 あまり そんなに 全然 特に",
    "positive": """良い よい 良く 良かっ よかっ いい 素晴らしい 素晴らしく 素敵 美味しい 美味しく
        美味しかっ おいしい おいしかっ きれい 綺麗 キレイ 最高 満足 快適 親切 丁寧 嬉しい 嬉しかっ
        楽しい 楽しく 便利 清潔 感謝 おすすめ ありがとう 安心 癒さ 気持ちよく 大満足 抜群""",
    "negative": """悪い 悪く 悪かっ 残念 不満 汚い 汚かっ ひどい 最悪 臭い うるさい うるさく 狭い
        狭かっ 古い 古く 不便 不快 まずい がっかり 寒い 寒かっ 高い カビ 故障 失望 足り 遅い 困り
        微妙 気持ち悪い 埃 臭 騒音 冷め ぬるい""",
}
FILE: dict[str, Any] = {
    "language": "ja",
    "name": "Japanese",
    "version": 1,
    "stop_words": WORDS["stop"].split(),
    "negators": dict.fromkeys(WORDS["negators"].split(), "ない"),
    "scope": {
        "marker": "ない_",
        "window": 1,
        "window_back": 4,
        "intensifiers": WORDS["intensifiers"].split(),
        "contrast": ["けど", "でも", "しかし", "ただ"],
        "cancels": ["だけ"],
        "after": ["ない"],
    },
    "seeds": {side: WORDS[side].split() for side in ("positive", "negative")},
}


def cutter(name: str) -> Callable[[str], list[str]]:
    """Return a function that cuts a text into words."""
    if name == "characters":
        return list
    if name == "budoux":
        import budoux

        parse: Callable[[str], list[str]] = budoux.load_default_japanese_parser().parse
        return parse
    if name == "tinysegmenter":
        import tinysegmenter

        cut: Callable[[str], list[str]] = tinysegmenter.TinySegmenter().tokenize
        return cut
    if name == "janome":
        from janome.tokenizer import Tokenizer

        tokenizer = Tokenizer(wakati=True)
        return lambda text: list(tokenizer.tokenize(text))
    from sentiment_transfer.text.plugins import segmenter

    own = segmenter("fugashi")
    return lambda text: own(text).split()


def texts_of(path: Path) -> tuple[list[str], list[str]]:
    """Return the negative and positive texts of a file, with their labels."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    rows = zip(*(table.column(name).to_pylist() for name in table.column_names[:2]), strict=True)
    kept = [(text, "positive" if label else "negative") for text, label in rows if label != 1]
    return [text for text, _ in kept], [label for _, label in kept]


def measured(name: str, folder: Path) -> dict[str, Any]:
    """Return the figures of one segmenter."""
    from sentiment_transfer.text.normalise import normalise

    texts, labels = texts_of(folder / "train.parquet")
    texts = list(map(normalise, texts))
    asked, truth = texts_of(folder / "dev.parquet")
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    cut = cutter(name)
    cut("部屋が良くない")
    ready = time.process_time()
    parts = [cut(text) for text in texts]
    done = time.process_time()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "segmenter": name,
        "start": round(ready - start, 2),
        "characters_per_second": round(sum(map(len, texts)) / (done - ready)),
        "megabytes": round((after - before) / 1024),
        "words": len({word for part in parts for word in part}),
        "per_text": round(sum(map(len, parts)) / len(parts), 1),
        **accuracies([" ".join(part) for part in parts], labels,
                     [" ".join(cut(normalise(text))) for text in asked], truth),
    }  # fmt: skip


def accuracies(
    texts: list[str], labels: list[str], asked: list[str], truth: list[str]
) -> dict[str, Any]:
    """Return mean macro-F1, with TF-IDF and with the package."""
    from sklearn.metrics import f1_score

    from sentiment_transfer import SentimentClassifier

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ja.json"
        path.write_text(json.dumps(FILE, ensure_ascii=False), encoding="utf-8")
        warnings.simplefilter("ignore")
        model = SentimentClassifier(str(path), seed=0).pretrain(texts)

        def score(predicted: Any) -> float:  # noqa: ANN401
            return 100 * float(f1_score(truth, predicted, average="macro"))

        found["no label"] = round(score(model.predict(asked)), 1)
        for budget in LABELS:
            scores: dict[str, list[float]] = {"own": [], "tfidf": []}
            for draw in range(DRAWS):
                rows = drawn(np.array(labels), budget, draw)
                few = [texts[i] for i in rows], [labels[i] for i in rows]
                scores["own"].append(score(model.fit(*few).predict(asked)))
                scores["tfidf"].append(score(words_alone().fit(*few).predict(asked)))
            for arm, values in scores.items():
                found[f"{arm} {budget}"] = round(float(np.mean(values)), 1)
                found[f"{arm} {budget} sd"] = round(float(np.std(values, ddof=1)), 1)
    return found


def words_alone() -> Any:  # noqa: ANN401  (a pipeline)
    """Return logistic regression on TF-IDF of words and pairs."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(tokenizer=str.split, ngram_range=(1, 2), sublinear_tf=True)
    return make_pipeline(words, LogisticRegression(C=10, max_iter=1_000))


def drawn(labels: np.ndarray[Any, Any], n: int, draw: int) -> list[int]:
    """Return ``n`` random rows, at least one of each class."""
    rng = np.random.default_rng(draw)
    rows = rng.permutation(len(labels))[:n]
    if len(set(labels[rows])) == 1:
        rows[0] = rng.choice(np.flatnonzero(labels != labels[rows[0]]))
    return [int(row) for row in rows]


def main() -> None:
    """Measure each segmenter in a process of its own, and print a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--only", choices=SEGMENTERS)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(measured(given.only, given.shared / "ja_hotel"), ensure_ascii=False))
        return
    for name in SEGMENTERS:
        command = [sys.executable, "-m", "scripts.languages.japanese", str(given.shared)]
        subprocess.run([*command, "--only", name], check=True)


if __name__ == "__main__":
    main()

"""Write the golden files of ``tests/golden``: models of every kind, and their answers.

It was run once for format 1.0 and is run once for each format that is released: the files show that
later code reads what earlier code wrote and gives the same answers. It refuses to overwrite a file;
for a new format, choose a new folder beside the old one.

    python scripts/write_golden.py tests/golden
    python scripts/write_golden.py tests/golden --learnt tests/golden/2026-11-29
    python scripts/write_golden.py tests/golden --other-labels tests/golden/other-labels
    python scripts/write_golden.py --shipped tests/golden    for new shipped models or grammars
    python scripts/write_golden.py tests/golden --sentence-encoder tests/golden/sentence-encoder

The second command writes, into a new folder, what models learn now from the vectors and the texts
of the first; it is run when what a fit learns is changed on purpose. So do the third and the last,
models that labels of other texts taught and with a sentence encoder.

``shipped.json`` and ``phrases.json`` hold answers of the shipped models, to ``texts.jsonl`` and to
some probes of ``corpora/phrases``; delete them first where they change on purpose, as they do where
the bank is built again.

``texts.jsonl``, 500 texts on which the shipped models are asked, was written by hand for this
project (the later texts combine sentences of the earlier ones) and has to be there already.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
    WordVectors,
    load,
)
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.taught import TaughtPolarity, TaughtSource
from sentiment_transfer.text import Vocabulary
from sentiment_transfer.text.grams import gram_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

Lesson = tuple[list[str], list[str]]

ROOT = Path(__file__).resolve().parent.parent

DIGITS = 9
SHARE_SHOWN = 1e-5
"""Contributions of less are left out: how a text without weight is cut into pieces may change."""

WORDS = {
    "en": {
        "positive": "good great excellent wonderful perfect charming clever lovely fresh quick",
        "negative": "bad awful terrible boring stupid dull noisy stale broken slow",
        "film": "film story actor music ending scene",
        "hotel": "room bed breakfast staff lobby shower",
        "phone": "screen battery camera speaker button charger",
    },
    "zh": {
        "positive": "好 不错 干净 舒服 精彩 新鲜 漂亮 满意",
        "negative": "差 失望 糟糕 难吃 无聊 太脏 太慢 太贵",
        "film": "电影 故事 演员 音乐",
        "hotel": "房间 早餐 服务 前台",
        "phone": "屏幕 电池 手机 耳机",
    },
}
TOPICS = ("film", "hotel", "phone")
TEMPLATES = {
    "en": (
        "the {noun} was {word}",
        "a {word} {noun}",
        "very {word} {noun} i think",
        "{noun} is {word}",
    ),
    "zh": ("{noun}很{word}", "{noun}真的{word}", "我觉得{noun}{word}"),
}
NEGATED = {"en": "the {noun} was not {word}", "zh": "{noun}不{word}"}
END_TO_END = {"en": ". ", "zh": "。"}

LEARNT: dict[str, tuple[str, dict[str, Any]]] = {
    "default-8": ("eight", {}),
    "default-seeds": ("eight", {"seeds": (["good", "great", "lovely"], ["bad", "awful", "dull"])}),
    "default-taught": ("sixty", {"seeds": None}),
    "default-prevalence": ("eight", {"prevalence": 0.3}),
    "default-only-labels": ("sixty", {}),
}
"""Models of which it is kept what they learn: the lesson and the settings of each."""

ASKED = {
    "en": (
        "",
        "   \n\t ",
        "zxqv blorf ñandú",
        "good",
        "bad",
        "The film was great, the music wonderful!",
        "the film was not good",
        "The room wasn't clean, but the staff was never noisy.",
        "not bad not boring not stupid",
        "i don't think the screen is good",
        "no good camera, no great battery",
        "GREAT FILM!!! EXCELLENT STORY!!!",
        "terrible 😡 awful 👎 broken",
        "lovely 😍👍 room",
        "<p>The <b>breakfast</b> was fresh<br/>and the bed perfect.</p>",
        "good bad good bad good bad",
        "a charming actor in a dull story",
        "the battery is slow and the charger broken",
        "the speaker was terrible, i want my money back",
        "the lobby the lobby the lobby",
        "very clever ending i think. very clever ending i think.",
        "Not only good — excellent… truly “perfect”.",
        "room 101, 5 stars, 10/10, $99.99",
        "GOOD good Good gOOd",
        "without a good button; with a bad one",
        "酒店很好 the room was good",
        "ｇｏｏｄ ｆｉｌｍ",
        "good\u00adness\u200b great\x00film",
        "hardly a great scene, barely a lovely one",
        "the music was good enough, the ending too slow, the scene too dull to be charming",
        "the shower was noisy. the bed was lovely. " * 60,
    ),
    "zh": (
        "",
        "　 ",
        "zxqv",
        "好",
        "差",
        "房间很干净，服务好！",
        "房间不干净",
        "电影不精彩，演员不漂亮。",
        "不差不无聊",
        "一点也不舒服",
        "没有好早餐，没有好服务",
        "太脏太慢太贵！！！",
        "糟糕😡失望👎",
        "漂亮😍满意👍",
        "<p>早餐<b>新鲜</b><br/>服务不错</p>",
        "好差好差好差",
        "演员很漂亮，故事真的无聊",
        "电池太慢，屏幕太贵",
        "前台前台前台",
        "我觉得耳机不错。我觉得耳机不错。",
        "不但好——而且精彩……真的“满意”",
        "房间101，5颗星，99元",
        "the room was good 房间好",
        "手机ＯＫ，屏幕好",
        "音乐真的精彩，可是服务糟糕",
        "早餐难吃，前台太慢，房间太脏",
        "電影很好，音樂不錯",
        "好 不 错",
        "从来没有这么满意",
        "不是不好，是太贵",
        "早餐很新鲜。服务真的太慢。" * 120,
    ),
}  # fmt: skip
PHRASES = {
    "en": ["Not bad at all :-D", "The bed was lovely, but I wouldn't call the room clean."],
    "zh": ["味道一点也不差", "房间很漂亮，但是没有以前那么干净"],
}
EXPLAINED = {
    "en": ("the film was great and the ending not dull", "a noisy room but lovely staff"),
    "zh": ("房间很干净服务不好", "电影真的精彩"),
}
POLAR = {
    "en": ("good", "awful", "charming", "noisy", "film", "not_good"),
    "zh": ("好", "糟糕", "漂亮", "房间"),
}


def review(rng: np.random.Generator, language: str, topic: str, stars: int) -> str:
    """Four sentences about a topic; ``stars - 1`` of them are positive."""
    words = {name: listed.split() for name, listed in WORDS[language].items()}
    sentences = []
    for positive in rng.permutation(np.arange(4) < stars - 1):
        negate = rng.random() < 0.2
        side = "positive" if positive != negate else "negative"
        template = NEGATED[language] if negate else rng.choice(TEMPLATES[language])
        noun, word = rng.choice(words[topic]), rng.choice(words[side])
        sentences.append(str(template).format(noun=noun, word=word))
    return END_TO_END[language].join(sentences)


def reviews(seed: int, n: int, language: str = "en") -> tuple[list[str], list[str], list[int]]:
    """Texts, topics and stars."""
    rng = np.random.default_rng(seed)
    topics = [TOPICS[i] for i in rng.integers(3, size=n)]
    stars = [int(s) for s in rng.integers(1, 6, size=n)]
    rows = zip(topics, stars, strict=True)
    return [review(rng, language, topic, star) for topic, star in rows], topics, stars


def two_classes(seed: int, n: int, language: str = "en") -> Lesson:
    """As many negative texts as positive ones, in turn."""
    rng = np.random.default_rng(seed)
    stars = [(2, 4)[i % 2] if i % 4 < 2 else (1, 5)[i % 2] for i in range(n)]
    texts = [review(rng, language, TOPICS[i % 3], star) for i, star in enumerate(stars)]
    return texts, ["positive" if star > 3 else "negative" for star in stars]


def lessons() -> dict[str, Lesson]:
    """Labelled texts by the name of the lesson."""
    texts, topics, stars = reviews(10, 60)
    skewed = two_classes(11, 40)
    kept = [i for i in range(40) if i % 2 or i < 12]  # 6 negative, 20 positive
    return {
        "eight": two_classes(1, 8),
        "sixty": two_classes(2, 60),
        "many": two_classes(3, 320),
        "topics": (texts, topics),
        "stars": (texts, [str(star) for star in stars]),
        "skewed": ([skewed[0][i] for i in kept], [skewed[1][i] for i in kept]),
        "chinese": two_classes(5, 8, "zh"),
    }


def models(vectors: WordVectors, chinese: WordVectors) -> dict[str, SentimentClassifier]:
    """A fitted model of every kind."""
    unlabelled, taught = reviews(0, 400)[0], lessons()
    short = Training(epochs=40, learning_rate=0.02, weight_decay=1.0, validation_fraction=0.0)

    def fitted(lesson: str | None, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
        model = SentimentClassifier(vectors=vectors, **settings).pretrain(unlabelled)
        return model if lesson is None else model.fit(*taught[lesson])

    def default(**settings: Any) -> PolarityClassifier:  # noqa: ANN401
        return PolarityClassifier(**settings)

    def joint(encoder: object, lesson: str = "sixty") -> SentimentClassifier:
        return fitted(lesson, encoder=encoder, head=HiddenLayerClassifier(6, training=short))

    adapted = fitted("eight").adapt(two_classes(6, 60)[0], prevalence=0.7)
    seeds = (["good", "great", "lovely"], ["bad", "awful", "dull"])
    return {
        "default-0": fitted(None),
        "default-8": fitted("eight"),
        "default-many": fitted("many"),
        "default-topics": fitted("topics"),
        "default-stars": fitted("stars", ordered=list("12345")),
        "default-balanced": fitted("skewed", head=default(class_weight="balanced")),
        "default-seeds": fitted("eight", seeds=seeds),
        "default-taught": fitted("sixty", seeds=None),
        "default-prevalence": fitted("eight", prevalence=0.3),
        "default-adapted": adapted.fit(*taught["eight"]),
        "default-only-labels": SentimentClassifier(vectors=vectors).fit(*taught["sixty"]),
        "default-zh": SentimentClassifier("zh", vectors=chinese)
        .pretrain(reviews(0, 300, "zh")[0])
        .fit(*taught["chinese"]),
        "averaging": joint(AveragingEncoder(vectors)),
        "averaging-only-labels": SentimentClassifier(
            vectors=vectors, head=HiddenLayerClassifier(6, activation="tanh", training=short)
        ).fit(*taught["sixty"]),
        "logistic-2": fitted("sixty", head=LogisticRegression()),
        "logistic-3": fitted("topics", head=LogisticRegression()),
        "svm-2": fitted("sixty", head=LinearSVC(random_state=0)),
        "svm-3": fitted("topics", head=LinearSVC(random_state=0)),
        "tuned-averaging": joint(TunedAveragingEncoder()),
        "lstm-max": joint(LSTMEncoder(units=5, pooling="max")),
        "lstm-mean": joint(LSTMEncoder(units=5, pooling="mean", bidirectional=False), "topics"),
        "lstm-last": joint(LSTMEncoder(units=5, pooling="last", max_tokens=24)),
    }  # fmt: skip


def rounded(values: Any) -> Any:  # noqa: ANN401  (arrays of any shape, as lists)
    return np.round(np.asarray(values, dtype=np.float64), DIGITS).tolist()


def answers(model: SentimentClassifier) -> dict[str, Any]:
    """What a model says to the texts of its language."""
    asked = list(ASKED[model.language])
    found: dict[str, Any] = {
        "language": model.language,
        "classes": model.classes_.tolist(),
        "predict_proba": rounded(model.predict_proba(asked)),
        "coverage": rounded(model.coverage(asked)),
        "explain": [explained(model, text) for text in EXPLAINED[model.language]],
    }
    if getattr(model.encoder_, "polarity_", None) is not None:
        found["polarity"] = {
            word: round(model.polarity(word), DIGITS)
            for word in POLAR[model.language]
            if word in model.vectors_
        }
    return found


def explained(model: SentimentClassifier, text: str) -> dict[str, Any]:
    found = model.explain(text)
    shares = [share for _, share in found.pieces if abs(share) > SHARE_SHOWN]
    return {
        "text": text,
        "label": found.label,
        "probability": round(found.probability, DIGITS),
        "contributions": rounded(shares),
        "bias": round(found.bias, DIGITS),
    }


def write_models(folder: Path, vectors: WordVectors, chinese: WordVectors) -> dict[str, Any]:
    """Save every model, and return what the saved files say."""
    made = models(vectors, chinese)
    saved: dict[str, Callable[[Path], None]] = {name: made[name].save for name in made}
    for dtype in ("float16", "int8"):
        saved[f"default-8-{dtype}"] = lambda path, d=dtype: made["default-8"].save(path, dtype=d)  # type: ignore[misc]
    found = {}
    for name, save in saved.items():
        path = folder / f"{name}.safetensors"
        save(path)
        found[name] = answers(load(path))  # type: ignore[arg-type]
    return found


def write_vectors(folder: Path, vectors: WordVectors) -> dict[str, Any]:
    """Save word vectors in each precision, and the matrices that come back."""
    matrices = {}
    for dtype in ("float32", "float16", "int8"):
        path = folder / f"words-{dtype}.safetensors"
        vectors.save(path, dtype=dtype)
        matrices[dtype] = WordVectors.load(path).matrix
    np.savez_compressed(folder / "words.npz", **matrices)  # type: ignore[arg-type]
    return {"words": list(vectors.words), "counts": vectors.counts.tolist()}


def refitted(folder: Path) -> dict[str, Any]:
    """What the model without a label says after lessons of its own."""
    asked, found = list(ASKED["en"]), {}
    for name, (texts, labels) in lessons().items():
        if name != "chinese":
            model = load(folder / "default-0.safetensors").fit(texts, labels)  # type: ignore[union-attr]
            found[name] = {
                "texts": texts,
                "labels": labels,
                "predict_proba": rounded(model.predict_proba(asked)),
            }
    return found


def shipped(folder: Path) -> dict[str, Any]:
    """What the models say that ship with the package, without a label and with eight."""
    lines = (folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    found = {}
    for name, lesson in (("reviews-en", "eight"), ("reviews-zh", "chinese")):
        model: Any = load(name)
        said = {
            "classes": model.classes_.tolist(),
            "predict_proba": rounded(model.predict_proba(texts)),
            "coverage": rounded(model.coverage(texts)),
            "explain": [explained(model, text) for text in EXPLAINED[model.language]],
        }
        taught, labels = lessons()[lesson]
        model.fit(taught, labels)
        refit = {"texts": taught, "labels": labels}
        found[name] = said | {
            "refitted": refit | {"predict_proba": rounded(model.predict_proba(texts))}
        }
    return found


def phrases(_: Path) -> dict[str, Any]:
    """What the shipped models say to every sixth probe of the development half."""
    found = {}
    for language in ("en", "zh"):
        path = ROOT / "corpora" / "phrases" / f"{language}-development.csv"
        texts = pd.read_csv(path, keep_default_na=False)["text"].tolist()[::6]
        model: Any = load(f"reviews-{language}")
        found[f"reviews-{language}"] = {
            "texts": texts,
            "predict_proba": rounded(model.predict_proba(texts)),
            "explain": [explained(model, text) for text in PHRASES[language]],
        }
    return found


def learnt(folder: Path) -> dict[str, Any]:
    """What models fitted now say, over the vectors and texts of golden files."""
    written = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    vectors = WordVectors.load(folder / "words-float32.safetensors")
    vocabulary = Vocabulary(vectors.words, vectors.counts * 1_000)  # of much text
    vectors = WordVectors(vocabulary, vectors.matrix, vectors.tokenizer)
    found = {}
    for name, (lesson, settings) in LEARNT.items():
        model = SentimentClassifier(vectors=vectors, **settings)
        if name != "default-only-labels":
            model.pretrain(written["unlabelled"])
        model.fit(*written["lessons"][lesson])
        found[name] = {"predict_proba": rounded(model.predict_proba(written["asked"]["en"]))}
    return {"models": found}


def letters(texts: Sequence[str]) -> NDArray[np.float32]:
    """A sentence encoder that counts the letters a to z, float32 ``(n, 26)``."""
    codes = np.arange(ord("a"), ord("z") + 1)
    counts = [np.bincount([*map(ord, text.lower())] or [0], minlength=128)[codes] for text in texts]
    return np.array(counts, np.float32)


def sentence_encoder(folder: Path, new: Path) -> None:
    """Write a model with a sentence encoder over the vectors and texts of golden files."""
    written = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    vectors = WordVectors.load(folder / "words-float32.safetensors")
    seeds = LEARNT["default-seeds"][1]["seeds"]  # the grammar of the language's seeds may change
    model = SentimentClassifier(vectors=vectors, seeds=seeds, sentence_encoder=letters)
    model.pretrain(written["unlabelled"]).fit(*written["lessons"]["sixty"])
    model.save(new / "model.safetensors")
    texts = written["asked"]["en"]
    explanations = [model.explain(text) for text in texts[:8]]
    answers = {
        "predict_proba": rounded(model.predict_proba(texts)),
        "sentence": rounded([explanation.sentence for explanation in explanations]),
        "bias": rounded([explanation.bias for explanation in explanations]),
    }
    write_json(new / "answers.json", {"asked": texts, **answers})


def write_other_labels(folder: Path, golden: Path) -> None:
    """Write a model with a score that labels of other texts taught, and its answers."""
    written = json.loads((golden / "answers.json").read_text(encoding="utf-8"))
    vectors = WordVectors.load(golden / "words-float32.safetensors")
    seeds = LEARNT["default-seeds"][1]["seeds"]  # the grammar of the language's seeds may change
    model = SentimentClassifier(vectors=vectors, seeds=seeds).pretrain(written["unlabelled"])
    sides = (("positive", 1.0), ("negative", -1.0), ("hotel", 0.5))
    weights = {word: sign for side, sign in sides for word in WORDS["en"][side].split()}
    grams = {gram_number(word): weight for word, weight in weights.items()}
    grams |= {gram_number("the"): 0.0, gram_number("the", "room"): -2.0}
    numbers = np.array(sorted(grams), np.uint64)
    values = np.array([grams[number] for number in sorted(grams)], np.float16)
    taught = TaughtPolarity(numbers, values, (TaughtSource("golden", 20, 21),))
    encoder = model.encoder_.with_taught(taught, written["unlabelled"])
    model = SentimentClassifier.from_stages(replace(model.stages_, encoder=encoder))
    model.fit(*written["lessons"]["eight"]).save(folder / "other-labels.safetensors")
    found = answers(load(folder / "other-labels.safetensors"))  # type: ignore[arg-type]
    write_json(folder / "answers.json", found)


def write_json(path: Path, content: object) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--learnt", type=Path, help="new folder of what models learn now")
    parser.add_argument("--shipped", action="store_true", help="answers of shipped models alone")
    parser.add_argument("--sentence-encoder", type=Path, help="new folder of a model with one")

    parser.add_argument("--other-labels", type=Path, help="new folder of a model taught by others")
    options = parser.parse_args()
    folder: Path = options.folder
    if options.other_labels is not None:
        options.other_labels.mkdir()
        write_other_labels(options.other_labels, folder)
        return
    if options.shipped:
        for name, answers in (("shipped.json", shipped), ("phrases.json", phrases)):
            if (folder / name).exists():
                parser.exit(2, f"{folder / name} is there; delete it first\n")
            write_json(folder / name, answers(folder))
        return
    if options.learnt is not None:
        options.learnt.mkdir()
        write_json(options.learnt / "answers.json", learnt(folder))
        return
    if options.sentence_encoder is not None:
        options.sentence_encoder.mkdir()
        sentence_encoder(folder, options.sentence_encoder)
        return
    if (folder / "answers.json").exists() or (folder / "shipped.json").exists():
        parser.exit(2, f"{folder} holds golden files; they are never overwritten\n")
    settings: dict[str, Any] = {"vector_size": 12, "epochs": 20, "min_count": 2}
    vectors = SkipGram(**settings).fit(reviews(0, 400)[0]).vectors_
    chinese = SkipGram(**settings, tokenizer="zh").fit(reviews(0, 300, "zh")[0]).vectors_
    content = {
        "asked": ASKED,
        "models": write_models(folder, vectors, chinese),
        "refitted": refitted(folder),
        "unlabelled": reviews(0, 400)[0],
        "lessons": {name: lessons()[name] for name in ("eight", "sixty")},
        "words": write_vectors(folder, vectors),
    }
    write_json(folder / "answers.json", content)
    write_json(folder / "shipped.json", shipped(folder))


if __name__ == "__main__":
    main()

"""Build the bank: the classifiers that ship inside the package.

The general member of a language learns from all real corpora, the others from those of one kind:
skip-gram on the pools (never a test text); rare words are left out, the difference between two
domains is weakened in general English, and vectors are stored in 8 bits. The labels of all pools
then give the weights of words and pairs (`scripts.bank.teaching`). The accuracy on the card is that
of the same recipe without the development texts: a quarter of each pool, at least 500 and at most
3,000 texts.

    python -m scripts.bank.build             all files, and their accuracy
    python -m scripts.bank.build --variants  the accuracy of other sizes and settings, no file
    python -m scripts.bank.build --coverage  the usual coverage, entered in files that stay the same
    python -m scripts.bank.build --teach     what labels teach, likewise
"""

from __future__ import annotations

import argparse
import re
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.bank.plans import PLANS, VARIANTS, Plan
from scripts.bank.teaching import lessons_of, teach, two_classes
from scripts.corpora import TERMS, read_set, rows_of
from scripts.reports import RESULTS, ROOT, markdown_table
from sentiment_transfer import SentimentClassifier, SkipGram, WordVectors, load
from sentiment_transfer.corpus import Labelled, find_overlap, split_by_text
from sentiment_transfer.experiments.statistics import accuracy, macro_f1
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.pretraining.precision import compress, restore
from sentiment_transfer.storage import load_file, save_file
from sentiment_transfer.text import Vocabulary
from sentiment_transfer.text.bag_of_words import distinct_counts, mean_of_texts
from sentiment_transfer.text.grams import GramFrequencies
from sentiment_transfer.text.vocabulary import chunks, select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds

BANK = ROOT / "sentiment_transfer" / "pretraining" / "bank"
NOTE = (
    "Statistics of the texts: no text is contained. Every word, and every word or pair of words "
    "whose frequency or weight is stored under a hash, stands in at least {n} different texts, so "
    "that what only a few people wrote, such as a name or an address, is not in it."
)
ACCURACY_NOTE = (
    "in %, of the same recipe trained without these development texts; 8 labels: 20 draws"
)
NOT_A_WORD = re.compile(r"\d{5}|@|https?|www")
"""What may be a telephone number or an address, however often it occurs."""


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts to pretrain on with the source of each, and development texts of each source.

    ``barred`` texts are kept out of the lessons.
    """

    texts: list[str]
    source: NDArray[np.str_]
    development: dict[str, Labelled]
    barred: list[str] = field(default_factory=list)


def read_texts_of(sources: tuple[str, ...], *, hold_out: bool, barred: Sequence[str] = ()) -> Texts:
    """Read pools; leave out what repeats itself, a test text or a development text held out.

    ``barred`` texts are left out as well.
    """
    texts: list[str] = []
    source: list[str] = []
    barred = list(barred)
    development = {}
    for name in sources:
        pool, unlabelled, test = read_set(name)
        held = held_out_of(name)
        development[name] = two_classes(held)
        barred += test.texts + (held.texts if hold_out else [])
        usable = pool.texts + unlabelled
        texts += usable
        source += [name] * len(usable)
    wholes = {name.partition("/")[0] for name in sources if "/" in name}
    barred += [text for name in sorted(wholes) for text in read_set(name).test.texts]
    kept = np.ones(len(texts), dtype=bool)
    kept[find_overlap(texts, barred)[:, 0]] = False
    itself, first = find_overlap(texts, texts).T
    kept[itself[itself != first]] = False
    rows = np.flatnonzero(kept)
    return Texts([texts[i] for i in rows], np.array(source)[rows], development, barred)


def held_out_of(name: str) -> Labelled:
    """Return the development texts of a set: a quarter of its pool, 500 to 3,000 texts.

    Those of ``"amazon/books"`` are the books among those of ``"amazon"``.
    """
    whole, _, domain = name.partition("/")
    pool = read_set(whole).pool
    size = min(len(pool), max(500, min(3000, len(pool) // 4)))
    _, held = split_by_text(pool.texts, pool.labels, fractions=(len(pool) - size, size), seed=1)
    if not domain:
        return rows_of(pool, held)
    inside = set(read_set(name).pool.texts)
    return rows_of(pool, np.array([i for i in held if pool.texts[i] in inside]))


def texts_with(corpus: TokenIds, n_words: int) -> NDArray[np.int64]:
    """Number of texts with each word."""
    return sum(
        (
            np.bincount(distinct_counts(piece, n_words).indices, minlength=n_words)
            for piece in chunks(corpus)
        ),
        np.zeros(n_words, np.int64),
    )


def kept_words(vectors: WordVectors, corpus: TokenIds, plan: Plan) -> NDArray[np.intp]:
    """Ids of the most frequent words that enough texts hold."""
    enough = texts_with(corpus, len(vectors)) >= plan.min_texts
    plain = np.array([not NOT_A_WORD.search(word) for word in vectors.words])
    return np.flatnonzero(enough & plain)[: plan.max_words]


def weaken(
    matrix: NDArray[np.float32], first: TokenIds, second: TokenIds, share: float
) -> NDArray[np.float32]:
    """Remove a share of the difference between two domains.

    ``v - share (v . u) u`` with ``u`` the unit difference of the domains' mean texts. The rest of
    the difference is needed: it is not all about the domain.
    """
    difference = mean_of_texts(second, matrix, None) - mean_of_texts(first, matrix, None)
    u = difference / np.linalg.norm(difference)
    return (matrix - share * np.outer(matrix @ u, u)).astype(np.float32)


def finish(plan: Plan, skipgram: SkipGram, texts: Texts) -> SentimentClassifier:
    """From trained vectors to the classifier, its vectors as they will be read from the file."""
    vectors, corpus = skipgram.vectors_, skipgram.corpus_
    matrix = vectors.matrix
    if plan.domains:
        first, second = (
            select(corpus, np.flatnonzero(texts.source == name)) for name in plan.domains
        )
        matrix = weaken(matrix, first, second, plan.domain_share)
    kept = kept_words(vectors, corpus, plan)
    small = WordVectors(
        Vocabulary(tuple(vectors.words[i] for i in kept), vectors.counts[kept]),
        restore(compress(matrix[kept], plan.dtype)),
        vectors.tokenizer,
        vectors.metadata,
    )
    model = SentimentClassifier(plan.language, vectors=small).pretrain(texts.texts)
    model.encoder_.frequencies_ = without_rare(model.encoder_.frequencies_, plan.min_texts)
    return taught(plan, model.fit_encoded(model.encode([]), []), texts)


def taught(plan: Plan, model: SentimentClassifier, texts: Texts) -> SentimentClassifier:
    """The model with what the labels of the plan's teachers teach, weighted on its texts."""
    encoder, lessons = model.encoder_, lessons_of(plan.teachers, texts.barred)
    if not lessons:
        return model
    learnt = teach(encoder, lessons, plan.min_texts)
    n = len(texts.texts)
    chosen = np.random.default_rng(0).choice(n, min(n, SAMPLE_TEXTS), replace=False)
    encoder = encoder.with_taught(learnt, [texts.texts[i] for i in np.sort(chosen)])
    return SentimentClassifier.from_stages(replace(model.stages_, encoder=encoder))


def without_rare(frequencies: GramFrequencies, min_texts: int) -> GramFrequencies:
    """Leave out words and pairs that occur in few of the texts counted."""
    kept = frequencies.counts >= min_texts
    return GramFrequencies(frequencies.numbers[kept], frequencies.counts[kept], frequencies.n_texts)


def train(plan: Plan, texts: Texts) -> SkipGram:
    return SkipGram(
        plan.vector_size,
        epochs=plan.epochs,
        min_count=5,
        workers=2,
        tokenizer=plan.language,
    ).fit(texts.texts)


def measure(
    model: SentimentClassifier, development: dict[str, Labelled], draws: int = 20
) -> dict[str, dict[str, float]]:
    """Accuracy in % without a label and with 8, drawn at random from the development texts.

    And macro-F1, which shows more where most texts are of one class.
    """
    figures = {}
    for name, held in development.items():
        encoded, labels = model.encode(held.texts), np.array(held.labels)
        rng = np.random.default_rng(0)
        few: list[float] = []
        f1: list[float] = []
        while len(few) < draws:
            rows = rng.permutation(len(labels))
            if len(set(labels[rows[:8]])) < 2:
                continue
            other = copy(model).fit_encoded(encoded[rows[:8]], labels[rows[:8]])
            answers = other.predict_encoded(encoded[rows[8:]])
            few.append(100 * accuracy(labels[rows[8:]], answers))
            f1.append(100 * macro_f1(labels[rows[8:]], answers))
        answers = model.predict_encoded(encoded)
        figures[name] = {
            "development_texts": len(labels),
            "no_label": round(100 * accuracy(labels, answers), 1),
            "8_labels": round(float(np.mean(few)), 1),
            "8_labels_sd": round(float(np.std(few)), 1),
            "8_labels_worst": round(min(few), 1),
            "no_label_macro_f1": round(100 * macro_f1(labels, answers), 1),
            "8_labels_macro_f1": round(float(np.mean(f1)), 1),
        }
    return figures


def measure_held_out(plan: Plan) -> dict[str, dict[str, float]]:
    """Accuracy of the same recipe without the development texts."""
    texts = read_texts_of(plan.sources, hold_out=True)
    return measure(finish(plan, train(plan, texts), texts), texts.development)


def settings_of(plan: Plan) -> dict[str, Any]:
    """Return the settings of a plan as values for JSON."""
    settings = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(plan).items()}
    del settings["kind"]
    return settings


def terms_of(name: str) -> str:
    """Return the terms of a set, or of a domain of one."""
    return TERMS[name.partition("/")[0]]


def card(plan: Plan, texts: Texts, figures: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Tell where a file comes from and how good it is."""
    return {
        "bank": plan.name,
        "built": datetime.now(UTC).date().isoformat(),
        "sources": [
            {"name": name, "texts": int(np.sum(texts.source == name)), "terms": terms_of(name)}
            for name in plan.sources
        ],
        "kind": plan.kind,
        "settings": settings_of(plan),
        "accuracy": figures,
        "accuracy_note": f"{ACCURACY_NOTE}; the labels of other texts of these sets taught it",
        "teachers": [{"name": name, "terms": TERMS[name]} for name in plan.teachers],
        "note": NOTE.format(n=plan.min_texts),
    }


def build(plan: Plan) -> str:
    """Measure, then build from all of the pool and save; return a table."""
    figures = measure_held_out(plan)
    texts = read_texts_of(plan.sources, hold_out=False)
    model = finish(plan, train(plan, texts), texts)
    path = BANK / f"{plan.name}.safetensors"
    model.save(path, dtype=plan.dtype)
    coverage = {"coverage": usual_coverage(model.vectors_, texts.texts)}
    facts = enter(path, coverage | card(plan, texts, figures))
    size = path.stat().st_size / 1e6
    lines = [
        f"## {plan.name}\n",
        (
            f"{len(texts.texts):,} texts, {facts['tokens']:,} tokens; "
            f"{len(model.vectors_):,} words, {plan.vector_size} dimensions, {plan.dtype}: "
            f"{size:.2f} MB.\n"
        ),
    ]
    rows = []
    for name, f in figures.items():
        few = f"{f['8_labels']} ± {f['8_labels_sd']} ({f['8_labels_worst']})"
        both = f"{f['no_label_macro_f1']} / {f['8_labels_macro_f1']}"
        rows.append([name, f["development_texts"], f["no_label"], few, both])
    header = ["set", "texts", "no label", "8 labels, mean ± sd (worst)", "macro-F1"]
    return "\n".join([*lines, *markdown_table(header, rows)])


def usual_coverage(vectors: WordVectors, texts: list[str]) -> float:
    """Mean share of the words of a text of the pool that have a vector."""
    return round(float(vectors.coverage(texts).mean()), 4)


def enter_coverage(plan: Plan) -> float:
    """Enter the usual coverage in a file of the bank, which stays as it is otherwise."""
    path = BANK / f"{plan.name}.safetensors"
    texts = read_texts_of(plan.sources, hold_out=False).texts
    model = load(path)
    assert isinstance(model, SentimentClassifier)  # noqa: S101
    coverage = usual_coverage(model.vectors_, texts)
    enter(path, {"coverage": coverage})
    return coverage


def enter_taught(plan: Plan) -> str:
    """Enter what labels teach in a file of the bank, which stays as it is otherwise."""
    path = BANK / f"{plan.name}.safetensors"
    texts = read_texts_of(plan.sources, hold_out=False)
    model = load(path)
    assert isinstance(model, SentimentClassifier)  # noqa: S101
    made = taught(plan, model, texts)
    made.save(path, dtype=plan.dtype)
    card = made.vectors_.metadata
    facts = {
        "coverage": card["coverage"],
        "settings": card["settings"] | {"teachers": list(plan.teachers)},
        "accuracy_note": f"{ACCURACY_NOTE}, and before labels taught it",
        "teachers": [{"name": name, "terms": TERMS[name]} for name in plan.teachers],
    }
    enter(path, facts)
    polarity = made.encoder_.polarity_
    return f"correlation {polarity.taught_correlation:.3f}, {path.stat().st_size / 1e6:.2f} MB"


def enter(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Enter facts about the training of the vectors in a model file, and return all there are.

    ``facts`` has the usual coverage. The texts that the vectors were trained on are those that the
    model was fitted on, so it is not called adapted.
    """
    stored = load_file(path)
    stored.manifest["trained_on"] |= {"adaptation_texts": 0, "coverage": facts["coverage"]}
    training: dict[str, Any] = stored.manifest["vectors"]["training"]
    training |= facts
    save_file(path, stored.kind, stored.manifest, stored.tensors)
    return training


def compare_variants(plan: Plan) -> str:
    """Accuracy and size of every variant; vectors that differ in their ending are trained once."""
    everything = read_texts_of(plan.sources, hold_out=True)
    trained: dict[tuple[object, ...], SkipGram] = {}
    rows = []
    for changes in VARIANTS[plan.name]:
        variant = replace(plan, **changes)
        used = np.flatnonzero(np.isin(everything.source, variant.sources))
        some = [everything.texts[i] for i in used]
        texts = Texts(some, everything.source[used], {}, everything.barred)
        key = (variant.sources, variant.vector_size, variant.epochs)
        trained[key] = trained.get(key) or train(variant, texts)
        model = finish(variant, trained[key], texts)
        figures = measure(model, everything.development)
        _, tensors = model.vectors_.state(variant.dtype)
        size = sum(t.nbytes for t in tensors.values()) + 8 * len(model.vectors_)
        cells = [f"{f['no_label']} / {f['8_labels']}" for f in figures.values()]
        kinds = ("no_label", "8_labels")
        means = [np.mean([f[k] for f in figures.values()]) for k in kinds]
        name = ", ".join(f"{k}={v}" for k, v in changes.items()) or "as shipped"
        row = [name, f"{len(model.vectors_):,}", f"{size / 1e6:.2f}", *cells]
        f1 = [np.mean([f[f"{k}_macro_f1"] for f in figures.values()]) for k in kinds]
        rows.append([*row, f"{means[0]:.1f} / {means[1]:.1f}", f"{f1[0]:.1f} / {f1[1]:.1f}"])
        print(*rows[-1], sep=" | ", flush=True)
    header = ["variant", "words", "MB", *everything.development, "mean", "macro-F1"]
    return "\n".join([f"## {plan.name}: variants", "", *markdown_table(header, rows)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    one = parser.add_mutually_exclusive_group()
    for name in ("--variants", "--coverage", "--teach"):
        one.add_argument(name, action="store_true")
    parser.add_argument("--only", choices=[plan.name for plan in PLANS])
    options = parser.parse_args()
    work = compare_variants if options.variants else build
    for plan in PLANS:
        if options.only in (None, plan.name) and options.coverage:
            print(plan.name, enter_coverage(plan), flush=True)
        elif options.only in (None, plan.name) and options.teach:
            print(plan.name, enter_taught(plan), flush=True)
        elif options.only in (None, plan.name):
            report = work(plan)
            what = "variants" if options.variants else "bank"
            (RESULTS / f"{what}-{plan.name}.md").write_text(report + "\n", encoding="utf-8")
            print(report, flush=True)


if __name__ == "__main__":
    main()

"""Write the cards of the shipped models: what their files hold, and where phrases are misread.

python -m scripts.bank.cards
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from scripts.bank.build import BANK
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.pretraining.bank import bank_names, general_name, is_shipped, language_of

if TYPE_CHECKING:
    from sentiment_transfer.model.card import ModelCard

WORST = 6
"""Forms of phrases that a card lists."""
FAILURES = (
    "Test sentences whose sentiment a form of words decides, answered without any label: the forms "
    "with the lowest accuracy of {n}, with the 95 % interval (Wilson) and the mean probability of "
    "the wrong answers, at best 0.5:\n\n"
)


def phrases_misread(language: str) -> str:
    """Return the forms of phrases that the general model of a language misreads most."""
    phrases = pd.read_csv(RESULTS / "phrases.csv")
    rows = phrases[(phrases["language"] == language) & (phrases["half"] == "test")]
    rows = rows[(rows["arm"] == "this package") & (rows["form"] != "all forms")]
    if rows.empty:
        return ""
    worst = rows.sort_values(["accuracy", "form"]).head(WORST)
    lines = [
        [
            row["form"],
            f"{row['negative'] + row['positive']}",
            f"{row['accuracy']:.0f} [{row['low']:.0f}, {row['high']:.0f}]",
            f"{row['sure_when_wrong']:.2f}",
        ]
        for _, row in worst.iterrows()
    ]
    header = ["form", "sentences", "right %", "sure when wrong"]
    return FAILURES.format(n=len(rows)) + "\n".join(markdown_table(header, lines))


def shipped_card(name: str) -> ModelCard:
    """Return the card of a shipped model; forms of phrases were measured for general ones."""
    model = load(name)
    if not isinstance(model, SentimentClassifier):
        raise TypeError(f"{name} holds word vectors alone")
    card = model.card(name=name).loaded_from(name)
    failures = phrases_misread(language_of(name)) if name == general_name(language_of(name)) else ""
    sections = dict(card.sections)
    sizes = sections.pop("Sizes")
    if failures:
        sections["Where it fails"] = failures
    return replace(card, sections=sections | {"Sizes": sizes})


def main() -> None:
    for name in filter(is_shipped, bank_names()):
        (BANK / f"{name}.md").write_text(str(shipped_card(name)), encoding="utf-8")
        print(BANK / f"{name}.md")


if __name__ == "__main__":
    main()

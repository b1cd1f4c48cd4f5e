"""
Measure before you trust
========================

A model answers every text, right or wrong. This lesson finds out how often it is right, how sure
that figure is, whether its probabilities can be believed, and what kind of text it gets wrong.
"""

from pathlib import Path

from sentiment_transfer import load, read_labelled
from sentiment_transfer.experiments import evaluate

corpora = Path("../../corpora")
model = load("reviews-en")

# %%
# Accuracy, with its interval
# ---------------------------
#
# Give ``evaluate`` labelled texts that the model has not learnt from.

held_out = read_labelled(corpora / "movies72" / "held_out.csv")
found = evaluate(model, held_out)
print(found)

# %%
# Four parts are worth reading.
#
# - *95 % interval*: with 220 texts, accuracy is known to about five points on either side. Two
#   models that differ by two points cannot be told apart by them.
# - *majority*: what you get by always giving the same answer. If the accuracy is not far above it,
#   the model is of no use.
# - *calibration*: how far the probabilities are from the shares of right answers, beside what
#   chance alone would show.
# - *most confident texts*: how accurate it is if you leave the doubtful texts to a person.
#
# What it gets wrong
# ------------------
#
# ``errors`` has the wrong ones, the most confident first. Read them: a pattern here says more than
# the figure above.

for error in found.errors.head(5).itertuples():
    print(f"{error.label:9} {error.text}")

# %%
# Irony, and words that count only together. Is that so in general? ``corpora/phrases`` has 332
# sentences to test with, each of a form: a fault denied, a wish, a comparison.

phrases = read_labelled(corpora / "phrases" / "en-test.csv")
by_form = evaluate(model, phrases)
print(f"{by_form.accuracy:.1%} of {len(phrases.texts)}")

# %%
# By form, the worst first:

import pandas as pd

table = pd.read_csv(corpora / "phrases" / "en-test.csv")
table["right"] = model.predict(table.text) == table.label
table.groupby("form").right.agg(["mean", "size"]).sort_values("mean").round(2).head(6)

# %%
# About fifteen sentences of a form are few, so a single row is rough. If your texts are full of one
# of these forms, take them seriously: :doc:`/explanation/when-not-to-use-this`.
#
# Without texts to spare
# ----------------------
#
# If all your labels are needed for fitting, cross-validation measures with them: every text is
# predicted by a model that was fitted without it.

print(str(evaluate(model, held_out, folds=5)).partition("\n\n")[0])

# %%
# On the command line the same is
#
# .. code-block:: sh
#
#    sentiment-transfer evaluate reviews-en corpora/movies72/held_out.csv
#
# Next: :doc:`4_stars_and_neutral`, or :doc:`/how-to/compare` to compare two ways on the same texts.

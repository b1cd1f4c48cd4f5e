"""
Eight labels of your own
========================

You labelled eight reviews. What do they change? Less than you may think with this package, and more
than you may think without it. This lesson fits eight labels, and measures what labels are worth on
the same texts with and without pretraining.
"""

from pathlib import Path

from sentiment_transfer import SentimentClassifier, compare, load, read_labelled, read_texts

corpora = Path("../../corpora/movies72")

# %%
# Eight labelled sentences, half of them positive:

few = read_labelled(corpora / "labelled.csv")
for text, label in zip(few.texts, few.labels, strict=True):
    print(f"{label:9} {text}")

# %%
# Fit them
# --------
#
# ``fit`` keeps what the shipped model knows and refines it by the labels. The order matters: first
# ``adapt``, which discards labels, then ``fit``.

model = load("reviews-en")
model.adapt(read_texts(corpora / "unlabelled.txt"))
model.fit(few.texts, few.labels)
model

# %%
# The labels are yours: whatever names you use are those that it predicts.

codes = [1 if label == "positive" else 0 for label in few.labels]
SentimentClassifier(vectors="reviews-en").fit(few.texts, codes).predict(["Brilliant.", "Dreadful."])

# %%
# What were they worth?
# ---------------------
#
# A single accuracy after eight labels is luck: other eight labels give another one. ``compare``
# draws labels many times, fits every arm to the same draws, and measures all of them on the same
# texts. Here half of the 220 labelled reviews are drawn from, and the other half are to measure on.

held_out = read_labelled(corpora / "held_out.csv")
half = len(held_out.texts) // 2
pool = held_out.texts[:half], held_out.labels[:half]
test = held_out.texts[half:], held_out.labels[half:]
result = compare(
    "reviews-en", pool, test, budgets=[0, 8, 50], draws=10, arms=["model", "tfidf"], callback=None
)
print(result)

# %%
# Read a row like this: the mean accuracy of ten draws, its standard deviation, and the worst draw.
# ``TF-IDF`` is logistic regression on the words of the labelled texts alone, which is what one
# would use without this package: it starts near chance, and learns with every label.
#
# The pretrained model is far ahead of it, and is best with no label at all. Most draws of eight
# labels change one to three of the 110 answers, for the worse: without labels, the model divides
# these texts where it makes the fewest errors, so that another limit between the classes can only
# add some. In one draw the model is wrong about four of the eight texts, and sure of its answers.
# It then trusts its seed words less, and loses far more; of 200 other draws, two did so. With
# fifty labels the harm is smaller, and the draws agree. So do not take labels for granted: measure
# with them first.
#
# The interval in the last column is that of the difference, over draws. It does not cover that 110
# test texts are few; the last line under the table says what that amounts to.
#
# When labels do pay
# ------------------
#
# They pay from a few hundred on, where the classes are lopsided, where words of your field mean
# something else, and where the task is not the one that seed words know.
# :doc:`/explanation/what-labels-buy` has the figures. Their best first use is to measure:
# :doc:`3_measure`.

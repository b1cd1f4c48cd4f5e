"""
A first model without labels
============================

You have reviews, and nobody has labelled any of them. This lesson predicts whether each is positive
or negative, shows why, and adapts the model to your kind of text. It needs no label and takes
seconds.

The texts are in ``corpora/movies72`` of the repository: 62 short film reviews without labels, and
220 with a label, which are used here only to see how well it went. A notebook elsewhere needs that
folder too.
"""

from pathlib import Path

from sentiment_transfer import load, read_labelled, read_texts

corpora = Path("../../corpora/movies72")

# %%
# Predict
# -------
#
# ``reviews-en`` ships with the package. It holds word vectors that were learnt from English reviews
# of films and goods, and the polarity of each word. Nothing is downloaded.

model = load("reviews-en")
texts = ["I loved every minute.", "A waste of time.", "qwertz"]
model.predict(texts)

# %%
# Three texts, three labels. But the last text is no English. ``predict_proba`` has the
# probabilities, in the order of ``classes_``, and ``coverage`` the share of a text's words that the
# model knows.

print(model.classes_)
print(model.predict_proba(texts).round(2))
print(model.coverage(texts))

# %%
# At coverage 0 a label is a guess, and the probabilities are those of a text of which nothing is
# known. A program should look at both. ``predict_or_abstain`` does it for you: it answers
# ``unsure`` where no label is probable enough.

model.predict_or_abstain([*texts, "It was long."], 0.7)

# %%
# See why
# -------
#
# ``explain`` computes what each word adds to the log odds of the label. In a notebook the result is
# shown as coloured text.

explanation = model.explain("The plot was dull, but I loved the ending.")
print(explanation)

# %%
# *Loved* and *dull* pull in opposite directions, the others matter less, and the label is a close
# call. Where does the model know that from? A list of some sixty words of each polarity, the seed
# words, was carried to all other words through the vectors:
# :doc:`/explanation/why-seed-words-work`.

model.polar_words(5)

# %%
# Adapt it to your texts
# ----------------------
#
# Your texts may be longer, shorter, or about something else. ``adapt`` reads them, without labels,
# and moves the centre of the texts and the cut between the polarities. A few hundred texts are
# enough. Here there are 62, which show how it is done, and are too few to gain anything.

unlabelled = list(read_texts(corpora / "unlabelled.txt"))
print(len(unlabelled), "texts, the first of them:", unlabelled[0][:80], "...")
model.adapt(unlabelled)

# %%
# What share of them is positive? The interval is wide, as it must be with so few texts.

print(model.estimate_prevalence(unlabelled))

# %%
# How good is it?
# ---------------
#
# Only labels can show it. The 220 reviews with labels were not read by any step above:

held_out = read_labelled(corpora / "held_out.csv")
f"{model.score(held_out.texts, held_out.labels):.1%} of {len(held_out.texts)} are right"

# %%
# That is one figure from 220 texts; :doc:`3_measure` explains how far to trust it.
#
# Keep it
# -------
#
# A model is one file, without any program in it. ``load`` reads it again.

model.save("films.safetensors")
print(load("films.safetensors").predict(["The plot was dull."]))
Path("films.safetensors").unlink()  # this lesson leaves nothing behind

# %%
# On the command line the same is
#
# .. code-block:: sh
#
#    sentiment-transfer adapt reviews-en corpora/movies72/unlabelled.txt -o films.safetensors
#    sentiment-transfer predict films.safetensors new-reviews.csv -o predicted.csv
#
# Next: :doc:`2_eight_labels`.

"""
Chinese, and how to add a language
==================================

Nine languages have a language file in the package, and some of them a model that ships with it.
This lesson uses the Chinese one, and then writes a language file for Italian, which is not among
the nine.

Chinese has no spaces between words, so it needs a word segmenter: ``pip install '.[zh]'``.
"""

import json
from pathlib import Path

from sentiment_transfer import load, read_labelled, read_texts
from sentiment_transfer.languages import available_languages
from sentiment_transfer.pretraining.bank import bank_names
from sentiment_transfer.text import Tokenizer

corpora = Path("../../corpora/movies72_zh")
print("languages:", *available_languages())
print("models:", *bank_names())

# %%
# Chinese
# -------

model = load("reviews-zh")
model.predict(["演员演得很好，我非常喜欢。", "剧情无聊，不推荐。"])

# %%
# The tokenizer finds words, and marks what a negator reaches: the 推荐 (*recommend*) after 不
# (*not*) is another word than 推荐 alone.

model.vectors_.tokenizer("剧情无聊，不推荐。")

# %%
# How good is it on reviews of films? It learnt from reviews of hotels, food deliveries and goods.

held_out = read_labelled(corpora / "held_out.csv")
print(f"{model.score(held_out.texts, held_out.labels):.1%} of {len(held_out.texts)} are right")

# %%
# On texts of the kinds that it learnt from it has 82 to 87 % (:doc:`/results/bank-reviews-zh`), so
# a good part is lost here. ``explain`` finds an example of why:

print(model.explain("这部电影太好看了"))

# %%
# In reviews of hotels, 太 is nearly always *too*: too small, too noisy. In 太好看了 it praises:
# *so* good to watch. The vectors have not seen enough of that use. Adapting helps with the subject
# and the length of texts, not with a word that has another meaning, and 62 texts are few:

model.adapt(read_texts(corpora / "unlabelled.txt"))
print(f"{model.score(held_out.texts, held_out.labels):.1%} after adapting")

# %%
# What would help are vectors of your own texts, from ten thousand reviews of films or so on:
# ``SentimentClassifier(language="zh").pretrain(texts)``.
#
# A model does not answer in a language that it has not learnt, or rather, it says that it does not
# know:

load("reviews-en").coverage(["这部电影太好看了", "A fine film."])

# %%
# Add a language
# --------------
#
# What a language needs beside texts is one JSON file. With two thousand reviews, the command
# ``language draft`` proposes one, as :doc:`/languages` shows; here it is written by hand. Seven
# parts are required: code, name, version, stop words, negators, what they reach, and seed words of
# each polarity. Here is a short one for Italian.

good = ["bello", "buono", "geniale", "ottimo", "perfetto", "piacevole", "splendido", "stupendo"]
bad = ["brutto", "deludente", "inutile", "noioso", "orribile", "pessimo", "terribile", "mai"]
italian = {
    "language": "it",
    "name": "Italian",
    "version": 1,
    "stop_words": ["il", "lo", "la", "i", "gli", "le", "un", "una", "di", "e", "che", "è"],
    "negators": {"non": "non", "mai": "mai"},
    "scope": {
        "marker": "non_",
        "window": 3,
        "intensifiers": ["molto", "troppo"],
        "contrast": ["ma", "però"],
    },
    "seeds": {
        "positive": good,
        "negative": bad,
    },
}
path = Path("it.json")
path.write_text(json.dumps(italian, ensure_ascii=False), encoding="utf-8")

# %%
# Check it before you use it. The same check is a command, ``sentiment-transfer language check
# it.json``.

from sentiment_transfer.text.language_check import check_language

for finding in check_language(italian):
    print(f"{finding.place}: {finding.message}; {finding.remedy}")

# %%
# It found a mistake: *mai* (*never*) negates what follows, so it cannot stand for a polarity
# itself.

italian["seeds"]["negative"].remove("mai")
path.write_text(json.dumps(italian, ensure_ascii=False), encoding="utf-8")
for finding in check_language(italian):
    print(f"{finding.place}: {finding.message}; {finding.remedy}")

# %%
# What remains is a note, not an error: a real file has some sixty seed words of each side. Now the
# tokenizer reads Italian: stop words are gone, the intensifier is skipped, the negated word is
# marked, and *ma* (*but*) ends the negation.

tokenizer = Tokenizer(str(path))
tokenizer("Il film non è molto bello, ma la musica è ottima")

# %%
# *Ottima* is the feminine of *ottimo*, which the list lacks: add the forms that people write. From
# here on it is as with any language:
#
# .. code-block:: sh
#
#    sentiment-transfer pretrain recensioni.csv --language it.json -o it.safetensors
#    sentiment-transfer predict it.safetensors nuove.csv
#
# The texts decide how good it gets: 1,000 is the least, and tens of thousands are better. Measure
# it with a few hundred labels (:doc:`3_measure`); for German and Spanish, whose files ship, there
# is no figure yet, and for five other languages there is: :doc:`/results/languages`. All parts of a
# file are in :doc:`/reference/language-file`.

path.unlink()

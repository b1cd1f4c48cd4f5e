"""
From notebook to a served model
===============================

You have a model in a notebook, and others are to use it. This lesson saves it with what is known
about it, serves it over HTTP, and asks it from another process. Serving needs an extra: ``pip
install '.[studio]'``.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from sentiment_transfer import load, read_labelled, read_texts

corpora = Path("../../corpora/movies72")

# %%
# The model
# ---------

few = read_labelled(corpora / "labelled.csv")
held_out = read_labelled(corpora / "held_out.csv")
model = load("reviews-en")
model.adapt(read_texts(corpora / "unlabelled.txt")).fit(few.texts, few.labels)
model.save("films.safetensors")
print(f"{Path('films.safetensors').stat().st_size / 1e6:.1f} MB")

# %%
# One file has the vectors, the classifier, the language and what it was trained on; no program, so
# it is safe to open a file of somebody else. The same model writes the same bytes. Look into it
# before you hand it on:

print(load("films.safetensors").training_summary_)

# %%
# Before others rely on it, write down how good it is. On texts that it has not seen:

print(f"{model.score(held_out.texts, held_out.labels):.1%} of {len(held_out.texts)} are right")

# %%
# The server
# ----------
#
# ``sentiment-transfer serve films.safetensors`` is all that a terminal needs. Here it is started as
# a process of this notebook, on a free port, which it prints.

command = [sys.executable, "-m", "sentiment_transfer", "serve", "films.safetensors", "--port", "0"]
server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
address = re.search(r"http://[\d.:]+", server.stderr.readline())[0]

# %%
# Any program can ask it. The answer has a label, its probability and the coverage of each text.


def ask(path, question):
    """Send JSON, and return the answer."""
    headers = {"content-type": "application/json"}
    request = Request(address + path, json.dumps(question).encode(), headers)
    with urlopen(request, timeout=20) as answer:
        return json.load(answer)


texts = ["I loved every minute.", "The plot was dull.", "qwertz"]
for text, found in zip(texts, ask("/v1/predict", {"texts": texts})["predictions"], strict=True):
    print(f"{found['label']:9} {found['probability']:.2f} {found['coverage']:.2f} {text}")

# %%
# The last one has coverage 0: your program should treat it as *unknown*.
#
# ``/v1/explain`` says which words decided, and ``/v1/model`` what is served.

explained = ask("/v1/explain", {"text": "The plot was dull."})
[(piece["piece"], round(piece["log_odds"], 2)) for piece in explained["pieces"]]

# %%
with urlopen(address + "/v1/model", timeout=20) as answer:
    card = json.load(answer)["models"][0]
print({key: card[key] for key in ("name", "language", "labels", "words", "trained_on")})

# %%
# The address is that of this machine alone. To serve others, give ``--host`` and a token, and put a
# server with TLS in front: :doc:`/how-to/deploy`. All requests and answers are in
# :doc:`/reference/http`.
#
# A new model takes the place of the old one without an end: save it under the same name, and send
# the process SIGHUP.
#
# Stop
# ----
#
# The server answers what it has begun, and ends.

server.terminate()
server.wait(timeout=20)
server.stderr.close()
Path("films.safetensors").unlink()
print("stopped")

"""Measure the studio as its page sees it: the real command, and a client on one connection.

    python -m scripts.studio.speed [--keys 40] [--large]     some minutes; adds to results/studio.md
    python -m scripts.studio.speed --report                  the page again from the same runs

A project is labelled up to 200 texts as fast as answers are acknowledged. Then keys come at random
moments, up to half a second after there is a model with the last one. ``--large`` has 100,000 texts
in place of 10,000. Runs are added to those of before: the one with the least load is reported.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.corpora import read_set
from scripts.reports import CACHE, markdown_table
from scripts.speed.measure import machine
from scripts.studio.command import Client, studio, write_texts
from scripts.studio.page import write_part

if TYPE_CHECKING:
    import subprocess

N_LABELS = 200
N_TEXTS, N_LARGE = 10_000, 100_000
LONGEST_PAUSE = 0.5
SETS = ("amazon", "imdb")
RUNS = CACHE / "studio-speed.jsonl"


def texts_of(name: str, n: int) -> tuple[list[str], dict[str, str]]:
    """Return ``n`` different texts of a set in random order, and the labels that some have."""
    source = read_set(name)
    known = [source.pool, source.test] if n > N_TEXTS else [source.pool]
    labels = {t: label for part in known for t, label in zip(part.texts, part.labels, strict=True)}
    others = dict.fromkeys(source.unlabelled) if n > N_TEXTS else {}
    listed = [*labels, *(text for text in others if text not in labels)]
    if len(listed) < n and name != "amazon":
        listed += texts_of("amazon", n - len(listed))[0]
    order = np.random.default_rng(0).permutation(len(listed))[:n]
    return [listed[i] for i in order], labels


class _Labeller:
    """Answers by the labels of the set, else by the guess, and notes how long that takes."""

    def __init__(self, client: Client, texts: list[str], labels: dict[str, str]) -> None:
        self._client, self._texts, self._labels = client, texts, labels
        self.posts: list[float] = []

    def press(self, state: Any) -> Any:  # noqa: ANN401  (JSON)
        """Answer the next text; return the state, which has another one."""
        item = state["queue"][0]
        label = self._labels.get(self._texts[item["id"] - 1]) or item["guess"]
        began = time.perf_counter()
        state = self._client.answer(item["id"], label)
        self.posts.append(1_000 * (time.perf_counter() - began))
        if not state["queue"] or state["queue"][0]["id"] == item["id"]:
            raise AssertionError("the next text is missing")
        return state


def measure(name: str, n: int, keys: int) -> dict[str, Any]:
    """Return what is measured on a set, times in milliseconds unless said otherwise."""
    texts, labels = texts_of(name, n)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.jsonl"
        write_texts(path, texts)
        arguments = path, "--project", Path(folder) / "project.sqlite"
        with studio(*arguments) as (process, client, began):
            state = client.wait()
            first = time.perf_counter() - began
            labeller = _Labeller(client, texts, labels)
            while state["project"]["n_labelled"] < N_LABELS - keys // 2:
                state = labeller.press(state)
            fast, labeller.posts = labeller.posts, []
            state = client.wait(state)
            load, used = os.getloadavg()[0], _cpu_seconds(process)
            found = _press_slowly(labeller, client, state, keys)
            found["cpu"] = 1_000 * (_cpu_seconds(process) - used) / keys
            memory = _memory(process)
    shared = {"set": name, "n": n, "first": first, "load": load, "memory": memory}
    return shared | {"fast": fast, "posts": labeller.posts} | found


def _press_slowly(labeller: _Labeller, client: Client, state: Any, keys: int) -> dict[str, Any]:  # noqa: ANN401
    rng, waited, own = np.random.default_rng(0), [], []
    for _ in range(keys):
        time.sleep(rng.uniform(0, LONGEST_PAUSE))
        began = time.perf_counter()
        state = client.wait(labeller.press(state))
        waited.append(1_000 * (time.perf_counter() - began))
        own.append(state["milliseconds"])
    return {"waited": waited, "own": own}


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


def _memory(process: subprocess.Popen[str]) -> float:
    """Return the resident megabytes of a process."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) * 1_024 / 1e6 if found else float("nan")


def page_bytes() -> int:
    """Return the bytes of all that the page loads, as it is sent."""
    from sentiment_transfer.studio.page import page_files

    found = page_files()
    notices = [path for path in found if path.endswith(".txt")]
    return sum(len(found[path]._body) for path in found if path not in notices)


def page(runs: list[dict[str, Any]]) -> str:
    """Return the part of the page: a line for each set and size, of the run with least load."""
    best: dict[tuple[str, int], dict[str, Any]] = {}
    for run in sorted(runs, key=lambda run: -run["load"]):
        best[run["set"], run["n"]] = run
    chosen = [best[key] for key in sorted(best, key=lambda key: (key[1], key[0]))]
    header = ["reviews", "texts", "key to model", "", "", "by the server", "", "next text", "", ""]
    header += ["at once", "", "CPU a key", "first text", "memory", "load"]
    names = ["", "", *["median", "p95", "most"], *["median", "p95"], *["median", "p95", "most"]]
    names += ["median", "most", "ms", "s", "MB", ""]
    rows = [names, *([run["set"], f"{run['n']:,}", *_cells(run)] for run in chosen)]
    return NOTE.format(kilobytes=page_bytes() / 1e3) + "\n".join(
        [*markdown_table(header, rows), "", *_facts(runs), ""]
    )


def _cells(run: dict[str, Any]) -> list[str]:
    times = [
        *np.quantile(run["waited"], [0.5, 0.95, 1]),
        *np.quantile(run["own"], [0.5, 0.95]),
        *np.quantile(run["posts"], [0.5, 0.95, 1]),
        *np.quantile(run["fast"], [0.5, 1]),
        run["cpu"],
    ]
    cells = [f"{each:,.0f}" for each in times]
    return [*cells, f"{run['first']:.1f}", f"{run['memory']:,.0f}", f"{run['load']:.1f}"]


def _facts(runs: list[dict[str, Any]]) -> list[str]:
    """Return the medians and 95th percentiles of all runs, and what they were measured on."""
    facts = []
    for name, n in sorted({(run["set"], run["n"]) for run in runs}):
        of = [run for run in runs if (run["set"], run["n"]) == (name, n)]
        each = [[*np.quantile(run["waited"], [0.5, 0.95]), run["load"]] for run in of]
        listed = ", ".join(f"{m:,.0f} and {p:,.0f} (load {load:.1f})" for m, p, load in each)
        facts.append(f"- {name}, {n:,}, median and p95 of every run: {listed}")
    known = {k: v for k, v in machine().items() if k in ("date", "processor", "system")}
    return [*facts, *(f"- {k}: {v}" for k, v in known.items())]


NOTE = """\
Milliseconds at 200 labels unless said otherwise. **Key to model**: from the request with an
answer until the client has the state of a model with it: all texts judged again, the next ones
chosen, estimate, history and learning curve drawn. **By the server**: the same as the page shows
it, without the way. **Next text**: the answer to the request itself, which has the next text;
**at once** the same while 180 answers come as fast as they are acknowledged. **CPU**: that of the
server for a key, with the trials of the learning curve that follow in idle time. Keys come at
random moments, up to half a second after the last model. **First text**: from the start of the
command. Load is that of the machine, 2 cores, on which other programs ran. What the page loads
has {kilobytes:.1f} kB, raw.

Targets: median 150 ms and 95th percentile 300 ms with 10,000 texts, 1 s with 100,000, first text
of 10,000 after 5 s, page 150 kB.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--large", action="store_true", help="100,000 texts")
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument(
        "--report", action="store_true", help="measure nothing, only write the page"
    )
    arguments = parser.parse_args()
    for name in () if arguments.report else arguments.sets:
        run = measure(name, N_LARGE if arguments.large else N_TEXTS, arguments.keys)
        RUNS.parent.mkdir(parents=True, exist_ok=True)
        with RUNS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(run) + "\n")
        print(name, run["n"], _cells(run), flush=True)
    runs = [json.loads(line) for line in RUNS.read_text(encoding="utf-8").splitlines()]
    write_part("speed", page(runs))


if __name__ == "__main__":
    main()

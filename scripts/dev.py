"""Everything a fresh clone needs, with the standard library alone.

    python3 scripts/dev.py demo     set up, then run the founding experiment
    python3 scripts/dev.py test     set up, then linters, types and tests
    python3 scripts/dev.py docs     set up, then build the site in docs/_build/html, from clean
    python3 scripts/dev.py release  set up, then build both archives, compare and try them
    python3 scripts/dev.py setup    make .venv and install, nothing else

What follows `test` goes to pytest: python3 scripts/dev.py test -k storage; --cov counts lines.
Tests that are marked slow run in CI, where the variable CI is set, or with -m "".
What follows `demo` goes to the demo: python3 scripts/dev.py demo --language zh
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "scripts" / "constraints.txt"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "installed"
DOCS_STAMP = VENV / "installed-docs"
DOCS = ROOT / "docs"
MADE = ("_build", "gallery", "results", "reference/api", "reference/commands", "reference/made")
"""Folders in `docs` that a build makes."""
NOTE = """\
Installing the packages, which takes some minutes and 2 GB with torch's build for the CPU. If you
see nvidia or cuda packages below, your index offers the builds for GPUs, which are larger: stop
with Ctrl-C, and run the command again with the environment variable
PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
"""


def run(*command: str | Path) -> None:
    print("$", *(str(part) for part in command), flush=True)
    finished = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


def wanted() -> str:
    """What decides which packages are installed: this Python, and a digest of what is asked for."""
    sources = (ROOT / "pyproject.toml", CONSTRAINTS)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return f"{sys.version_info.major}.{sys.version_info.minor} {digest}"


def setup() -> None:
    installed = STAMP.read_text() if STAMP.exists() else ""
    if installed == wanted():
        return
    if not PYTHON.exists() or installed.split()[:1] != wanted().split()[:1]:
        print(f"making {VENV}", flush=True)
        venv.create(VENV, with_pip=True, clear=True)
    print(NOTE, flush=True)
    run(PYTHON, "-m", "pip", "install", "--upgrade", "pip>=25.1")
    run(
        *(PYTHON, "-m", "pip", "install", "--constraint", CONSTRAINTS),
        *(
            "--group",
            "dev",
            "--editable",
            ".[advice,cluster,hub,plot,torch,ja,zh,excel,onnx,studio]",
        ),
    )
    STAMP.write_text(wanted())


def use_one_thread() -> None:
    """Let each process use one thread for linear algebra: more only wait for each other."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def demo(*arguments: str) -> None:
    run(PYTHON, ROOT / "scripts" / "movies72.py", *arguments)


def test(*arguments: str) -> None:
    run(PYTHON, "-m", "ruff", "check")
    run(PYTHON, "-m", "ruff", "format", "--check")
    run(PYTHON, "-m", "mypy")
    use_one_thread()
    workers = ("--numprocesses", "logical", "--maxprocesses", "4", "--dist", "loadfile")
    some = () if os.environ.get("CI") else ("-m", "not slow")  # a later -m takes its place
    run(PYTHON, "-m", "pytest", *workers, *some, *arguments)


def docs() -> None:
    """Build the site; any warning, and any tutorial that fails, is an error."""
    if not DOCS_STAMP.exists() or DOCS_STAMP.read_text() != wanted():
        run(PYTHON, "-m", "pip", "install", "--constraint", CONSTRAINTS, "--group", "docs")
        DOCS_STAMP.write_text(wanted())
    for name in MADE:
        shutil.rmtree(DOCS / name, ignore_errors=True)
    use_one_thread()
    strict = ("--fail-on-warning", "--keep-going", "--nitpicky", "--quiet")
    doctrees = DOCS / "_build" / "doctrees"
    run(PYTHON, "-m", "sphinx", *strict, "-d", doctrees, DOCS, DOCS / "_build" / "html")
    print(f"built {DOCS / '_build' / 'html' / 'index.html'}")


def release(*arguments: str) -> None:
    run(PYTHON, "-m", "scripts.release.archives", *arguments)


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (any Python may be asked to run this)
        sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    command, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    alone = command in ("setup", "docs")
    if command not in ("setup", "demo", "docs", "test", "release") or (arguments and alone):
        sys.exit(__doc__)
    setup()
    if command == "demo":
        demo(*arguments)
    elif command == "docs":
        docs()
    elif command == "test":
        test(*arguments)
    elif command == "release":
        release(*arguments)


if __name__ == "__main__":
    main()

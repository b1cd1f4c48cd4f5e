"""Public names are documented: parameters, what comes back, shapes, errors, and an example."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from conftest import PACKAGES
from test_docstring_examples import FOLDER_NEEDS

from sentiment_transfer import errors
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SECTION = re.compile(r"^([A-Z][A-Za-z ]+)\n-{3,}\n", re.MULTILINE)
SECTIONS = [
    *("", "Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "Notes", "Examples")
]
"""In their order; the first one is what stands before them."""
SHAPE = re.compile(r"\([^()]*\b(n_\w+|n|d|k|m|V|size|units)\b[^()]*\)")
ARRAY = re.compile(r"NDArray|ArrayLike")
RETURNS = re.compile(r"(^|; )(return|yield)", re.IGNORECASE)
LONGEST_EXAMPLE = 9

WITHOUT_EXAMPLE = {
    "serving.run": "runs until a signal comes; docs/how-to/deploy.md starts it",
    "serving.serve": "runs until a signal comes; docs/how-to/deploy.md starts it",
    "studio.run_studio": "runs until a signal comes; docs/how-to/deploy.md starts it",
}
"""Public names whose docstring has no example, with the reason."""
OF_A_FILE = ("state", "from_state")
"""Methods that take a stage apart for a model file, whose tensors docs/reference/model-file.md and
the schemas of the stages (`stored`) describe."""


class Documented(NamedTuple):
    """A public name, or a public method or property of one, with its sections."""

    name: str
    thing: Any
    owner: type | None

    @property
    def sections(self) -> dict[str, str]:
        return sections_of(inspect.getdoc(self.thing) or "")

    @property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.thing)

    @property
    def parameters(self) -> list[str]:
        return [name for name in self.signature.parameters if name not in ("self", "cls")]

    @property
    def base(self) -> Documented | None:
        """The method that it fills in for, if there is one."""
        own = self.name.rpartition(".")[2]
        for parent in self.owner.__mro__[1:-1] if self.owner else ():
            found = vars(parent).get(own)
            if found is not None:
                return Documented(f"{parent.__name__}.{own}", function_of(found), parent)
        return None


def sections_of(docstring: str) -> dict[str, str]:
    """Return the text of each section by its title, and what stands before them by ''."""
    texts = SECTION.split(docstring)
    pairs = zip(["", *texts[1::2]], texts[::2], strict=True)
    return {title: text.strip() for title, text in pairs}


def names_in(section: str) -> set[str]:
    """Return the names that a section of numpydoc describes: those of lines without indent."""
    lines = [line.partition(" : ")[0] for line in section.splitlines() if line[:1].strip()]
    return {name.strip().lstrip("*") for line in lines for name in line.split(",")}


def function_of(attribute: object) -> Any:  # noqa: ANN401
    if isinstance(attribute, property):
        return attribute.fget
    return getattr(attribute, "__func__", attribute)


@cache
def public_folders() -> tuple[str, ...]:
    """Return the folders of the pages of the API, without those whose packages are missing."""
    sys.path.insert(0, str(ROOT / "docs" / "_ext"))
    try:
        listed = list(import_module("api_pages").FOLDERS)
    finally:
        sys.path.pop(0)
    missing = {f for f, extra in FOLDER_NEEDS.items() if not find_spec(PACKAGES[extra])}
    return tuple(folder for folder in (*listed, "errors") if folder not in missing)


def methods_of(full: str, owner: type) -> Iterator[Documented]:
    """Yield what a class itself defines, and what it has from bases that are not public."""
    for home in owner.__mro__:
        if home is not owner and not is_private_base(home):
            continue
        for name, attribute in vars(home).items():
            function = function_of(attribute)
            is_method = inspect.isfunction(function) and function.__name__ != "<lambda>"
            if is_method and not name.startswith("_"):  # a lambda is the default of a field
                yield Documented(f"{full}.{name}", function, home)


def is_private_base(home: type) -> bool:
    if not home.__module__.startswith("sentiment_transfer."):
        return False
    folder = import_module(".".join(home.__module__.split(".")[:2]))
    return home.__name__ not in getattr(folder, "__all__", ())


@cache
def documented() -> tuple[list[Documented], list[Documented]]:
    """Return the public names, and the methods and properties of those that are classes."""
    seen: dict[int, Documented] = {}
    for folder in public_folders():
        module = import_module(f"sentiment_transfer.{folder}")
        for name in module.__all__:
            thing = getattr(module, name)
            seen.setdefault(id(thing), Documented(f"{folder}.{name}", thing, None))
    names = [*seen.values()]
    classes = [each for each in names if inspect.isclass(each.thing)]
    return names, [method for each in classes for method in methods_of(each.name, each.thing)]


def all_of_them() -> list[Documented]:
    names, methods = documented()
    return [*names, *methods]


def gaps(of: list[Documented], gap: Callable[[Documented], object]) -> list[str]:
    """Return what is missing, a line for each name that lacks something."""
    found = ((each.name, gap(each)) for each in of)
    return [f"{name}: {missing}" for name, missing in found if missing]


# ---- what is asked for


def test_the_names_of_the_package_are_among_those_that_are_looked_at() -> None:
    names, methods = documented()
    missing = len(FOLDER_NEEDS) - sum(folder in public_folders() for folder in FOLDER_NEEDS)
    assert len(names) > (130 if not missing else 110)
    assert len(methods) > (300 if not missing else 240)
    import sentiment_transfer as package

    looked_at = [each.thing for each in names]
    assert all(getattr(package, name) in looked_at for name in package.__all__)


def test_every_public_name_and_method_has_a_summary_and_known_sections_in_order() -> None:
    def wrong(each: Documented) -> object:
        found = [*each.sections]
        ordered = [title for title in SECTIONS if title in found]
        return (not each.sections[""] and "no summary") or (found != ordered and found)

    assert gaps(all_of_them(), wrong) == []


def wrong_parameters(each: Documented) -> list[str]:
    """Return the parameters that are not described, here or in the base, and what is none."""
    sections, given = each.sections, set(each.parameters)
    described = names_in(sections.get("Parameters", ""))
    left = given - described - names_in(sections.get("Attributes", ""))
    if each.base:
        left -= names_in(each.base.sections.get("Parameters", ""))
    return sorted(left | (described - given))


def test_every_parameter_is_described_and_no_other() -> None:
    of = [each for each in all_of_them() if not each.name.endswith(OF_A_FILE)]
    assert gaps(of, wrong_parameters) == []


def returned(each: Documented) -> str:
    return str(each.signature.return_annotation)


def is_property(each: Documented) -> bool:
    own = each.name.rpartition(".")[2]
    return isinstance(inspect.getattr_static(each.owner, own, None), property)


def returns_untold(each: Documented) -> bool:
    """Whether no section describes the result, nor, of a method, the summary."""
    told = {"Returns", "Yields"} & {*each.sections}
    if each.owner is not None:
        told = told or RETURNS.search(each.sections[""]) or is_property(each) or each.base
    return not told and returned(each) not in ("None", "Self")


def test_every_function_and_method_says_what_it_returns() -> None:
    of = [each for each in all_of_them() if not inspect.isclass(each.thing)]
    assert gaps([each for each in of if not each.name.endswith(OF_A_FILE)], returns_untold) == []


def has_array_without_shape(each: Documented) -> bool:
    told = (inspect.getdoc(one.thing) or "" for one in (each, each.base) if one)
    return bool(ARRAY.search(str(each.signature))) and not any(map(SHAPE.search, told))


def test_every_array_has_its_shape() -> None:
    of = [each for each in all_of_them() if not each.name.endswith(OF_A_FILE)]
    assert gaps(of, has_array_without_shape) == []


def raised_by(function: Any) -> set[str]:  # noqa: ANN401
    """Return the errors of this package that a function itself raises."""
    if inspect.unwrap(function).__code__.co_filename == "<string>":  # made by dataclass
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    calls = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    names = {ast.unparse(call.func) for call in calls if isinstance(call, ast.Call)}
    return names & set(errors.__all__)


def missing_errors(each: Documented) -> list[str]:
    """Return the errors that are raised, of a class when it is made, and not described."""
    own = [each.thing]
    if inspect.isclass(each.thing):
        own = [vars(each.thing).get(name) for name in ("__init__", "__post_init__")]
    raised = {name for one in own if one is not None for name in raised_by(one)}
    return sorted(raised - names_in(each.sections.get("Raises", "")))


def test_every_error_that_is_raised_is_described() -> None:
    assert gaps(all_of_them(), missing_errors) == []


def test_every_public_name_has_a_short_example_or_a_reason() -> None:
    def wrong(each: Documented) -> object:
        lines = each.sections.get("Examples", "").splitlines()
        code = [line for line in lines if line.startswith((">>> ", "... "))]
        if each.name in WITHOUT_EXAMPLE:
            return code and "has an example: take it from the list"
        return (not code and "no example") or (len(code) > LONGEST_EXAMPLE and len(code))

    names = documented()[0]
    assert gaps(names, wrong) == []
    known = {each.name for each in names}
    assert {name for name in WITHOUT_EXAMPLE if name.split(".")[0] in public_folders()} <= known


CALLED = ["SentimentClassifier", "WordVectors"]
"""Classes whose methods programs call, so that each of these has an example."""
INSIDE = {
    "push_to_hub": "needs an account of the Hub",
    "read_texts": "for encoders",
    "state": "for model files",
    "from_state": "for model files",
    "get_params": "scikit-learn's",
    "set_params": "scikit-learn's",
}
"""Methods of these classes without an example, with the reason."""


@pytest.mark.parametrize("name", CALLED)
def test_every_method_that_programs_call_has_an_example(name: str) -> None:
    methods = [each for each in documented()[1] if each.name.split(".")[1] == name]
    without = {
        each.name.split(".")[2]
        for each in methods
        if not is_property(each) and "Examples" not in each.sections
    }
    assert without <= {*INSIDE}


# ---- the audit itself


def badly_documented(rows: NDArray[np.float64], factor: float = 1.0) -> NDArray[np.float64]:
    """Multiply numbers.

    Parameters
    ----------
    rows, other
        Numbers.
    """
    if factor < 0:
        raise SettingError("factor")
    return rows * factor


def test_the_audit_finds_what_is_missing() -> None:
    each = Documented("badly_documented", badly_documented, None)
    assert wrong_parameters(each) == ["factor", "other"]
    assert missing_errors(each) == ["SettingError"]
    assert has_array_without_shape(each)
    assert returns_untold(each)


@pytest.mark.parametrize(
    ("text", "has_one"),
    [
        ("float64 ``(n_texts,)``", True),
        ("an array, shape ``(n, d)``", True),
        ("one for each text", False),
        ("a pair ``(positive, negative)``", False),
    ],
)
def test_a_shape_is_told_from_other_things_in_parentheses(text: str, has_one: bool) -> None:
    assert bool(SHAPE.search(text)) == has_one

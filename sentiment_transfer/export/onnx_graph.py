"""A graph of ONNX operators that is written like a formula, with the package ``onnx`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Value = str | NDArray[Any] | np.generic
    """The name of a value that the graph computes, or a constant."""

__all__ = ["IR_VERSION", "OPSET", "Graph", "Port", "cast", "require_onnx"]

OPSET = 18
"""Version of the operators: the first in which ``ScatterElements`` finds a maximum."""
IR_VERSION = 8
"""Version of the file format that came with these operators; newer ones exclude older runtimes."""

MAX_BYTES = 2_000_000_000
"""Most bytes of constants: a protocol buffer, which the file is, has at most 2 GiB."""


def require_onnx() -> None:
    """Raise ``MissingExtraError`` if the package onnx is not installed.

    Raises
    ------
    MissingExtraError
        onnx is not installed.

    Examples
    --------
    >>> require_onnx()
    """
    require_package("onnx", "onnx", "an ONNX file")


class Port(NamedTuple):
    """An input or an output of a graph: name, NumPy type, shape (a name is free), and meaning."""

    name: str
    dtype: type[np.generic]
    shape: tuple[str | int, ...]
    meaning: str


class Graph:
    """Operators, constants, inputs and outputs, in order."""

    def __init__(self) -> None:
        require_onnx()
        self._nodes: list[Any] = []
        self._tensors: dict[tuple[str, tuple[int, ...], bytes], Any] = {}
        self.inputs: list[Port] = []
        self.outputs: list[Port] = []

    def input(self, port: Port) -> str:
        """Declare an input; return its name."""
        self.inputs.append(port)
        return port.name

    def output(self, value: str, port: Port) -> None:
        """Declare an output and its value."""
        from onnx import helper

        self._nodes.append(helper.make_node("Identity", [value], [port.name]))
        self.outputs.append(port)

    def __call__(self, operator: str, *inputs: Value, **attributes: int | str | list[int]) -> str:
        """Add an operator with one output; return the name of its value."""
        return self.several(operator, *inputs, used=(0,), **attributes)[0]

    def several(
        self,
        operator: str,
        *inputs: Value,
        used: Sequence[int],
        **attributes: int | str | list[int],
    ) -> list[str]:
        """Add an operator; return the names of the outputs that are used, by their places."""
        from onnx import helper

        names = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        outputs = [""] * (max(used) + 1)
        for place in used:
            outputs[place] = f"{operator}_{len(self._nodes)}_{place}"
        make_node: Any = helper.make_node
        self._nodes.append(make_node(operator, names, outputs, **attributes))
        return [outputs[place] for place in used]

    def _constant(self, value: NDArray[Any] | np.generic) -> str:
        """Return the name of a constant; equal ones are stored once."""
        from onnx import numpy_helper

        array = np.asarray(value)  # keeps the shape of a scalar
        array = array if array.flags.c_contiguous else np.ascontiguousarray(array)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._tensors:
            self._tensors[key] = numpy_helper.from_array(array, f"constant_{len(self._tensors)}")
        name: str = self._tensors[key].name
        return name

    def to_bytes(self, doc: str, metadata: Mapping[str, str]) -> bytes:
        """Return the file, checked; equal graphs give equal bytes.

        Raises ``SettingError`` for more constants than a file can hold.
        """
        import onnx
        from onnx import helper

        size = sum(len(content) for _, _, content in self._tensors)
        if size > MAX_BYTES:
            raise SettingError(
                f"the model has {size / 1e9:.1f} GB of numbers, but an ONNX file holds at most "
                f"{MAX_BYTES / 1e9:g} GB; save it with int8 vectors, and export that"
            )
        graph = helper.make_graph(
            self._nodes,
            "sentiment",
            [_value_info(port) for port in self.inputs],
            [_value_info(port) for port in self.outputs],
            [*self._tensors.values()],
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="sentiment_transfer",
            doc_string=doc,
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content


def cast(graph: Graph, value: Value, dtype: type[np.generic]) -> str:
    """Convert a value to another type."""
    return graph("Cast", value, to=_element_type(dtype))


def _element_type(dtype: type[np.generic]) -> int:
    from onnx import helper

    number: int = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    return number


def _value_info(port: Port) -> Any:  # noqa: ANN401  (the package has no public types)
    from onnx import helper

    name, dtype, shape, meaning = port
    return helper.make_tensor_value_info(name, _element_type(dtype), shape, doc_string=meaning)

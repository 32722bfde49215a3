"""A trained network for those who have no sennpy: as a file of NumPy, or as ONNX.

What an activation is in each of the two is told here by its class, once more and in other words;
tests hold both against the network.
"""

from pathlib import Path

import numpy as np

from .extras import require
from .nn.activations import Rational, ReLU, Tanh, norm
from .nn.mlp import as_network
from .writing import write_text, written_whole

ONNX_OPSET = 13  # of 2020; what a network needs has not changed since

SOURCE = '''"""{what}, as sennpy exported it.

    from {module} import predict
    predict(X)  # (N, {n_in}) to (N, {n_out})

It needs NumPy alone.
"""

import numpy as np

DTYPE = np.{dtype}


def sigma(z{q}):
    """{says}"""
{body}


def predict(X):
    """What the network gives for X (N, {n_in}), shape (N, {n_out})."""
    a = np.asarray(X, dtype=DTYPE)
    if a.ndim != 2 or a.shape[1] != {n_in}:
        raise ValueError(f"X has shape {{a.shape}}, expected (N, {n_in}): one row a sample.")
{layers}


{arrays}
'''

BODIES = {
    Rational: (
        "2 v z/(1+z^2) + c/(1+z^2) + l z, with q = (v, c, l) / sqrt(v^2 + c^2 + l^2).",
        "    w = 1 / (1 + z * z)\n    return 2 * q[0] * (z * w) + q[1] * w + q[2] * z",
    ),
    Tanh: ("The hyperbolic tangent.", "    return np.tanh(z)"),
    ReLU: ("max(z, 0).", "    return np.maximum(z, 0)"),
}


def to_numpy_source(net, path):
    """Write a network as a Python file with a function `predict(X)` that needs NumPy alone.

    The weights stand in the file as literals, to the last bit; outputs differ from the network's by
    rounding. Equal networks give equal files, but for the name.

    Parameters
    ----------
    net : MLP
    path : str or os.PathLike
        Ends with .py; a file of that name is replaced once the new one is complete.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    TypeError
        If `net` is no MLP with real parameters, or its activation none of sennpy's own.
    ValueError
        If `path` is not the name of a module of Python.
    OSError
        If the file cannot be written.

    Notes
    -----
    Paper: (E3), and the network of section 2.
    """
    path = Path(path)
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise ValueError(
            f"path is {str(path)!r}, expected a name that Python can import, of letters, "
            "digits and _, then .py: 'network.py'."
        )
    write_text(path, numpy_source(net, path.stem))
    return path


def numpy_source(net, module):
    """The text of the file that `to_numpy_source` writes."""
    kind = exported(as_network(net), "to_numpy_source")
    says, body = BODIES[kind]
    hidden, with_q = len(net.coefficients), kind is Rational
    layers = [f"    a = sigma(a @ W{l} + b{l}{f', q{l}' if with_q else ''})" for l in range(hidden)]
    text = SOURCE.format(
        what=f"A network with sizes {net.sizes} and activation {kind.__name__}",
        module=module, n_in=net.sizes[0], n_out=net.sizes[-1], dtype=net.dtype.name, says=says,
        body=body, q=", q" if with_q else "",
        layers="\n".join([*layers, f"    return a @ W{hidden} + b{hidden}"]),
        arrays="\n".join(literal(name, array) for name, array in arrays(net)),
    )  # fmt: skip
    return text if hidden else without_sigma(text)


def without_sigma(text):
    """The text of a network without a hidden layer, whose activation nothing calls."""
    before, _, rest = text.partition("def sigma(")
    return before + rest[rest.index("def predict(") :]


def arrays(net):
    """Names and arrays of a network: W (n_in, n_out), b (n_out,), and for Rational q (3, n_out)."""
    for l, W in enumerate(net.weights):
        yield f"W{l}", W[:-1]
        yield f"b{l}", W[-1]
        if l < len(net.coefficients) and isinstance(net.activation, Rational):
            k = net.coefficients[l]
            yield f"q{l}", k / norm(k)


def literal(name, array):
    """An assignment of an array's entries, each with all its digits, a row a line."""
    if array.ndim == 1:
        return f"{name} = np.array({array.tolist()}, dtype=DTYPE)"
    rows = "".join(f"    {row},\n" for row in array.tolist())
    return f"{name} = np.array([\n{rows}], dtype=DTYPE)"


def to_onnx(net, path):
    """Write a network as an ONNX model with the input `X` (N, n_in) and the output `y` (N, m).

    It needs the package onnx. The model has the network's number type and operators of set 13.

    Parameters
    ----------
    net : MLP
    path : str or os.PathLike
        A file of that name is replaced once the new one is complete.

    Returns
    -------
    pathlib.Path
        Where it was written.

    Raises
    ------
    ModuleNotFoundError
        If onnx is missing; it says what to install.
    TypeError
        If `net` is no MLP with real parameters, or its activation none of sennpy's own.
    OSError
        If the file cannot be written.

    Notes
    -----
    Paper: (E3), and the network of section 2.
    """
    kind = exported(as_network(net), "to_onnx")
    require("onnx")
    from onnx import checker

    model = onnx_model(net, ONNX_NODES[kind])
    checker.check_model(model)
    with written_whole(path) as file:
        file.write(model.SerializeToString())
    return Path(path)


def onnx_model(net, nodes_of_activation):
    """The ONNX model of a network, given the operators that its activation is made of."""
    from onnx import helper, numpy_helper

    steps, a, last = [], "X", len(net.weights) - 1
    for l in range(last + 1):
        steps += [("MatMul", (a, f"W{l}"), f"aW{l}"), ("Add", (f"aW{l}", f"b{l}"), f"z{l}")]
        if l < last:
            steps += nodes_of_activation(l)
            a = f"a{l + 1}"
    nodes = [helper.make_node(kind, list(given), [result]) for kind, given, result in steps]
    nodes[-1].output[0] = "y"
    number = helper.np_dtype_to_tensor_dtype(net.dtype)
    used = {name for _, given, _ in steps for name in given}
    graph = helper.make_graph(
        nodes, "sennpy",
        [helper.make_tensor_value_info("X", number, ["N", net.sizes[0]])],
        [helper.make_tensor_value_info("y", number, ["N", net.sizes[-1]])],
        [numpy_helper.from_array(np.asarray(array, net.dtype), name)
         for name, array in onnx_arrays(net) if name in used],
    )  # fmt: skip
    opset = [helper.make_opsetid("", ONNX_OPSET)]
    return helper.make_model(graph, opset_imports=opset, ir_version=7, producer_name="sennpy")


def onnx_arrays(net):
    """The constants of a model: those of `arrays`, q row by row, and the numbers one and two."""
    for name, array in arrays(net):
        if name.startswith("q"):
            yield from ((f"{name}_{letter}", row) for letter, row in zip("vcl", array, strict=True))
        else:
            yield name, array
    yield from (("one", 1.0), ("two", 2.0))


def onnx_rational(l):
    """Operators of a layer of Rational, from z to the next layer's inputs a."""
    return [
        ("Mul", (f"z{l}", f"z{l}"), f"zz{l}"), ("Add", ("one", f"zz{l}"), f"below{l}"),
        ("Div", ("one", f"below{l}"), f"w{l}"), ("Mul", (f"z{l}", f"w{l}"), f"zw{l}"),
        ("Mul", ("two", f"zw{l}"), f"first{l}"),
        ("Mul", (f"q{l}_v", f"first{l}"), f"of_v{l}"), ("Mul", (f"q{l}_c", f"w{l}"), f"of_c{l}"),
        ("Mul", (f"q{l}_l", f"z{l}"), f"of_l{l}"), ("Add", (f"of_v{l}", f"of_c{l}"), f"of_vc{l}"),
        ("Add", (f"of_vc{l}", f"of_l{l}"), f"a{l + 1}"),
    ]  # fmt: skip


ONNX_NODES = {
    Rational: onnx_rational,
    Tanh: lambda l: [("Tanh", (f"z{l}",), f"a{l + 1}")],
    ReLU: lambda l: [("Relu", (f"z{l}",), f"a{l + 1}")],
}


def exported(net, function):
    """The class of a network's activation if it can be exported, else raise TypeError."""
    kind = type(net.activation)
    if kind not in BODIES:
        names = ", ".join(f"{known.__name__}()" for known in BODIES)
        raise TypeError(
            f"the activation is {net.activation!r}, which {function} does not know; expected one "
            f"of {names}. sennpy.save keeps a network with an activation of your own, under its "
            "name."
        )
    return kind

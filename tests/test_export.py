"""A network that was exported gives what the network gives."""

import ast
import importlib.util
import subprocess
import sys

import numpy as np
import own_activations
import pytest
from without import run_without

from sennpy import MLP, Activation, Rational, ReLU, Tanh, to_numpy_source, to_onnx

SHAPES = [(2, 1), (1, 3, 1), (2, 4, 3, 2), (5, 1, 1, 1, 4)]
OWN = [Rational(), Tanh(), ReLU()]
ROUNDING = {np.float64: 1e-12, np.float32: 2e-5}
every_network = [
    pytest.mark.parametrize("sizes", SHAPES, ids=str),
    pytest.mark.parametrize("activation", OWN, ids=lambda a: type(a).__name__),
    pytest.mark.parametrize("dtype", ROUNDING, ids=lambda dtype: dtype.__name__),
]


def of_every_network(test):
    """Run a test on every activation in several shapes, in both number types."""
    for mark in every_network:
        test = mark(test)
    return test


def imported(path):
    """The module in a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def inputs(net, N=50):
    """Inputs of order one, and some far out."""
    X = np.random.default_rng(1).standard_normal((N, net.sizes[0])).astype(net.dtype)
    X[:5] *= 1e3
    return X


def assert_same(found, net, X):
    """Outputs are those of the network, to rounding in units of the largest."""
    expected = net(X)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    error = np.abs(found - expected).max() / max(1, np.abs(expected).max())
    assert error <= ROUNDING[net.dtype.type]


@of_every_network
def test_the_file_predicts_what_the_network_does(sizes, activation, dtype, tmp_path):
    net = MLP.random(sizes, activation, rng=0).astype(dtype)
    module = imported(to_numpy_source(net, tmp_path / "network.py"))
    assert_same(module.predict(inputs(net)), net, inputs(net))


@of_every_network
def test_its_literals_are_the_weights_to_the_last_bit(sizes, activation, dtype, tmp_path):
    net = MLP.random(sizes, activation, rng=0).astype(dtype)
    module = imported(to_numpy_source(net, tmp_path / "network.py"))
    for l, W in enumerate(net.weights):
        own, bias = getattr(module, f"W{l}"), getattr(module, f"b{l}")
        assert own.dtype == bias.dtype == dtype
        np.testing.assert_array_equal(np.vstack([own, bias]), W)


def test_it_imports_numpy_alone_and_runs_where_there_is_no_sennpy(tmp_path):
    net = MLP.random((2, 3, 2), rng=0)
    path = to_numpy_source(net, tmp_path / "network.py")
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    assert not [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = [n.names[0].name for n in nodes if isinstance(n, ast.Import)]
    assert names == ["numpy"]
    code = (
        "import sys; sys.modules['sennpy'] = None; sys.path.insert(0, '.')\n"
        "from network import predict; print(*predict([[1, 2]])[0].tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose(
        [float(word) for word in done.stdout.split()], net([[1, 2]])[0], atol=1e-12
    )


def test_coefficients_whose_squares_are_zero_are_exported_as_directions(tmp_path):
    net = MLP.random((1, 2, 1), rng=0)
    tiny = MLP(net.weights, tuple(1e-200 * k for k in net.coefficients))
    module = imported(to_numpy_source(tiny, tmp_path / "tiny.py"))
    assert_same(module.predict(inputs(tiny)), net, inputs(tiny))


def test_without_a_hidden_layer_there_is_no_activation_in_the_file(tmp_path):
    text = to_numpy_source(MLP.random((2, 1), rng=0), tmp_path / "flat.py").read_text("utf-8")
    assert "sigma" not in text and "def predict(X):" in text


def test_the_file_says_what_shape_is_right(tmp_path):
    module = imported(to_numpy_source(MLP.random((2, 3, 1), rng=0), tmp_path / "network.py"))
    for X in ([1.0, 2.0], [[1.0, 2.0, 3.0]]):
        with pytest.raises(ValueError, match=r"expected \(N, 2\)"):
            module.predict(X)


def test_equal_networks_give_equal_bytes(tmp_path):
    for folder in ("a", "b"):
        to_numpy_source(MLP.random((2, 3, 1), rng=0), tmp_path / folder / "network.py")
    same = [(tmp_path / folder / "network.py").read_bytes() for folder in ("a", "b")]
    assert same[0] == same[1]


def test_a_network_s_own_method_writes_the_same_file(tmp_path):
    net = MLP.random((2, 3, 1), rng=0)
    path = net.to_numpy_source(tmp_path / "own" / "network.py")
    other = to_numpy_source(net, tmp_path / "other" / "network.py")
    assert path == tmp_path / "own" / "network.py"
    assert path.read_bytes() == other.read_bytes()
    assert_same(imported(path).predict(inputs(net)), net, inputs(net))
    with pytest.raises(ValueError, match=r"network\.py"):
        net.to_numpy_source(tmp_path / "network")


@pytest.mark.parametrize("export", [to_numpy_source, to_onnx, MLP.to_numpy_source, MLP.to_onnx],
                         ids=lambda export: export.__qualname__)  # fmt: skip
def test_an_activation_of_ones_own_is_refused_with_those_that_are_known(export, tmp_path):
    class Mine(Tanh):
        pass

    for activation in (own_activations.Waves(), Mine()):
        assert isinstance(activation, Activation)
        net = MLP.random((2, 3, 1), activation, rng=0)
        with pytest.raises(TypeError, match=r"Rational\(\), Tanh\(\), ReLU\(\).*sennpy\.save"):
            export(net, tmp_path / "network.py")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("export", [to_numpy_source, to_onnx])
def test_what_is_no_network_with_real_parameters_is_refused(export, tmp_path):
    net = MLP.random((1, 1), rng=0)
    for wrong in (None, net.weights, net.replace(net.parameters + 1j)):
        with pytest.raises(TypeError):
            export(wrong, tmp_path / "network.py")


@pytest.mark.parametrize("name", ["network", "my-network.py", "1.py", "network.txt"])
def test_a_name_that_python_cannot_import_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"network\.py"):
        to_numpy_source(MLP.random((1, 1), rng=0), tmp_path / name)


@pytest.mark.parametrize(
    "call", ["sennpy.to_onnx(net, 'network.onnx')", "net.to_onnx('network.onnx')"]
)
def test_who_has_no_onnx_is_told_what_to_install(call, tmp_path):
    code = f"import sennpy; net = sennpy.MLP.random((1, 1)); {call}"
    done = run_without(code, "onnx", folder=tmp_path)
    assert done.stderr.splitlines()[-1].endswith('pip install "sennpy[onnx]"')


@of_every_network
def test_the_onnx_model_gives_what_the_network_does(sizes, activation, dtype, tmp_path):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: nothing to run a model with")
    from onnx.reference import ReferenceEvaluator

    net = MLP.random(sizes, activation, rng=0).astype(dtype)
    path = to_onnx(net, tmp_path / "network.onnx")
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    (found,) = ReferenceEvaluator(model).run(["y"], {"X": inputs(net)})
    assert_same(found, net, inputs(net))
    assert net.to_onnx(tmp_path / "own.onnx").read_bytes() == path.read_bytes()

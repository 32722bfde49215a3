"""What a search may look at: the statistics of one place where the network could grow."""

from dataclasses import dataclass

import numpy as np

from ..curvature.kfac import gradient_factor
from ..expansion.layer_score import explained
from ..expansion.moments import basis, residual, samples
from ..nn.activations import Activation


@dataclass(frozen=True, eq=False)
class LayerStatistics:
    """A receiving layer, and the inputs from which proposals for it are made.

    Attributes
    ----------
    inputs : (N, n_in + 1) array
        Inputs of the proposed units, homogeneous.
    a_c : (N, n_c) array
        What the receiving layer receives now.
    g : (N, n_out) array
        Gradients of its pre-activations.
    g_r : (N, n_out) array
        Their residual given a_c (Lemma A.6).
    G : (n_out, n_out) array
        Its gradient factor.
    W : (n_c, n_out) array
        Its weights.
    eta : float
        Its score eta_l, the eta_c of (E13).
    activation : Activation
        Of the proposed units.
    """

    inputs: np.ndarray
    a_c: np.ndarray
    g: np.ndarray
    g_r: np.ndarray
    G: np.ndarray
    W: np.ndarray
    eta: float
    activation: Activation

    def receiving(self, a_p):
        """The statistics once neurons with activations a_p (N, k) are among the inputs."""
        a_c = np.hstack([self.a_c, a_p])
        W = np.vstack([self.W, np.zeros((a_p.shape[1], self.W.shape[1]))])
        return gather(self.inputs, a_c, self.g, self.G, W, self.activation)


def gather(inputs, a_c, g, G, W, activation):
    """`LayerStatistics` with the residual gradient and the score worked out, in float64."""
    inputs, a_c, g, G, W = samples(
        inputs=(inputs, "N n_in+1"), a_c=(a_c, "N n_c"), g=(g, "N n_out"), G=(G, "n_out n_out"),
        W=(W, "n_c n_out"),
    )  # fmt: skip
    q = basis(a_c)
    g_r, eta = residual(q, g), explained(q, g, G)
    return LayerStatistics(inputs, a_c, g, g_r, G, W, eta, activation)


def layer_statistics(net, trace, g_y, u, receiver, source):
    """The statistics for units between the inputs of layer `source` and layer `receiver`.

    Parameters
    ----------
    net : MLP
    trace : Trace
    g_y : (N, m) array
        Output gradients.
    u : (R, N, m) array
        Output directions of the metric, see `output_directions`.
    receiver, source : int
        `source = receiver - 1` for neurons beside those that layer `receiver` receives already,
        `source = receiver` for a layer inserted in front of it.

    Returns
    -------
    LayerStatistics
    """
    g, directions = net.backward(trace, g_y)[receiver], net.backward(trace, u)[receiver]
    return gather(
        trace.inputs[source], trace.inputs[receiver], g, gradient_factor(directions),
        net.weights[receiver], net.activation,
    )  # fmt: skip

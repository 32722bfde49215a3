"""The objectives with their kernels: what the searches climb when numba is there.

Each overrides what a kernel does faster; its parent in `objectives` is the definition.
"""

import numpy as np

from ..compiled import enabled
from ..nn.activations import Rational
from .moments import moment, whitener
from .objectives import LayerObjective, NeuronObjective, ProfiledNeuronObjective

SMALL_INPUTS = 16  # columns up to which a loop is faster than a matrix product
SMALL_LAYER = 24  # units of a layer, likewise


def neuron_objective(stats, k=1):
    """The `NeuronObjective` of these statistics, compiled where it can be."""
    fits = enabled() and k == 1 and isinstance(stats.activation, Rational)
    return CompiledNeuronObjective(stats) if fits else NeuronObjective(stats, k)


def profiled_neuron_objective(stats, ridge=0.0):
    """The `ProfiledNeuronObjective` of these statistics, compiled where it can be."""
    small = stats.inputs.shape[1] <= SMALL_INPUTS
    fits = enabled() and small and isinstance(stats.activation, Rational)
    kind = CompiledProfiledNeuronObjective if fits else ProfiledNeuronObjective
    return kind(stats, ridge)


def layer_objective(stats):
    """The `LayerObjective` of these statistics, compiled where it can be."""
    fits = enabled() and stats.inputs.shape[1] - 1 <= SMALL_LAYER
    return CompiledLayerObjective(stats) if fits else LayerObjective(stats)


class CompiledNeuronObjective(NeuronObjective):
    """One rational neuron: matrix products by BLAS, the rest in one pass."""

    def __init__(self, stats):
        super().__init__(stats)
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)

    def evaluate(self, theta):
        from .langevin_kernels import neuron_bounds

        theta = np.ascontiguousarray(theta.T)
        (dim, C), N = theta.shape, len(self.x)
        z, q = self.x @ theta[: self.n_in], theta[self.n_in :]
        scores, d_z, d_theta = np.empty(C), np.empty((N, C)), np.empty((dim, C))
        neuron_bounds(z, q, self.contiguous_r, scores, d_z, d_theta[self.n_in :])
        np.matmul(self.x.T, d_z, out=d_theta[: self.n_in])
        return scores, d_theta.T

    def burst(self, chains, unit, step_size, xi, log_u):
        from .langevin_kernels import langevin_burst

        if self.n_in > SMALL_INPUTS:
            return super().burst(chains, unit, step_size, xi, log_u)
        state = chains.state
        theta, gradient, best = (
            np.array(v.T, order="C") for v in (state.position, state.gradient, chains.best)
        )
        density, best_score = state.log_density.copy(), chains.best_score.copy()
        accepted = langevin_burst(
            self.x, self.contiguous_r, unit, step_size, theta, density, gradient, best, best_score,
            xi, log_u,
        )  # fmt: skip
        state = state._replace(position=theta.T, log_density=density, gradient=gradient.T)
        return chains._replace(state=state, best=best.T, best_score=best_score), accepted


class CompiledProfiledNeuronObjective(ProfiledNeuronObjective):
    """One rational neuron of few inputs, with its best coefficients."""

    def __init__(self, stats, ridge=0.0):
        super().__init__(stats, float(ridge))
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)

    def evaluate(self, theta):
        from .profile_kernels import profiled_bounds

        theta = np.ascontiguousarray(theta)
        scores, d_theta, q = np.empty(len(theta)), np.empty(theta.shape), np.empty((len(theta), 3))
        profiled_bounds(self.x, self.contiguous_r, self.ridge, theta, scores, d_theta, q)
        return scores, d_theta

    def climb(self, start, reach, iterations, tolerance):
        from .profile_kernels import climb

        start = np.ascontiguousarray(start)
        limits = (reach, iterations, tolerance)
        return climb(self.x, self.contiguous_r, self.ridge, start, *limits)[0]


class CompiledLayerObjective(LayerObjective):
    """A narrow layer, proposal by proposal in one loop."""

    def __init__(self, stats):
        super().__init__(stats)
        white = stats.a_c @ whitener(moment(stats.a_c, stats.a_c))
        self.arrays = contiguous(stats.a_c, white, stats.g_r, stats.G, stats.W)

    def evaluate(self, theta):
        from .layer_kernels import inserted_layers

        C, shape = len(theta), (len(theta), self.n + 1, self.n)
        weights = np.ascontiguousarray(self.inputs.to_weights @ theta.reshape(shape))
        scores, d_weights = np.empty(C), np.empty(shape)
        inserted_layers(*self.arrays, weights, scores, d_weights)
        return scores, (self.inputs.to_weights.T @ d_weights).reshape(C, -1)


def contiguous(*arrays):
    """The arrays as the kernels take them."""
    return [np.ascontiguousarray(array, dtype=np.float64) for array in arrays]

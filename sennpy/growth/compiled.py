"""The objectives with their kernels: what the searches climb when numba is there.

Each overrides what a kernel does faster; its parent in `objectives` is the definition. The three
functions at the top choose between them, and are all that a search needs to know.
"""

import numpy as np

from ..expansion.mala import State
from ..expansion.moments import CUTOFF
from ..kernels import enabled
from ..nn.activations import Rational
from .objectives import (
    Chains,
    LayerObjective,
    NeuronObjective,
    ProfiledNeuronObjective,
    StandardInputs,
)
from .threads import blocks_of, in_threads

SMALL_INPUTS = 16  # columns up to which a loop is faster than a matrix product
SMALL_LAYER = 24  # units of a layer, likewise
CACHE, ARRAYS = 2**20, 4  # bytes that a core reaches fast, and at most so many arrays in a `room`
WIDE = 128  # chains that share a matrix product: more take memory, and are no faster
SHARE = 200_000  # samples times inputs times proposals that are worth a thread's start
LEAST_BLOCK = 8  # chains, so that loops over them are worth vectorising


def neuron_objective(place, k=1, inputs=StandardInputs):
    """The `NeuronObjective` of a place, compiled where it can be."""
    if not kernels_know(place.activation):
        return NeuronObjective(place, k, inputs)
    if place.inputs.shape[1] > SMALL_INPUTS:
        return WideNeuronObjective(place, k, inputs)
    return CompiledNeuronObjective(place, k, inputs)


def profiled_neuron_objective(place, ridge=0.0):
    """The `ProfiledNeuronObjective` of a place, compiled where it can be."""
    if not kernels_know(place.activation) or place.inputs.shape[1] > SMALL_INPUTS:
        return ProfiledNeuronObjective(place, ridge)
    return CompiledProfiledNeuronObjective(place, ridge)


def layer_objective(place):
    """The `LayerObjective` of a place, compiled where it can be."""
    if not kernels_know(place.activation) or place.inputs.shape[1] - 1 > SMALL_LAYER:
        return LayerObjective(place)
    return CompiledLayerObjective(place)


def kernels_know(activation):
    """Whether kernels are there and compute with this activation, not with one derived from it."""
    return enabled() and type(activation) is Rational


class CompiledChains:
    """Langevin chains over `evaluate_columns`, which takes theta (dim, C): chains innermost.

    What that works in, `room`, is made once a burst: the system takes long to give large arrays.
    """

    def room(self, C):
        """Arrays that `evaluate_columns` of C chains works in."""
        return [np.empty((len(self.x), self.k, C)) for _ in range(3)]

    def block(self):
        """How many chains go on together, so that what they work on stays in the cache."""
        return max(CACHE // (ARRAYS * 8 * len(self.x) * self.k), LEAST_BLOCK)

    def evaluate(self, theta):
        def one(block):
            (columns,) = contiguous(theta[block].T)
            return self.evaluate_columns(columns, self.room(columns.shape[1]))

        parts = in_threads(one, blocks_of(len(theta), self.block()))
        if not parts:
            return np.empty(0), np.empty(theta.shape)
        scores, d_theta = zip(*parts, strict=True)
        return np.concatenate(scores), np.concatenate(d_theta, axis=1).T

    def burst(self, chains, unit, step_size, xi, log_u):
        def go_on(block):
            (position, density, gradient), best, best_score = chains
            arrays = tuple(
                np.array(part[block].T, dtype=np.float64, order="C")
                for part in (position, density, gradient, best, best_score)
            )
            noise = contiguous(xi[..., block], log_u[:, block])
            return arrays, self.burst_in_place(unit, step_size, arrays, *noise)

        blocks = blocks_of(len(chains.best), self.block())
        parts, accepted = zip(*in_threads(go_on, blocks), strict=True)
        whole = (np.concatenate(arrays, axis=-1).T for arrays in zip(*parts, strict=True))
        position, density, gradient, best, best_score = whole
        return Chains(State(position, density, gradient), best, best_score), sum(accepted)

    def burst_in_place(self, unit, step_size, arrays, xi, log_u):
        """`burst` of the chains in `arrays`, see `kernels.langevin.accept`; the acceptances."""
        from ..kernels.langevin import accept, propose, tempered

        theta, density, gradient, *_ = arrays
        accepted, proposal, value = 0, np.empty_like(theta), np.empty_like(density)
        room = self.room(len(density))
        for noise, threshold in zip(xi, log_u, strict=True):
            propose(theta, gradient, step_size, noise, proposal)
            scores, slope = self.evaluate_columns(proposal, room)
            tempered(proposal, scores, unit, slope, value)
            accepted += accept(arrays, (proposal, value, slope), unit, step_size, threshold)
        return accepted


class CompiledNeuronObjective(CompiledChains, NeuronObjective):
    """Rational neurons of few inputs: all in loops over chains, a burst in one kernel.

    A chain gets the same bytes alone, among others, and on any number of threads.
    """

    def __init__(self, place, k=1, inputs=StandardInputs):
        super().__init__(place, k, inputs)
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)

    def evaluate_columns(self, theta, room):
        """Scores (C,) and gradients (dim, C) at theta (dim, C)."""
        from ..kernels.neurons import neuron_bounds

        (dim, C), cut, (z, d_z, a) = theta.shape, self.n_in * self.k, room
        scores, d_theta = np.empty(C), np.empty((dim, C))
        q, d_q = (part[cut:].reshape(3, self.k, C) for part in (theta, d_theta))
        self.preactivations(theta, z)
        neuron_bounds(z, q, self.contiguous_r, CUTOFF, scores, d_z, d_q, a)
        self.weight_gradients(d_z, d_theta)
        return scores, d_theta

    def preactivations(self, theta, z):
        """z (N, k, C) at theta (dim, C), of which the first rows are weights."""
        from ..kernels.neurons import preactivations

        preactivations(self.x, theta, z)

    def weight_gradients(self, d_z, d_theta):
        """The other way: d_z (N, k, C) to the first rows of d_theta (dim, C)."""
        from ..kernels.neurons import weight_gradients

        weight_gradients(self.x, d_z, d_theta)

    def burst_in_place(self, unit, step_size, arrays, xi, log_u):
        from ..kernels.langevin import langevin_burst

        place = self.x, self.contiguous_r, self.k, CUTOFF
        return langevin_burst(*place, unit, step_size, arrays, xi, log_u)


class WideNeuronObjective(CompiledNeuronObjective):
    """Rational neurons of many inputs: two products a gradient by BLAS and its threads.

    How BLAS adds up depends on sizes and threads: a chain gets the same numbers alone and among
    others, but for rounding.
    """

    def block(self):
        return WIDE

    def preactivations(self, theta, z):
        weights = theta[: self.n_in * self.k].reshape(self.n_in, -1)
        np.matmul(self.x, weights, out=flat(z))

    def weight_gradients(self, d_z, d_theta):
        d_weights = d_theta[: self.n_in * self.k].reshape(self.n_in, -1)
        np.matmul(self.x.T, flat(d_z), out=d_weights)

    burst_in_place = CompiledChains.burst_in_place  # step by step: BLAS is not called from kernels


class CompiledProfiledNeuronObjective(ProfiledNeuronObjective):
    """One rational neuron of few inputs, with its best coefficients."""

    def __init__(self, place, ridge=0.0):
        super().__init__(place, float(ridge))
        self.arrays = *contiguous(self.inputs.x, self.r), self.ridge, CUTOFF

    def evaluate(self, theta):
        from ..kernels.profile import profiled_bounds

        (theta,) = contiguous(theta)
        scores, d_theta, q = np.empty(len(theta)), np.empty(theta.shape), np.empty((len(theta), 3))

        def fill(block):
            profiled_bounds(*self.arrays, theta[block], scores[block], d_theta[block], q[block])

        in_threads(fill, blocks_of(len(theta), SHARE // self.inputs.x.size))
        return scores, d_theta

    def climb(self, start, reach, iterations, tolerance):
        from ..kernels.climb import climb

        end = np.empty(self.dim)
        (start,) = contiguous(start)
        climb(*self.arrays, start, reach, iterations, tolerance, end)
        return end


class CompiledLayerObjective(CompiledChains, LayerObjective):
    """A narrow layer, in standard inputs: z = x theta, and W_q^{-1} W = theta^{-1} (D^{-1} W)."""

    def __init__(self, place):
        super().__init__(place)
        x, D = place.a_c @ self.inputs.to_weights, self.inputs.to_weights[:-1, :-1]
        following = np.linalg.solve(D, place.W[:-1])
        self.x, self.k = np.ascontiguousarray(x), self.n
        self.arrays = contiguous(x, self.q, place.g_r, place.G, following)

    def room(self, C):
        return [np.empty((len(self.x), 2 * self.n, C)) for _ in range(2)]

    def evaluate_columns(self, theta, room):
        """Scores (C,) and gradients (dim, C) at theta (dim, C)."""
        from ..kernels.layers import inserted_layers

        shape, limits = (self.n + 1, self.n, theta.shape[1]), (float(self.limit), CUTOFF)
        scores, d_theta = np.empty(shape[2]), np.empty(shape)
        inserted_layers(*self.arrays, limits, theta.reshape(shape), scores, d_theta, *room)
        return scores, d_theta.reshape(theta.shape)


def flat(array):
    """(N, k, C) as (N, k C), without a copy."""
    return array.reshape(len(array), -1)


def contiguous(*arrays):
    """The arrays as the kernels take them."""
    return [np.ascontiguousarray(array, dtype=np.float64) for array in arrays]

"""The objectives with their kernels: what the searches climb when numba is there.

Each overrides what a kernel does faster; its parent in `objectives` is the definition.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..expansion.mala import State
from ..kernels import enabled
from ..nn.activations import Rational
from .objectives import (
    Chains,
    LayerObjective,
    NeuronObjective,
    ProfiledNeuronObjective,
    StandardInputs,
)

CORES = os.cpu_count() or 1
SMALL_INPUTS = 16  # columns up to which a loop is faster than a matrix product
SMALL_LAYER = 24  # units of a layer, likewise
CACHE, ARRAYS = 2**20, 4  # bytes that a core reaches fast, and at most so many arrays in a `room`
WIDE, EVEN = 112, 32  # chains of a product by BLAS, some of 16; its other sizes are some of 32
SHARE = 200_000  # samples times inputs times proposals that are worth a thread's start
LEAST_BLOCK = 8  # chains, so that loops over them are worth vectorising


def neuron_objective(stats, k=1, inputs=StandardInputs):
    """The `NeuronObjective` of these statistics, compiled where it can be."""
    kind = CompiledNeuronObjective if stats.inputs.shape[1] <= SMALL_INPUTS else WideNeuronObjective
    fits = enabled() and type(stats.activation) is Rational
    return (kind if fits else NeuronObjective)(stats, k, inputs)


def profiled_neuron_objective(stats, ridge=0.0):
    """The `ProfiledNeuronObjective` of these statistics, compiled where it can be."""
    small = stats.inputs.shape[1] <= SMALL_INPUTS
    fits = enabled() and small and type(stats.activation) is Rational
    kind = CompiledProfiledNeuronObjective if fits else ProfiledNeuronObjective
    return kind(stats, ridge)


def layer_objective(stats):
    """The `LayerObjective` of these statistics, compiled where it can be."""
    small = stats.inputs.shape[1] - 1 <= SMALL_LAYER
    fits = enabled() and small and type(stats.activation) is Rational
    return (CompiledLayerObjective if fits else LayerObjective)(stats)


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
        """`burst` of the chains in `arrays`, see `langevin_kernels.accept`; the acceptances."""
        from ..kernels.langevin import accept, propose, tempered

        accepted, proposal, density = 0, np.empty_like(arrays[0]), np.empty_like(arrays[1])
        room = self.room(len(density))
        for noise, threshold in zip(xi, log_u, strict=True):
            propose(arrays[0], arrays[2], step_size, noise, proposal)
            scores, slope = self.evaluate_columns(proposal, room)
            tempered(proposal, scores, unit, slope, density)
            accepted += accept(unit, step_size, arrays, proposal, density, slope, threshold)
        return accepted


class CompiledNeuronObjective(CompiledChains, NeuronObjective):
    """Rational neurons of few inputs: all in loops over chains, a burst in one kernel."""

    def __init__(self, stats, k=1, inputs=StandardInputs):
        super().__init__(stats, k, inputs)
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)

    def evaluate_columns(self, theta, room):
        """Scores (C,) and gradients (dim, C) at theta (dim, C)."""
        from ..kernels.langevin import neuron_bounds, preactivations, weight_gradients

        (dim, C), cut, (z, d_z, a) = theta.shape, self.n_in * self.k, room
        scores, d_theta = np.empty(C), np.empty((dim, C))
        q, d_q = (part[cut:].reshape(3, self.k, C) for part in (theta, d_theta))
        preactivations(self.x, theta, z)
        neuron_bounds(z, q, self.contiguous_r, scores, d_z, d_q, a)
        weight_gradients(self.x, d_z, d_theta)
        return scores, d_theta

    def burst_in_place(self, unit, step_size, arrays, xi, log_u):
        from ..kernels.langevin import langevin_burst

        return langevin_burst(self.x, self.contiguous_r, self.k, unit, step_size, arrays, xi, log_u)


class WideNeuronObjective(CompiledChains, NeuronObjective):
    """Rational neurons of many inputs: two products a gradient by BLAS and its threads.

    Filled up with zeros, their sizes are multiples of EVEN and there are always WIDE chains: then
    no thread's share has an odd rest, which BLAS would add up in another order, and a chain gets
    the same bytes alone, among others, and on one thread or two.
    """

    def __init__(self, stats, k=1, inputs=StandardInputs):
        super().__init__(stats, k, inputs)
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)
        rows, columns = (-(-size // EVEN) * EVEN for size in self.x.shape)
        self.filled = np.zeros((rows, columns))
        self.filled[: len(self.x), : self.n_in] = self.x

    def block(self):
        return WIDE

    def room(self, C):
        rows, columns = self.filled.shape
        z, d_z, a = (np.zeros((rows, self.k, WIDE)) for _ in range(3))
        w, d_w = (np.zeros((columns, self.k, WIDE)) for _ in range(2))
        q, d_q = (np.ones((3, self.k, WIDE)) for _ in range(2))
        return z, d_z, a, w, d_w, q, d_q, np.empty(WIDE)

    def evaluate_columns(self, theta, room):
        """Scores (C,) and gradients (dim, C) at theta (dim, C), C at most WIDE."""
        from ..kernels.langevin import neuron_bounds

        C, N, n_in, k = theta.shape[1], len(self.x), self.n_in, self.k
        z, d_z, a, w, d_w, q, d_q, scores = room
        w[:n_in, :, :C] = theta[: n_in * k].reshape(n_in, k, C)
        q[:, :, :C] = theta[n_in * k :].reshape(3, k, C)
        np.matmul(self.filled, flat(w), out=flat(z))
        neuron_bounds(z[:N], q, self.contiguous_r, scores, d_z[:N], d_q, a[:N])
        np.matmul(self.filled.T, flat(d_z), out=flat(d_w))
        parts = d_w[:n_in, :, :C], d_q[:, :, :C]
        d_theta = np.concatenate([part.reshape(-1, C) for part in parts])
        return scores[:C].copy(), d_theta


class CompiledProfiledNeuronObjective(ProfiledNeuronObjective):
    """One rational neuron of few inputs, with its best coefficients."""

    def __init__(self, stats, ridge=0.0):
        super().__init__(stats, float(ridge))
        self.x, self.contiguous_r = contiguous(self.inputs.x, self.r)

    def evaluate(self, theta):
        from ..kernels.profile import profiled_bounds

        (theta,) = contiguous(theta)
        scores, d_theta, q = np.empty(len(theta)), np.empty(theta.shape), np.empty((len(theta), 3))

        def fill(block):
            arrays = (array[block] for array in (theta, scores, d_theta, q))
            profiled_bounds(self.x, self.contiguous_r, self.ridge, *arrays)

        in_threads(fill, blocks_of(len(theta), SHARE // self.x.size))
        return scores, d_theta

    def climb(self, start, reach, iterations, tolerance):
        from ..kernels.profile import climb

        end, limits = np.empty(self.dim), (reach, iterations, tolerance)
        (start,) = contiguous(start)
        climb(self.x, self.contiguous_r, self.ridge, start, *limits, end)
        return end


class CompiledLayerObjective(CompiledChains, LayerObjective):
    """A narrow layer, in standard inputs: z = x theta, and W_q^{-1} W = theta^{-1} (D^{-1} W)."""

    def __init__(self, stats):
        super().__init__(stats)
        x, D = stats.a_c @ self.inputs.to_weights, self.inputs.to_weights[:-1, :-1]
        following = np.linalg.solve(D, stats.W[:-1])
        self.x, self.k = np.ascontiguousarray(x), self.n
        self.arrays = contiguous(x, self.q, stats.g_r, stats.G, following)

    def room(self, C):
        return [np.empty((len(self.x), 2 * self.n, C)) for _ in range(2)]

    def evaluate_columns(self, theta, room):
        """Scores (C,) and gradients (dim, C) at theta (dim, C)."""
        from ..kernels.layers import inserted_layers

        shape = (self.n + 1, self.n, theta.shape[1])
        scores, d_theta = np.empty(shape[2]), np.empty(shape)
        inserted_layers(*self.arrays, theta.reshape(shape), scores, d_theta, *room)
        return scores, d_theta.reshape(theta.shape)


def blocks_of(count, size):
    """Slices that cut `count` into the fewest blocks of at most `size` (at least 1), all alike."""
    blocks = -(-count // max(size, 1))
    size = -(-count // max(blocks, 1))
    return [slice(block * size, (block + 1) * size) for block in range(blocks)]


def flat(array):
    """(N, k, C) as (N, k C), without a copy."""
    return array.reshape(len(array), -1)


def in_threads(function, arguments):
    """The results of function at each argument, side by side where there are cores for it."""
    workers = min(len(arguments), CORES)
    if workers < 2:
        return [function(argument) for argument in arguments]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(function, arguments))


def contiguous(*arrays):
    """The arrays as the kernels take them."""
    return [np.ascontiguousarray(array, dtype=np.float64) for array in arrays]

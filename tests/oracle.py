"""An independent oracle: the network in scalar loops over nested lists, differentiated twice over.

Forward mode is dual numbers; backward mode is the chain rule, one scalar at a time. It knows the
paper's formulas and the order of the flat parameter vector, and shares no code with the package.
"""

import itertools
import math


class Dual:
    """value + slope * epsilon, with epsilon^2 = 0."""

    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope

    def __add__(self, other):
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = dual(other)
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __truediv__(self, other):
        other = dual(other)
        ratio = self.value / other.value
        return Dual(ratio, (self.slope - ratio * other.slope) / other.value)

    __radd__, __rmul__ = __add__, __mul__


def dual(x):
    """x as a Dual; a plain number is a constant."""
    return x if isinstance(x, Dual) else Dual(x)


def root(x):
    """Square root of a Dual."""
    value = math.sqrt(x.value)
    return Dual(value, x.slope / (2 * value))


def tanh(x):
    """Hyperbolic tangent of a Dual."""
    return Dual(math.tanh(x.value), x.slope / math.cosh(x.value) ** 2)


def relu(x):
    """Positive part of a Dual."""
    return x if x.value > 0 else Dual(0.0)


def rational(x, v, c, l):
    """alpha x + (beta + gamma x) / (1 + x^2) of Duals, paper (E3)."""
    s = root(v * v + c * c + l * l)
    alpha, beta, gamma = l / s, c / s, 2 * v / s
    return alpha * x + (beta + gamma * x) / (1 + x * x)


SIGMA = {"Rational": rational, "Tanh": tanh, "ReLU": relu}


def activate(name, x, k):
    """One neuron's value; k lists its coefficients."""
    return SIGMA[name](dual(x), *map(dual, k))


def activation_slopes(name, x, k):
    """One neuron's derivatives: in x, then in each coefficient."""
    slopes = [activate(name, Dual(x, 1.0), k).slope]
    for i in range(len(k)):
        moved = [Dual(value, float(i == j)) for j, value in enumerate(k)]
        slopes.append(activate(name, x, moved).slope)
    return slopes


def unflatten(theta, sizes, num_coefficients):
    """Cut a flat list: per layer the weights row by row, then v, c, l of its neurons."""
    entries, weights, coefficients = iter(theta), [], []
    for l, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        weights.append([[next(entries) for _ in range(n_out)] for _ in range(n_in + 1)])
        if l < len(sizes) - 2:
            rows = [[next(entries) for _ in range(n_out)] for _ in range(num_coefficients)]
            coefficients.append(rows)
    assert next(entries, None) is None
    return weights, coefficients


def pre_activations(a, W):
    """a W + bias for one sample; the bias is the last row of W."""
    z = []
    for j in range(len(W[0])):
        total = W[len(a)][j]
        for i in range(len(a)):
            total = total + a[i] * W[i][j]
        z.append(total)
    return z


def forward(weights, coefficients, name, x):
    """Inputs and pre-activations of every layer for one sample x."""
    inputs, zs = [list(x)], [pre_activations(x, weights[0])]
    for k, W in zip(coefficients, weights[1:], strict=True):
        z = zs[-1]
        inputs.append([activate(name, z[j], [row[j] for row in k]) for j in range(len(z))])
        zs.append(pre_activations(inputs[-1], W))
    return inputs, zs


def jvp(theta, direction, sizes, name, X):
    """Outputs and J v by dual numbers: two nested lists (N, m)."""
    count = 3 if name == "Rational" else 0
    moving = [Dual(t, v) for t, v in zip(theta, direction, strict=True)]
    weights, coefficients = unflatten(moving, sizes, count)
    rows = [forward(weights, coefficients, name, x)[1][-1] for x in X]
    return [[y.value for y in row] for row in rows], [[y.slope for y in row] for row in rows]


def jacobian(theta, sizes, name, X):
    """J by the chain rule, a nested list (N, m, P)."""
    weights, coefficients = unflatten(theta, sizes, 3 if name == "Rational" else 0)
    return [
        [output_gradient(weights, coefficients, name, x, o) for o in range(sizes[-1])] for x in X
    ]


def output_gradient(weights, coefficients, name, x, o):
    """Gradient of output o at one sample x, a flat list (P,)."""
    inputs, zs = forward(weights, coefficients, name, x)
    g = [float(j == o) for j in range(len(zs[-1]))]
    blocks = [weight_gradient(inputs[-1], g)]
    for l in reversed(range(len(coefficients))):
        W, z, k = weights[l + 1], zs[l], coefficients[l]
        h = [sum(W[j][i] * g[i] for i in range(len(g))) for j in range(len(z))]
        slopes = [activation_slopes(name, real(z[j]), [row[j] for row in k]) for j in range(len(z))]
        blocks.append([slopes[j][1 + c] * h[j] for c in range(len(k)) for j in range(len(z))])
        g = [slopes[j][0] * h[j] for j in range(len(z))]
        blocks.append(weight_gradient(inputs[l], g))
    return [entry for block in reversed(blocks) for entry in block]


def weight_gradient(a, g):
    """d / d W[i][j] = a_i g_j, row by row, the bias (a constant input 1) last."""
    return [real(a_i) * g_j for a_i in [*a, 1.0] for g_j in g]


def real(x):
    """The value of a Dual or of a number."""
    return dual(x).value


def fisher(J, metric):
    """(1/N) sum_n J_n^T M_n J_n from J (N, m, P) and M (N, m, m), a nested list (P, P)."""
    N, m, P = len(J), len(J[0]), len(J[0][0])
    outputs = range(m)
    F = [[0.0] * P for _ in range(P)]
    for J_n, M_n in zip(J, metric, strict=True):
        for i in range(P):
            MJ = [sum(M_n[o][q] * J_n[q][i] for q in outputs) for o in outputs]
            for j in range(P):
                F[j][i] += sum(J_n[o][j] * MJ[o] for o in outputs) / N
    return F

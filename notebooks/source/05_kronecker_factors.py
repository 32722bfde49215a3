# %% [markdown]
# # 05 Kronecker factors
#
# The Fisher matrix of a layer with 100 neurons on an image has six thousand million entries. K-FAC
# ([Martens and Grosse 2015](https://arxiv.org/abs/1503.05671 "martens2015")) replaces it by two small matrices
# that backpropagation computes anyway, and the score of 03 by a
# trace. This notebook shows when that is exact, what it costs when it is not, and why the even
# cheaper diagonal will not do.
#
# - **You will be able to** derive the Kronecker form of a layer's Fisher block and say when it is
#   exact; compute the score of one layer from its inputs and gradients; damp a Kronecker product
#   exactly; explain why a network that grows by a diagonal Fisher pays for every copy.
# - **You need** the backward pass (01), the Fisher matrix and its output directions (02), the score
#   $\eta$ (03).
# - **Labels:** (E6)
# - **Run time:** a few seconds
# - **Previous:** [04 How to add](04_how_to_add.ipynb)
# - **Next:** [06 The lower bound](06_the_lower_bound.ipynb)

# %%
import numpy as np
from numpy.linalg import eigh, inv, norm, svd
from scipy.linalg import block_diag

from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(5)

# %% [markdown]
# ## 1. One sample on the board
#
# A linear layer $z = a W$ with one input $x = 2$, the constant 1, and two outputs. Backpropagation
# brings the gradient $g = (1, -1)$ of its pre-activations. The gradient of the weights is an outer
# product; read row by row it is a *Kronecker product*:
#
# $$\frac{\partial l}{\partial W} = a\, g^\top, \qquad \mathrm{vec}(a\, g^\top) = a \otimes g .$$

# %%
a, g = np.array([2.0, 1.0]), np.array([1.0, -1.0])
print(np.outer(a, g))
assert np.array_equal(np.outer(a, g).ravel(), np.kron(a, g))

# %% [markdown]
# `np.kron(a, g)` takes each entry of $a$ and multiplies the whole of $g$ by it: $(2g, 1g)$. The
# block of the Fisher matrix is the outer product of this vector with itself, and it factorises (the
# *mixed-product rule*):
#
# $$(a \otimes g)(a \otimes g)^\top = (a\,a^\top) \otimes (g\,g^\top) .$$

# %%
gradient = np.kron(a, g)
print(np.outer(gradient, gradient))
assert np.array_equal(np.outer(gradient, gradient),
    np.kron(np.outer(a, a), np.outer(g, g)))

# %% [markdown]
# So for **one sample** the block is exactly $A \otimes G$. With more, $F$ is the mean of such
# products, and K-FAC replaces the mean of products by the product of means.
#
# ## 2. Mean of products, product of means
#
# Two samples with inputs 2 and 0, and one output with gradients 1 and 3. The true block is

# %%
a = np.array([[2.0, 1.0], [0.0, 1.0]])  # one row a sample
g = np.array([[1.0], [3.0]])
F = np.mean([np.kron(np.outer(a[n], a[n]), np.outer(g[n], g[n])) for n in (0, 1)],
    axis=0)
print(F)

# %% [markdown]
# and the two factors (E6) are

# %%
A, G = a.T @ a / 2, g.T @ g / 2
print("A", A, "G", G, "A (x) G", np.kron(A, G), sep="\n")

# %% [markdown]
# The first entry is five times too large: the sample with the large input has the small gradient,
# and the product of means does not know. What is lost is a covariance:
#
# $$F - A \otimes G = E\left[ (a\,a^\top - A) \otimes (g\,g^\top - G) \right] .$$

# %%
lost = [np.kron(np.outer(a[n], a[n]) - A, np.outer(g[n], g[n]) - G)
    for n in (0, 1)]
print(np.mean(lost, axis=0))
assert np.allclose(F - np.kron(A, G), np.mean(lost, axis=0))

# %% [markdown]
# *Break it.* Give both samples the same gradient. Nothing varies on one side, so nothing is lost:

# %%
F = np.mean([np.kron(np.outer(a_n, a_n), [[9.0]]) for a_n in a], axis=0)
assert np.array_equal(F, np.kron(A, [[9.0]]))

# %% [markdown]
# ## 3. The factors of a network
#
# In a network $F = \frac1N J^\top J$ comes from *output directions* (02): one backward pass for
# each output $o$, started from the unit vector $e_o$, gives gradients $g_o$ at every layer. With
# $A = E[a\,a^\top]$ and $G = E[\sum_o g_o g_o^\top]$:
#
# $$F_l = E\left[ a\,a^\top \otimes \sum_o g_o g_o^\top \right] \approx A \otimes G .$$

# %%
from sennpy import MLP, fisher

N, X = 40, rng.standard_normal((40, 2))
net = MLP.random((2, 3, 2), rng=rng)
trace = net.forward(X)
a = trace.inputs[0]
g = net.backward(trace, np.broadcast_to(np.eye(2)[:, None], (2, N, 2)))[0]

# %%
per_sample = [np.kron(np.outer(a[n], a[n]), g[:, n].T @ g[:, n])
    for n in range(N)]
block = np.mean(per_sample, axis=0)
assert np.allclose(block, fisher(net, X)[:9, :9])  # weights of layer 0 come first

# %%
A, G = a.T @ a / N, sum(g_o.T @ g_o for g_o in g) / N
error = norm(block - np.kron(A, G)) / norm(block)
print(f"layer 0: F_l is {block.shape}, A {A.shape}, G {G.shape}; "
    f"A (x) G is off by {error:.0%}")
assert 0.01 < error < 1

# %% [markdown]
# The library's `kronecker_factors` does that for every layer.

# %%
from sennpy import kronecker_factors

factors = kronecker_factors(net, X)

# %%
assert np.allclose(factors[0].A, A) and np.allclose(factors[0].G, G)

# %% [markdown]
# **When is it exact?** What is lost is a covariance, so exactly when every entry of $aa^\top$ is uncorrelated with
# every entry of $\sum_o g_o g_o^\top$; above all where one of the two is the same for all samples.
# Four cases:

# %%
def errors(net, X, **kind):
    F, blocks, start = fisher(net, X, **kind), [], 0
    for l, (A, G, _) in enumerate(kronecker_factors(net, X, **kind)):
        stop = start + len(A) * len(G)
        blocks.append(norm(F[start:stop, start:stop] - np.kron(A, G))
            / norm(F[start:stop, start:stop]))
        # v, c, l of its neurons
        start = stop + (3 * len(G) if l < len(net.coefficients) else 0)
    return np.array(blocks)

# %% [markdown]
# 1. One sample.

# %%
assert np.allclose(errors(net, X[:1]), 0)

# %% [markdown]
# 2. A *linear* network, in every layer: what is propagated back does not depend on the sample.

# %%
identity = np.array([[0.0], [0.0], [1.0]]) * np.ones(3)
linear = MLP(net.weights, (identity,))
assert np.allclose(errors(linear, X), 0)

# %% [markdown]
# 3. The last layer of any network, for the Euclidean metric: there $g_o = e_o$.

# %%
print("errors of the layers:", errors(net, X))
assert np.isclose(errors(net, X)[-1], 0)

# %% [markdown]
# 4. $a$ and $g$ independent: every input meets every gradient. On the board, the two inputs of
#    lesson 2 with both gradients:

# %%
a = np.array([[2.0, 1.0], [2, 1], [0, 1], [0, 1]])
g = np.array([[1.0], [3], [1], [3]])
F = np.mean([np.kron(np.outer(a[n], a[n]), np.outer(g[n], g[n]))
    for n in range(4)], axis=0)
assert np.allclose(F, np.kron(a.T @ a / 4, g.T @ g / 4))

# %% [markdown]
# *Break it.* The softmax metric $\mathrm{diag}(p) - pp^\top$ depends on the sample, so even the
# last layer is no longer exact:

# %%
from sennpy import SoftmaxCrossEntropy

softmax = errors(net, X, kind="true", loss=SoftmaxCrossEntropy())
print("errors of the layers:", softmax)
assert softmax[-1] > 0.01

# %% [markdown]
# One look at the whole matrix, in units of its diagonal. K-FAC keeps the blocks of the layers; the
# coefficients $(v, c, l)$ of the activation are not weights of a linear map and keep their exact
# block. Everything between the blocks is gone, and the diagonal keeps nothing else.

# %%
from sennpy import plots

F = fisher(net, X)
kfac = block_diag(np.kron(*factors[0][:2]), factors[0].K,
    np.kron(*factors[1][:2]))
borders = {"weights 0": 9, "(v, c, l)": 9, "weights 1": 8}
plots.curvature_matrices(F, {"Fisher": F, "K-FAC": kfac,
    "diagonal": np.diag(np.diag(F))}, borders);

# %% [markdown]
# ## 4. What it buys: a small inverse
#
# Two rules make Kronecker products cheap. The inverse factorises,
#
# $$(A \otimes G)^{-1} = A^{-1} \otimes G^{-1} ,$$

# %%
A, G, _ = factors[0]
assert np.allclose(inv(np.kron(A, G)), np.kron(inv(A), inv(G)))

# %% [markdown]
# and the product with a vector never needs the big matrix ($G$ is symmetric):
#
# $$(A \otimes G)\, \mathrm{vec}(B) = \mathrm{vec}(A\, B\, G) .$$

# %%
B = rng.standard_normal((3, 3))
assert np.allclose(np.kron(A, G) @ B.ravel(), (A @ B @ G).ravel())

# %% [markdown]
# The gradient of the layer's weights is $\mathrm{vec}(C)$ with $C = E[a\,g^\top]$, $g$ now being
# the gradient of the *loss*. So its natural gradient is
#
# $$(A \otimes G)^{-1} \mathrm{vec}(C) = \mathrm{vec}(A^{-1} C\, G^{-1}) .$$

# %%
g_y = trace.outputs - rng.standard_normal((N, 2))
a, g = trace.inputs[0], net.backward(trace, g_y)[0]
C = a.T @ g / N
assert np.allclose(C.ravel(), net.vjp(trace, g_y)[:9] / N)

# %%
natural = inv(A) @ C @ inv(G)
assert np.allclose(inv(np.kron(A, G)) @ C.ravel(), natural.ravel())

# %% [markdown]
# and the layer's score, eq. (3) for this block alone, is a trace (E6):
#
# $$\begin{aligned} \eta_l &= \mathrm{vec}(C)^\top (A \otimes G)^{-1}\, \mathrm{vec}(C) \\
#   &= \mathrm{Tr}[A^{-1} C\, G^{-1} C^\top] . \end{aligned}$$

# %%
eta_l = np.trace(inv(A) @ C @ inv(G) @ C.T)
assert np.isclose(C.ravel() @ inv(np.kron(A, G)) @ C.ravel(), eta_l)

# %%
from sennpy import layer_score

print(f"score of layer 0: {eta_l:.4f}")
assert np.isclose(layer_score(a, g, G), eta_l)

# %% [markdown]
# ## 5. Adding the layers up
#
# Summing $\eta_l$ over layers sets $F$'s blocks *between* layers to zero. What that does is seen on
# two numbers. Take $y = w_2 w_1 x$ with $w_1 = w_2 = 1$. Both weights move $y$ along $x$:
#
# $$\begin{gathered} J = (w_2 x,\ w_1 x) = (x,\ x), \\
#   F = E[x^2] \begin{pmatrix} 1 & 1 \\ 1 & 1 \end{pmatrix} . \end{gathered}$$

# %%
x, g_1 = np.array([-1.0, 0.0, 1.0]), np.array([0.0, -1.0, 3.0])
J = np.column_stack([x, x])
F, gradient = J.T @ J / 3, J.T @ g_1 / 3
assert np.allclose(F, np.mean(x**2) * np.ones((2, 2)))

# %%
dense = gradient @ np.linalg.pinv(F) @ gradient
by_layer = gradient**2 / np.diag(F)
print(f"dense {dense:.2f}, sum over layers {by_layer.sum():.2f}")
assert np.isclose(by_layer.sum(), 2 * dense)

# %% [markdown]
# Two layers that can repair the same error are both paid for it. So a sum over layers is not the
# network's $\eta$, and it can even exceed $\lambda$, as it does in our network below. So can the K-FAC score of
# a *single* inner layer, since $A \otimes G$ is not its block (08, lesson 3, counts how often; the table
# *Which eta?* there says which of them $\lambda$ bounds). The thresholds of `sennpy` compare a proposal with the
# score of the layer that *receives* it, and the record has the dense $\eta$ of the network beside it.

# %%
from sennpy import projected_score

scores = [layer_score(trace.inputs[l], net.backward(trace, g_y)[l], factors[l].G)
    for l in range(2)]
eta, lam = projected_score(net.jacobian(trace), g_y), (g_y**2).sum() / N
print(f"layers {scores[0]:.3f} + {scores[1]:.3f}; dense {eta:.3f}; "
    f"lambda {lam:.3f}")
assert eta < lam < sum(scores)

# %% [markdown]
# ## 6. Units
#
# It is tempting to build $G$ from the gradients that one has anyway, $G = E[g\,g^\top]$: the
# *empirical* Fisher. What is the score then? Whiten both sides, $\tilde a = A^{-1/2} a$ and
# $\tilde g = G^{-1/2} g$. The trace becomes a sum of squares,
#
# $$\begin{aligned} \eta_l &= \lVert \tilde C \rVert_F^2 = \sum_i \rho_i^2, \\
#   \tilde C &= A^{-1/2}\, C\, G^{-1/2} = E[\tilde a\, \tilde g^\top], \end{aligned}$$
#
# with $\rho_i$ the singular values of $\tilde C$: the *canonical correlations* between $a$ and $g$.

# %%
def inverse_root(matrix):
    eigenvalues, V = eigh(matrix)
    return V / np.sqrt(eigenvalues) @ V.T

# %%
empirical = g.T @ g / N
C_white = inverse_root(A) @ C @ inverse_root(empirical)
rho = svd(C_white)[1]

# %%
print("canonical correlations", rho)
assert np.isclose((rho**2).sum(), layer_score(a, g, empirical))

# %% [markdown]
# Each lies in $[0, 1]$, being the cosine of an angle between the columns of $a$ and of $g$, so
# $\eta_l \le \min(n_\text{in} + 1, n_\text{out})$: a number without units.

# %%
cosines = svd(np.linalg.qr(a)[0].T @ np.linalg.qr(g)[0])[1]
assert np.allclose(rho, cosines) and rho.max() <= 1

# %% [markdown]
# *Break it.* Multiply the loss by 10. $\lambda$ grows by 100, and so does the score with the
# Euclidean $G$. The empirical one does not notice:

# %%
print(f"Euclidean {layer_score(a, 10 * g, G) / layer_score(a, g, G):.0f} times")
once, ten_times = [layer_score(a, k * g, k**2 * empirical) for k in (1, 10)]
print(f"empirical {ten_times / once:.0f} times")
assert np.isclose(ten_times, once)

# %% [markdown]
# A score that does not notice cannot say "not worth it": were all gradients a thousand times smaller, it would be
# as large as ever. For a threshold in units of $\lambda$, $G$ must come from the
# output metric. It need not be a backward pass for each output: gradients for targets *drawn from
# the model*, here $t = y + \text{noise}$ with unit variance, have the same second moment on average
# (02),
#
# $$E\left[ g\, g^\top \right]_{t \sim \text{model}} = E\left[ \sum_o g_o g_o^\top \right] = G .$$

# %%
from sennpy import SquaredError

drawn = {"kind": "sampled", "loss": SquaredError(), "samples": 2000}
sampled = kronecker_factors(net, X, **drawn, rng=rng)[0].G
print(f"off by {norm(sampled - G) / norm(G):.1%}")
assert norm(sampled - G) < 0.05 * norm(G)

# %% [markdown]
# ## 7. Damping
#
# If two inputs are equal, $A$ has no inverse:

# %%
twice = np.column_stack([X[:, 0], X[:, 0], np.ones(N)])
A_twice = twice.T @ twice / N
print("rank", np.linalg.matrix_rank(A_twice), "of", len(A_twice))
assert np.isclose(np.linalg.det(A_twice), 0)

# %% [markdown]
# For a *score* the library leaves such a direction out (the pseudo-inverse). For *training* one
# adds $\delta$ to every eigenvalue of $F$, so that no direction gets an endless step. With
# $A = V \mathrm{diag}(\mu)\, V^\top$ and $G = U \mathrm{diag}(\nu)\, U^\top$ the eigenvalues
# of $A \otimes G$ are all products $\mu_i \nu_j$, so the damped solve is exact and still
# small:
#
# $$\begin{aligned} (A \otimes G + \delta I)^{-1}\, \mathrm{vec}(C) &= \mathrm{vec}(V\, Y\, U^\top), \\
#   Y_{ij} &= \frac{(V^\top C\, U)_{ij}}{\mu_i \nu_j + \delta} . \end{aligned}$$

# %%
delta = 0.1
(mu, V), (nu, U) = eigh(A), eigh(G)
exact = V @ ((V.T @ C @ U) / (np.outer(mu, nu) + delta)) @ U.T
assert np.allclose(np.linalg.solve(np.kron(A, G) + delta * np.eye(9), C.ravel()),
    exact.ravel())

# %% [markdown]
# K-FAC as it is usually implemented damps the *factors* instead. With $\omega^2$ the ratio of their
# mean diagonals (Martens and Grosse call it $\pi^2$),
#
# $$\begin{aligned} (A + \omega\sqrt{\delta}\, I) &\otimes \left(G + \tfrac{\sqrt\delta}{\omega} I\right)
#   = A \otimes G + \delta\, I \\
#   &+ \tfrac{\sqrt\delta}{\omega}\, A \otimes I + \omega \sqrt\delta\; I \otimes G . \end{aligned}$$

# %%
omega, I = np.sqrt(np.trace(A) / np.trace(G)), np.eye(3)
left = np.kron(A + omega * np.sqrt(delta) * I, G + np.sqrt(delta) / omega * I)
extra = np.sqrt(delta) * (np.kron(A, I) / omega + omega * np.kron(I, G))
assert np.allclose(left, np.kron(A, G) + delta * np.eye(9) + extra)

# %% [markdown]
# The last two terms nobody asked for. They are positive, so factored damping is always *stronger*
# than exact damping by the same $\delta$, and the score that is left is smaller:
#
# $$\begin{aligned} &\mathrm{vec}(C)^\top\, \text{factored}^{-1}\, \mathrm{vec}(C) \\
#   \le\; &\mathrm{vec}(C)^\top (A \otimes G + \delta I)^{-1}\, \mathrm{vec}(C) \;\le\; \eta_l . \end{aligned}$$

# %%
factored = C.ravel() @ inv(left) @ C.ravel()
damped = C.ravel() @ exact.ravel()
print(f"undamped {eta_l:.4f}, exact damping {damped:.4f}, "
    f"factored {factored:.4f}")
assert np.all(eigh(extra)[0] > 0) and factored < damped < eta_l

# %% [markdown]
# `natural_gradient` offers both and names them: `Damping(0.1, form="exact")` and `form="factored"`.

# %%
from sennpy import Damping, natural_gradient

t = trace.outputs - g_y
direction = natural_gradient(net, X, t, SquaredError(), "kfac",
    damping=Damping(delta)).direction
assert np.allclose(direction[:9], exact.ravel())

# %% [markdown]
# ## 8. Why not just a diagonal?
#
# A diagonal $F$ is cheaper still: $\eta_\text{diag} = \sum_i g_i^2 / F_{ii}$. As a step size it
# serves many optimisers well. As a growth criterion it fails, and one neuron is enough to see it.
# Let $a$ be its activations, $k$ the number of *copies* of it:

# %%
a_1 = np.array([-1.0, 0.0, 1.0])
g_1 = np.array([0.0, -1.0, 3.0])

# %%
def copies(k):
    a = np.column_stack([a_1] * k)
    return a.T @ a / 3, a.T @ g_1 / 3

# %%
A_2, C_2 = copies(2)
print(A_2, C_2, sep="\n")
assert np.linalg.matrix_rank(A_2) == 1

# %% [markdown]
# A copy is nothing new: $\mathrm{range}(J)$ stays, so must $\eta$ (03). The diagonal pays for each
# copy in full:
#
# $$\begin{aligned} \eta(k) &= \eta(1), \\
#   \eta_\text{diag}(k) &= \sum_{i=1}^{k} \frac{E[a\,g]^2}{E[a^2]} = k \cdot \eta(1) . \end{aligned}$$

# %%
def score_of(k):
    A, C = copies(k)
    return C @ np.linalg.pinv(A) @ C, (C**2 / np.diag(A)).sum()

# %%
full, diagonal = np.transpose([score_of(k) for k in range(1, 9)])
print("with A: ", full, "\ndiagonal", diagonal)
assert np.allclose(full, full[0])
assert np.allclose(diagonal, np.arange(1, 9) * full[0])

# %%
lam = np.mean(g_1**2)
assert diagonal[1] < lam < diagonal[2]  # two copies, three
# alpha, tau
assert np.allclose(np.diff(diagonal), diagonal[0])
assert np.all(np.diff(diagonal) <= diagonal[:-1])
plots.copies(np.arange(1, 9), {"with $A$": full, "diagonal": diagonal}, lam);

# %% [markdown]
# With three copies the diagonal score passes $\lambda$, more than any network could gain (eq. (3): a projection is
# no longer than what is projected). A network that grew by it could add the same useful neuron again and again: each
# time the increase is as large as the first, so that alpha never says no. (Tau would, until training has brought
# $\eta$ down again.) $A$, small as it is, contains the one thing that
# matters here: how the neurons *overlap*.
#
# *Break it.* Not only copies. Two neurons that share most of what they do, correlation $\rho$: the
# true score pays the second for its own part only.

# %%
for rho_12 in [0.0, 0.9, 0.99]:
    F_2 = np.array([[1.0, rho_12], [rho_12, 1.0]])
    g_2 = np.array([1.0, rho_12])  # the second is useful only through the first
    print(f"rho = {rho_12}: true {g_2 @ inv(F_2) @ g_2:.2f}, "
        f"diagonal {(g_2**2).sum():.2f}")
    assert np.isclose(g_2 @ inv(F_2) @ g_2, 1)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# Two samples with $a = (1, 1)$ and $a = (-1, 1)$, one output, gradients $1$ and $2$. Compute $F$,
# $A$, $G$ on paper. Which entries of $A \otimes G$ are right, and which property of the inputs
# makes them so?
#
# *Check:* `check("05.1", (F, A, G))`: (2, 2) twice, and a number.

# %% tags=["solution"]
a = np.array([[1.0, 1.0], [-1.0, 1.0]])
g2 = np.array([1.0, 4.0])  # squared gradients
F, AG = np.einsum("n,ni,nj->ij", g2, a, a) / 2, a.T @ a / 2 * g2.mean()
print(F, AG, sep="\n")
assert np.array_equal(np.diag(F), np.diag(AG)) and F[0, 1] != AG[0, 1]
# the sizes of a do not vary at all, and still A (x) G is not F
assert np.var((a**2).sum(axis=1)) == 0

# %% tags=["solution"]
assert check("05.1", (F, a.T @ a / 2, g2.mean()))

# %% [markdown] tags=["solution"]
# The diagonal is right: the *squares* of the inputs, 1 and 1, are the same for both samples, so
# they cannot vary together with the squared gradients.

# %% [markdown]
# ### Exercise 2 (easy)
#
# A network for MNIST has sizes 784-100-10. How many numbers are in the Fisher block of its first
# layer, and how many in $A$ and $G$ together? How much memory is that at 8 bytes a number?
#
# *Check:* `check("05.2", (block, factors))`: two whole numbers, of numbers.

# %% tags=["solution"]
block, small = (785 * 100) ** 2, 785**2 + 100**2
print(f"block: {block:.1e} numbers, {8 * block / 1e9:.0f} GB")
print(f"A and G: {small:.1e} numbers, {8 * small / 1e6:.0f} MB, "
    f"{block / small:.0f} times fewer")
assert 8 * block > 40e9 and 8 * small < 6e6

# %% tags=["solution"]
assert check("05.2", (block, small))

# %% [markdown]
# ### Exercise 3 (medium)
#
# Many texts list the weights *column by column* and write $G \otimes A$. Reorder a block of
# `fisher(linear, X)` accordingly and check that this is the same statement.
#
# *Check:* `check("05.3", order)`: (9,): where the entries stand row by row, listed column by column.

# %% tags=["solution"]
A0, G0, _ = kronecker_factors(linear, X)[0]
# where column-by-column entries stand row by row
order = np.arange(9).reshape(3, 3).T.ravel()
block = fisher(linear, X)[:9, :9]
assert np.allclose(block[np.ix_(order, order)], np.kron(G0, A0))

# %% tags=["solution"]
assert check("05.3", order)

# %% [markdown]
# ### Exercise 4 (medium)
#
# For the Euclidean metric and *one* output show that the last layer's score is the part of $g_y$
# that its inputs explain linearly: $\eta_l = E[g_y^2] - E[(g_y - \hat g_y)^2]$ with $\hat g_y$ the
# least-squares fit of $g_y$ on $a$. Check it on data of your own.
#
# *Check:* `check("05.4", (a, g_y, eta))`: inputs (30, 4) with the constant, gradients (30, 1), the score.

# %% tags=["solution"]
a = np.column_stack([rng.standard_normal((30, 3)), np.ones(30)])
target = rng.standard_normal((30, 1))
fit = a @ np.linalg.lstsq(a, target, rcond=None)[0]
explained = np.mean(target**2) - np.mean((target - fit) ** 2)
assert np.isclose(layer_score(a, target, np.eye(1)), explained)

# %% [markdown] tags=["solution"]
# With $C = E[a\, g_y]$ the fit is $\hat g_y = C^\top A^{-1} a$, and its mean square is $C^\top A^{-1} E[a a^\top] A^{-1} C = C^\top A^{-1} C$: the
# score, since $G = 1$. What the fit leaves is uncorrelated with $a$ and so with $\hat g_y$. Hence (Pythagoras)
# $E[g_y^2] = E[\hat g_y^2] + E[(g_y - \hat g_y)^2]$, and $\eta_l$ is the difference.

# %% tags=["solution"]
assert check("05.4", (a, target, layer_score(a, target, np.eye(1))))

# %% [markdown]
# ### Exercise 5 (open-ended)
#
# How good is K-FAC? Make the activations of `net` gradually nonlinear, $(v, c, l) = (b, b, 1)$, and
# follow the error of layer 0 from $b = 0$ on. Then try deeper networks, other inputs, other
# metrics. Where does it fail most, and does the *score* suffer as much as the matrix?
#
# *Check:* `check("05.5", (bent, X, g_y, error, ratio))`: at $b = 0.1$: the network, its data, the relative error of layer 0, its score over the block's.

# %% tags=["solution"]
off, ratios = [], []
for bend in [0.0, 0.1, 0.3, 1.0, 3.0]:
    bent = MLP(net.weights, (np.outer([bend, bend, 1.0], np.ones(3)),))
    _, G_b, _ = kronecker_factors(bent, X)[0]
    F_b = fisher(bent, X)[:9, :9]
    trace_b = bent.forward(X)
    g_b = bent.backward(trace_b, g_y)[0]
    C_b = trace_b.inputs[0].T @ g_b / N
    ratios.append(layer_score(trace_b.inputs[0], g_b, G_b)
        / (C_b.ravel() @ np.linalg.pinv(F_b) @ C_b.ravel()))
    off.append(errors(bent, X)[0])
    print(f"b = {bend:<4} error of A (x) G {off[-1]:5.1%}   its score / the "
        f"block's score {ratios[-1]:.2f}")
assert np.all(np.diff(off) > 0) and ratios[1] - 1 > 2 * off[1]
assert ratios[-1] - 1 < off[-1]

# %% tags=["solution"]
gently = MLP(net.weights, (np.outer([0.1, 0.1, 1.0], np.ones(3)),))
assert check("05.5", (gently, X, g_y, off[1], ratios[1]))

# %% [markdown] tags=["solution"]
# The error starts at 0 for the linear network and grows with the bend of the activation. A score is
# an inverse, so it feels the small eigenvalues most, and those are not what the error of the matrix
# measures: the two need not go together. Here the score is off by a fifth when the matrix is off by 7 %, and by
# little more when the matrix is off by half. At $b = 0$ the block is singular here (two outputs cannot
# tell three neurons apart): there both take the pseudo-inverse.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - The gradient of a linear layer is $a \otimes g$, so its Fisher block is a mean of Kronecker
#   products; K-FAC takes the product of the means, $A \otimes G$.
# - It is exact for one sample, in linear networks, in the last layer under the Euclidean metric,
#   and in general exactly where every product of two inputs is uncorrelated with every (summed) product of two
#   gradients. That their *sizes* are uncorrelated is not enough (exercise 1).
# - The score of a layer is $\eta_l = \mathrm{Tr}[A^{-1} C\, G^{-1} C^\top]$ (E6): three small
#   matrices. It is in units of $\lambda$ only if $G$ comes from the output metric; below $\lambda$ it is for sure in
#   the last layer only, with the Euclidean metric.
# - Damping factors is not damping the matrix. Say which one you mean.
# - A diagonal cannot see overlap: it pays for every copy again. $A$ can, and that is what growth
#   needs.
#
# </div>
#
# Next: [06 The lower bound](06_the_lower_bound.ipynb)

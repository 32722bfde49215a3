# %% [markdown]
# # 06 The lower bound
#
# A network that looks for a neuron to add must judge thousands of candidates. Each could be added
# and the score computed anew; this notebook derives what the difference *is*, step by step, until
# only two small matrices are left, and then the lower bound that the paper climbs. It also shows
# when the bound says much less than the truth, and who had it first.
#
# - **You will be able to** compute the residual gradient, invert a block matrix by elimination,
#   derive the exact increase of the score and the bound from it, say for a given neuron how loose
#   the bound is, and write down its gradient.
# - **You need** the score of a layer and its factors $A$ and $G$ (05), least squares, and what it
#   means that a symmetric matrix is positive.
# - **Labels:** Lemma A.6, Theorem 3.2, (E5), (E7), (E8), (E9), (E10)
# - **Run time:** about ten seconds
# - **Previous:** [05 Kronecker factors](05_kronecker_factors.ipynb)
# - **Next:** [07 Langevin proposals](07_langevin_proposals.ipynb)

# %%
import numpy as np
from numpy.linalg import eigh, eigvalsh, inv
from scipy.linalg import eigvalsh as generalised

from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(6)

# %% [markdown]
# ## 1. What the current inputs cannot explain
#
# The three points of 04 once more. The receiving layer has one output and two current inputs $a_c$:
# a neuron $(-1, 0, 1)$ and the constant 1. The gradients of its pre-activation are
# $g = (1, -1, 3)$, and $G = 1$.

# %%
a_c = np.array([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
g = np.array([[1.0], [-1.0], [3.0]])
A_c, C_c = a_c.T @ a_c / 3, a_c.T @ g / 3
print("A_c", A_c, "C_c", C_c, sep="\n")

# %% [markdown]
# Fit $g$ by the current inputs, by least squares. The coefficients are $A_c^{-1} C_c$, here 1 and
# 1: the layer's natural gradient is its regression of $g$ on $a_c$.

# %%
coefficients = inv(A_c) @ C_c
print(coefficients.ravel())
assert np.allclose(coefficients, np.linalg.lstsq(a_c, g, rcond=None)[0])

# %% [markdown]
# What is left is the **residual gradient**, Lemma A.6, (E7):
#
# $$g_r = g - E[g\, a_c^\top]\, A_c^{-1} a_c .$$

# %%
g_r = g - a_c @ inv(A_c) @ C_c
print("g_r =", g_r.ravel())
assert np.allclose(g_r.ravel(), [1, -2, 1])

# %% [markdown]
# It is uncorrelated with everything that the layer receives now,
#
# $$E[g_r\, a_c^\top] = 0 ,$$

# %%
assert np.allclose(g_r.T @ a_c / 3, 0)

# %% [markdown]
# so Pythagoras splits $E[g^2]$ into what the layer can do already, its score $\eta_c$, and what
# only new inputs could do:
#
# $$\underbrace{E[g^2]}_{11/3} = \underbrace{C_c^\top A_c^{-1} C_c}_{\eta_c\, =\, 5/3} + \underbrace{E[g_r^2]}_{2} .$$

# %%
eta_c = (C_c.T @ inv(A_c) @ C_c).item()
print(f"eta_c = {eta_c:.4f}, left over {np.mean(g_r**2):.4f}, "
    f"together {np.mean(g**2):.4f}")
assert np.isclose(eta_c, 5 / 3)
assert np.isclose(np.mean(g**2), eta_c + np.mean(g_r**2))

# %% [markdown]
# ## 2. Propose a neuron
#
# The bump of 04, $a_p = \phi_c(x) = (\frac12, 1, \frac12)$. The slow way to judge it is to add it
# and compute the score again:

# %%
a_p = np.array([[0.5], [1.0], [0.5]])
joint = np.hstack([a_c, a_p])
A, C = joint.T @ joint / 3, joint.T @ g / 3
eta_p = (C.T @ inv(A) @ C).item()
print(f"eta_p = {eta_p:.4f}, so the neuron adds {eta_p - eta_c:.4f}")

# %% [markdown]
# It adds all that was left over. Now the fast way: what is $\eta_p - \eta_c$, without inverting $A$
# for each proposal? We need the inverse of a matrix in blocks,
#
# $$\begin{gathered} A = \begin{pmatrix} A_c & A_{cp} \\ A_{pc} & A_p \end{pmatrix}, \\
#   A_{cp} = A_{pc}^\top = E[a_c a_p^\top] . \end{gathered}$$

# %%
A_cp, A_p = a_c.T @ a_p / 3, a_p.T @ a_p / 3
print(A)
assert np.allclose(np.block([[A_c, A_cp], [A_cp.T, A_p]]), A)

# %% [markdown]
# On the board one eliminates as at school. From the last row subtract $\frac23$ of the one above:
# the corner becomes
#
# $$\tfrac12 - \tfrac23 \cdot \tfrac23 = \tfrac1{18},$$
#
# and this small number will turn out to be all that the proposal adds to the matrix.

# %%
print(A[2] - 2 / 3 * A[1])
assert np.allclose(A[2] - 2 / 3 * A[1], [0, 0, 1 / 18])

# %% [markdown]
# ## 3. The block inverse, step by step
#
# From here on the numbers are random and the shapes general: 30 samples, 4 current inputs, 2
# proposed neurons, 3 outputs. Each step holds for any numbers, and the cell below it would notice
# if not.

# %%
N, a_c, a_p = 30, rng.standard_normal((30, 4)), rng.standard_normal((30, 2))
a_p = a_p + a_c[:, :2]  # the proposals overlap with what is there
g = rng.standard_normal((N, 3)) + a_c[:, :3] + a_p[:, :1] ** 2
G = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 1.0]])

# %%
joint = np.hstack([a_c, a_p])
A_c, A_cp, A_p = a_c.T @ a_c / N, a_c.T @ a_p / N, a_p.T @ a_p / N
A_pc, A, I4, I2 = A_cp.T, joint.T @ joint / N, np.eye(4), np.eye(2)

# %% [markdown]
# **Step 1.** Subtract from the lower rows $A_{pc}A_c^{-1}$ times the upper rows. This is Gaussian
# elimination with blocks for entries, and the lower left block becomes 0:
#
# $$\begin{gathered} \underbrace{\begin{pmatrix} I & 0 \\ -A_{pc} A_c^{-1} & I \end{pmatrix}}_{L}
#   \begin{pmatrix} A_c & A_{cp} \\ A_{pc} & A_p \end{pmatrix}
#   = \begin{pmatrix} A_c & A_{cp} \\ 0 & \Sigma \end{pmatrix}, \\
#   \Sigma = A_p - A_{pc} A_c^{-1} A_{cp} . \end{gathered}$$

# %%
Sigma = A_p - A_pc @ inv(A_c) @ A_cp
L = np.block([[I4, np.zeros((4, 2))], [-A_pc @ inv(A_c), I2]])
assert np.allclose(L @ A, np.block([[A_c, A_cp], [np.zeros((2, 4)), Sigma]]))

# %% [markdown]
# $\Sigma$ is the *Schur complement*. It has a meaning: it is the second moment of what is left of
# $a_p$ when the current inputs are regressed out.
#
# $$\Sigma = E[\tilde a_p \tilde a_p^\top], \qquad \tilde a_p = a_p - A_{pc} A_c^{-1} a_c .$$

# %%
a_left = a_p - a_c @ inv(A_c) @ A_cp
assert np.allclose(Sigma, a_left.T @ a_left / N)

# %% [markdown]
# **Step 2.** The same with columns, from the right, clears the upper right block. What remains is
# block diagonal:
#
# $$L A L^\top = \begin{pmatrix} A_c & 0 \\ 0 & \Sigma \end{pmatrix} .$$

# %%
middle = np.block([[A_c, np.zeros((4, 2))], [np.zeros((2, 4)), Sigma]])
assert np.allclose(L @ A @ L.T, middle)

# %% [markdown]
# **Step 3.** Invert both sides and solve for $A^{-1}$:
#
# $$A^{-1} = L^\top \begin{pmatrix} A_c^{-1} & 0 \\ 0 & \Sigma^{-1} \end{pmatrix} L .$$

# %%
middle_inverse = np.block([[inv(A_c), np.zeros((4, 2))],
    [np.zeros((2, 4)), inv(Sigma)]])
assert np.allclose(inv(A), L.T @ middle_inverse @ L)

# %% [markdown]
# ## 4. The exact increase
#
# **Step 4.** The score has $C = E[a\, g^\top]$ on both sides of $A^{-1}$, so we need $L\,C$. Its
# upper part is $C_c$; its lower part is
#
# $$C_p - A_{pc} A_c^{-1} C_c = E[a_p\, g_r^\top] = D .$$

# %%
C_c, C_p = a_c.T @ g / N, a_p.T @ g / N
g_r = g - a_c @ inv(A_c) @ C_c
D = a_p.T @ g_r / N
assert np.allclose(C_p - A_pc @ inv(A_c) @ C_c, D)

# %%
assert np.allclose(L @ np.vstack([C_c, C_p]), np.vstack([C_c, D]))

# %% [markdown]
# Nobody put the residual gradient in. It comes out, because elimination *is* regression.
#
# **Step 5.** Put steps 3 and 4 into $\eta_p = \mathrm{Tr}[A^{-1} C\, G^{-1} C^\top]$. The
# block-diagonal middle splits it into two traces:
#
# $$\eta_p = \mathrm{Tr}[A_c^{-1} C_c\, G^{-1} C_c^\top] + \mathrm{Tr}[\Sigma^{-1} D\, G^{-1} D^\top] .$$

# %%
C = joint.T @ g / N
eta_p = np.trace(inv(A) @ C @ inv(G) @ C.T)
eta_c = np.trace(inv(A_c) @ C_c @ inv(G) @ C_c.T)
assert np.isclose(eta_p, eta_c + np.trace(inv(Sigma) @ D @ inv(G) @ D.T))

# %% [markdown]
# The first is $\eta_c$. So the **exact increase** (E8) is
#
# $$\Delta\eta = \eta_p - \eta_c = \mathrm{Tr}[\Sigma^{-1} D\, G^{-1} D^\top] .$$

# %%
from sennpy import delta_eta, layer_score

exact = np.trace(inv(Sigma) @ D @ inv(G) @ D.T)
print(f"eta_c {eta_c:.4f}, eta_p {eta_p:.4f}, increase {exact:.4f}")
assert np.isclose(exact, layer_score(joint, g, G) - layer_score(a_c, g, G))

# %%
assert np.isclose(exact, delta_eta(a_c, a_p, g, G))

# %% [markdown]
# $g_r$ and $G^{-1}$ are computed once per layer; a proposal costs two small products and a
# $k \times k$ inverse.
#
# ## 5. The bound
#
# $\Sigma$ still asks for $A_{pc}$. Theorem 3.2 does without, in four lines.
#
# **Line 1.** What is subtracted in $\Sigma$ is positive (no eigenvalue below 0), hence
# $\Sigma \preceq A_p$:
#
# $$A_p - \Sigma = A_{pc} A_c^{-1} A_{cp} \succeq 0 .$$

# %%
assert np.allclose(A_p - Sigma, A_pc @ inv(A_c) @ A_cp)
assert eigvalsh(A_p - Sigma).min() >= 0

# %% [markdown]
# **Line 2.** In units in which $A_p$ is the identity, $\Sigma$ has eigenvalues between 0 and 1:
#
# $$A_p^{-1/2}\, \Sigma\, A_p^{-1/2} \preceq I .$$

# %%
values, V = eigh(A_p)
root = V / np.sqrt(values) @ V.T  # A_p^(-1/2)
print("eigenvalues", eigvalsh(root @ Sigma @ root))
assert eigvalsh(root @ Sigma @ root).max() <= 1

# %% [markdown]
# **Line 3.** Their inverses are at least 1, so inverting turns the order round (if $\Sigma$ has an inverse; if
# not, see below):
#
# $$\Sigma^{-1} - A_p^{-1} \succeq 0 .$$

# %%
assert eigvalsh(inv(Sigma) - inv(A_p)).min() >= 0

# %% [markdown]
# **Line 4.** The trace of a product of two positive matrices is not negative (that of $YZ$ is
# $\lVert Y^{1/2} Z^{1/2} \rVert_F^2$), and $D\, G^{-1} D^\top$ is positive:
#
# $$\mathrm{Tr}[(\Sigma^{-1} - A_p^{-1})\, D\, G^{-1} D^\top] \ge 0 .$$

# %%
assert eigvalsh(D @ inv(G) @ D.T).min() >= 0
assert np.trace((inv(Sigma) - inv(A_p)) @ D @ inv(G) @ D.T) >= 0

# %% [markdown]
# That is **Theorem 3.2**:
#
# $$\Delta\eta' = \mathrm{Tr}[A_p^{-1} E[a_p g_r^\top] G^{-1} E[g_r a_p^\top]] \le \Delta\eta .$$

# %%
from sennpy import delta_eta_bound, residual_gradient

bound = np.trace(inv(A_p) @ D @ inv(G) @ D.T)
print(f"bound {bound:.4f} <= exact {exact:.4f}")

# %%
assert 0 <= bound <= exact

# %%
assert np.allclose(residual_gradient(a_c, g), g_r)
assert np.isclose(delta_eta_bound(a_p, g_r, G), bound)

# %% [markdown]
# **Without an inverse.** If a proposal is a mixture of current inputs, $\Sigma$ is singular, and $\Sigma^{-1}$
# stands for the pseudo-inverse $\Sigma^+$. The bound still holds. Each column $d$ of $D = E[\tilde a_p g_r^\top]$ lies
# in the range of $\Sigma$, and there
#
# $$d^\top \Sigma^+ d = \max_y \left(2\, y^\top d - y^\top \Sigma\, y\right), \qquad \text{at } y = \Sigma^+ d .$$
#
# By line 1 a larger matrix, $A_p$ in place of $\Sigma$, makes every term of the maximum smaller, and so the maximum.

# %%
# three proposals, the last one of no use
with_copy = np.hstack([a_p, a_c[:, :1]])
left_3 = with_copy - a_c @ inv(A_c) @ a_c.T @ with_copy / N
Sigma_3 = left_3.T @ left_3 / N
A_3 = with_copy.T @ with_copy / N
D_3 = with_copy.T @ g_r / N
plus = np.linalg.pinv(Sigma_3, rcond=1e-10)

# %%
d = D_3[:, 0]
values = [2 * y @ d - y @ Sigma_3 @ y
    for y in [plus @ d, *np.random.default_rng(0).standard_normal((1000, 3))]]
assert np.isclose(values[0], d @ plus @ d) and max(values) == values[0]
assert d @ inv(A_3) @ d <= d @ plus @ d
assert np.isclose(delta_eta(a_c, with_copy, g, G), exact)

# %% [markdown]
# *Break it.* Leave out the residual: $\mathrm{Tr}[A_p^{-1} C_p G^{-1} C_p^\top]$ with the plain
# $g$. It is tempting, since it is the score that the neurons would have on their own. Try a neuron
# that is already there.

# %%
copy = a_c[:, :1]
alone = layer_score(copy, g, G)
print(f"alone {alone:.4f}; bound {delta_eta_bound(copy, g_r, G):.4f}")
assert alone > 0.01 and np.isclose(delta_eta(a_c, copy, g, G), 0)

# %% [markdown]
# Without the residual a copy looks as good as the original. With it, it scores 0, exactly and in
# the bound.
#
# **Ancestors.** For one neuron, $G = I$ and outputs that are trained ($g_r = g$), Theorem 3.2 is the score of
# [Kwok and Yeung 1997](https://doi.org/10.1109/72.623214 "kwok1997"). Theirs is that of cascade-correlation
# ([Fahlman and Lebiere 1990](https://proceedings.neurips.cc/paper/1989/hash/69adc1e107f7f7d035d7baf04342e1ca-Abstract.html "fahlman1990")),
# squared and made independent of the neuron's size:
#
# $$\begin{aligned} S_\text{Fahlman} &= \sum_o \big| E[(a_p - \bar a_p)(g_o - \bar g_o)] \big|, \\
#   S_\text{Kwok} &= \sum_o \frac{E[a_p\, g_o]^2}{E[a_p^2]} . \end{aligned}$$

# %%
neuron = a_p[:, :1]
trained = residual_gradient(np.hstack([a_c, np.ones((N, 1))]), g)
kwok = np.sum(np.mean(neuron * trained, axis=0) ** 2) / np.mean(neuron**2)
assert np.isclose(kwok, delta_eta_bound(neuron, trained, np.eye(3)))

# %%
fahlman = lambda a: np.abs(
    np.mean((a - a.mean()) * (trained - trained.mean(axis=0)), axis=0)).sum()
# g_r has mean 0
assert np.isclose(fahlman(neuron),
    np.abs(np.mean(neuron * trained, axis=0)).sum())

# %%
# it likes large neurons
assert np.isclose(fahlman(10 * neuron), 10 * fahlman(neuron))
assert np.isclose(delta_eta_bound(10 * neuron, trained, np.eye(3)), kwok)

# %% [markdown]
# What the paper adds is the metric $G$, layers that are not yet trained, depth, and the question *when*.
#
# ## 6. How loose is it?
#
# Back to the board. The bump $(\frac12, 1, \frac12)$, with $g_r = (1, -2, 1)$:
#
# $$\begin{gathered} A_p = \tfrac12, \quad D = -\tfrac13, \quad \Sigma = \tfrac1{18}, \\
#   \Delta\eta' = \frac{1/9}{1/2} = \tfrac29, \qquad \Delta\eta = \frac{1/9}{1/18} = 2 . \end{gathered}$$

# %%
board_a_c = np.array([[-1.0, 1], [0, 1], [1, 1]])
board_g_r = np.array([[1.0], [-2], [1]])
bump_p, one = np.array([[0.5], [1], [0.5]]), np.eye(1)  # a_p and G
left = residual_gradient(board_a_c, bump_p)  # what is left of the neuron

# %%
assert np.isclose(np.mean(bump_p**2), 1 / 2)
assert np.isclose(np.mean(bump_p * board_g_r), -1 / 3)
assert np.isclose(np.mean(left**2), 1 / 18)

# %%
def both(a_p):
    bound = delta_eta_bound(a_p, board_g_r, one)
    return np.array([bound, delta_eta(board_a_c, a_p, board_g_r, one)])

# %%
print("bound, exact:", both(bump_p))
assert np.allclose(both(bump_p), [2 / 9, 2])

# %% [markdown]
# The bound sees one ninth of the truth! Most of the bump is a constant, which the layer has
# already, and the bound divides by all of $A_p$. For one neuron (E9) says it exactly, with $R^2$
# the share of $a_p$ that the current inputs explain:
#
# $$\begin{gathered} \Delta\eta' = (1 - R^2)\, \Delta\eta, \\
#   1 - R^2 = \Sigma / A_p = \frac{1/18}{1/2} = \tfrac19 . \end{gathered}$$

# %%
unexplained = np.mean(left**2) / np.mean(bump_p**2)  # 1 - R^2
assert np.isclose(unexplained, 1 / 9)
assert np.isclose(both(bump_p)[0], unexplained * both(bump_p)[1])

# %% [markdown]
# So the bound is tight exactly when $a_p$ is uncorrelated with $a_c$. *Break it:* subtract from the
# bump its mean $\frac23$. The layer has a bias, so this neuron can do neither more nor less:

# %%
print("bound, exact:", both(bump_p - 2 / 3))
assert np.allclose(both(bump_p - 2 / 3), [2, 2])

# %% [markdown]
# Several neurons at once have several such shares: the eigenvalues of line 2 above. The bound's
# share of the truth is a weighted mean of them, so
#
# $$\min_i (1 - R_i^2) \;\le\; \Delta\eta' / \Delta\eta \;\le\; \max_i (1 - R_i^2) .$$

# %%
shares = eigvalsh(root @ Sigma @ root)
print(f"shares {shares}, bound / exact {bound / exact:.4f}")
assert shares.min() <= bound / exact <= shares.max()

# %% [markdown]
# Let us look at neurons as a search would propose them: the hidden layer of a real network, 300
# random neurons, and 300 random triples.

# %%
from sennpy import MLP, Rational, kronecker_factors

X = rng.standard_normal((100, 2))
net = MLP.random((2, 3, 3, 2), rng=rng)
trace = net.forward(X)
layer_a, layer_G = trace.inputs[1], kronecker_factors(net, X)[1].G
layer_g = net.backward(trace, trace.outputs - rng.standard_normal((100, 2)))[1]

# %%
def random_neurons(k):
    return Rational()(trace.inputs[0] @ rng.standard_normal((3, k)),
        rng.standard_normal((3, k)))

def looseness(a_p):
    rest = residual_gradient(layer_a, a_p)
    shares = generalised(rest.T @ rest, a_p.T @ a_p)  # of Sigma relative to A_p
    part = delta_eta_bound(a_p, residual_gradient(layer_a, layer_g), layer_G)
    return 1 - shares.min(), part / delta_eta(layer_a, a_p, layer_g, layer_G)

# %%
single = np.array([looseness(random_neurons(1)) for _ in range(300)])
triple = np.array([looseness(random_neurons(3)) for _ in range(300)])
assert np.allclose(single[:, 1], 1 - single[:, 0])
assert np.all(triple.sum(axis=1) >= 1 - 1e-9)

# %%
from sennpy import explorables, plots

print(f"in the middle of the single ones it sees {np.median(single[:, 1]):.2f}")
assert np.median(single[:, 1]) < 0.2
assert max(single[:, 1].max(), triple[:, 1].max()) <= 1
plots.bound_tightness({"one neuron": single, "three neurons": triple});

# %% [markdown]
# Most random neurons overlap strongly with what is there, and the bound then sees a small part of
# what they bring, of half of the single ones less than a fifth. It never sees too much: whoever decides by the bound adds too little rather than
# too much.
#
# ## 7. What does not matter, and what is the most
#
# Only what the neurons *span* counts. Mix them with any invertible $Q$, and neither score moves
# (E9):
#
# $$\begin{aligned} \Delta\eta(a_p Q) &= \Delta\eta(a_p), \\
#   \Delta\eta'(a_p Q) &= \Delta\eta'(a_p) . \end{aligned}$$

# %%
Q = np.array([[10.0, 3.0], [0.0, -0.1]])
assert np.isclose(delta_eta(a_c, a_p @ Q, g, G), exact)
assert np.isclose(delta_eta_bound(a_p @ Q, g_r, G), bound)

# %% [markdown]
# The exact increase does not even notice when current inputs are mixed in; the bound does, as on
# the board.
#
# $$\Delta\eta(a_p + B^\top a_c) = \Delta\eta(a_p) .$$

# %%
B = rng.standard_normal((4, 2))
print(f"bound {bound:.4f} -> {delta_eta_bound(a_p + a_c @ B, g_r, G):.4f}")
assert np.isclose(delta_eta(a_c, a_p + a_c @ B, g, G), exact)

# %% [markdown]
# And there is a ceiling. The best conceivable neurons reproduce the residual gradient itself, one for each of
# its $n_\text{out}$ entries, $a_p = g_r$; then $A_p = D = E[g_r g_r^\top]$, and since $g_r$ is uncorrelated with $a_c$ the
# bound is tight. Nothing exceeds it, for $\Delta\eta$ is the mean square of a projection of $g_r$
# (in units of $G$), as $\eta$ is one of $g_y$:
#
# $$\sup \Delta\eta = \mathrm{Tr}[G^{-1} E[g_r g_r^\top]] .$$

# %%
from sennpy import delta_eta_supremum

supremum = np.trace(inv(G) @ g_r.T @ g_r / N)
assert np.isclose(delta_eta_bound(g_r, g_r, G), supremum)
assert np.isclose(delta_eta(a_c, g_r, g, G), supremum)

# %%
print(f"the two neurons attain {exact / supremum:.0%} of what is possible")
assert np.isclose(delta_eta_supremum(g_r, G), supremum)
assert all(delta_eta(a_c, rng.standard_normal((N, 2)), g, G) < supremum
    for _ in range(100))

# %% [markdown]
# Fewer neurons than outputs cannot reach it: $k$ of them span $k$ directions at most. The best single one follows the
# top principal component of the whitened residual,
#
# $$\max_{\text{one neuron}} \Delta\eta = \text{largest eigenvalue of } G^{-1/2} E[g_r g_r^\top]\, G^{-1/2},$$
#
# and the supremum is the sum of all three.

# %%
from scipy.linalg import eigh as generalised_eigh

parts, ways = generalised_eigh(g_r.T @ g_r / N, G)  # the same eigenvalues
best_neuron = g_r @ ways[:, -1:]
print(f"one neuron at most {parts[-1]:.2f}, three {parts.sum():.2f}")
assert np.isclose(parts.sum(), supremum)
assert np.isclose(delta_eta(a_c, best_neuron, g, G), parts[-1])
assert all(delta_eta(a_c, g_r @ w[:, None], g, G) <= parts[-1]
    for w in np.random.default_rng(1).normal(size=(100, 3)))

# %% [markdown]
# ## 8. See it
#
# One input, 50 points, a line fitted to a wave: the layer's inputs are $x$ and 1. A proposal is a
# bump $a_p(x) = \phi_c((x - \text{location}) / \text{scale})$.

# %%
x = np.sort(rng.standard_normal((50, 1)), axis=0)
t = np.sin(2 * x) + 0.1 * rng.standard_normal((50, 1))
x_c = np.hstack([x, np.ones((50, 1))])
# g = y - t, and y is a line, so this is the rest of it
residual = residual_gradient(x_c, -t)
print(f"left over: {np.mean(residual**2):.4f}")

# %%
def bump(location, scale):
    return 1 / (1 + ((x - location) / scale) ** 2)

def fitted(a):
    return a @ np.linalg.lstsq(a, residual, rcond=None)[0]

def scores(location, scale):
    a_p = bump(location, scale)
    return delta_eta_bound(a_p, residual, one), delta_eta(x_c, a_p, residual, one)

# %% [markdown]
# With one output and $G = 1$ both scores are mean squares of a *fit* to the residual gradient. The
# bound lets the neuron fit alone; the exact increase lets the current inputs help, which takes the
# neuron's redundant part out:
#
# $$\begin{aligned} \Delta\eta' &= E[\hat g^2], \quad \hat g \text{ fitted by } a_p; \\
#   \Delta\eta &= E[\hat g^2], \quad \hat g \text{ fitted by } (a_c, a_p) . \end{aligned}$$

# %%
a_b = bump(0.8, 1.0)
bound_b, exact_b = scores(0.8, 1.0)
print(f"alone {bound_b:.4f}, with the current inputs {exact_b:.4f}")
assert np.isclose(np.mean(fitted(a_b) ** 2), bound_b)
assert np.isclose(np.mean(fitted(np.hstack([x_c, a_b])) ** 2), exact_b)

# %% [markdown]
# Score every location and every scale, by the bound and exactly.

# %%
locations, scales = np.linspace(-3, 3, 61), 10 ** np.linspace(-1.5, 1.5, 46)
maps = np.array([[scores(location, scale) for location in locations]
    for scale in scales])
bounds, exacts = maps[..., 0], maps[..., 1]
assert np.all(bounds <= exacts * (1 + 1e-9))
assert exacts.max() < np.mean(residual**2)

# %%
def show(location, log_scale):
    here, a_p = (location, 10**log_scale), bump(location, 10**log_scale)
    fits = {"alone": fitted(a_p),
        "with current inputs": fitted(np.hstack([x_c, a_p]))}
    landscape = {r"bound $\Delta\eta'$": bounds, r"exact $\Delta\eta$": exacts}
    return plots.proposal_figure(x, residual, fits, locations, scales, landscape,
        here, scores(*here))

show(location=0.8, log_scale=0.0);

# %% [markdown]
# Above: the residual gradient with the two fits. Below: what every bump would score; the cross is
# the one above. The bound is closest on narrow bumps, which overlap least, and even there it misses a part;
# it misses more the broader they are. Its middle share of the truth, by scale:

# %%
within = (locations > x.min()) & (locations < x.max())
for low, high in [(0.03, 0.1), (0.1, 0.3), (0.3, 1), (1, 3)]:
    seen = (bounds / exacts)[(scales >= low) & (scales < high)]
    print(f"scale {low} to {high}: "
        f"among the data {np.median(seen[:, within]):.2f}, "
        f"outside {np.median(seen[:, ~within]):.2f}")
assert np.median((bounds / exacts)[scales < 0.1][:, within]) < 0.85
assert exacts.max() > 3 * bounds.max()
# the ridge
assert bounds[exacts > 0.9 * exacts.max()].max() < 0.01 * exacts.max()

# %% [markdown]
# The best bumps are broad: on their flank they look like a line plus a wave, and the line the layer can take
# away. The bound, which knows of no such help, sees next to nothing of the ridge's summits. (Nor is the ridge
# all gold: far out the bump is nearly straight, and the weight behind it has to be huge (exercise 5). A score
# does not see the size of a weight; damping does, 05.)
#
# Move the bump, by its sliders or in the lower pictures. Where is the bound's best, and what does it miss? What
# happens at location 0, and why?

# %%
explorables.proposal(x, x_c, residual)

# %% [markdown]
# ## 9. The same without factors: (E5)
#
# Nothing in lessons 3 to 5 needed $A$ to be a moment of activations. Put the whole Fisher matrix
# in its place, split into current and proposed parameters:
#
# $$\begin{aligned} \Delta\eta = r^\top S^{-1} r, \qquad r &= g_p - F_{pc} F_{cc}^{-1} g_c, \\
#   S &= F_{pp} - F_{pc} F_{cc}^{-1} F_{cp} . \end{aligned}$$

# %%
from sennpy import Tanh, widen

old = MLP.random((2, 3, 1), Tanh(), rng)
wide = widen(old, 0, rng.standard_normal((3, 1)))
g_y = rng.standard_normal((100, 1))
J_c, J_p = old.jacobian(old.forward(X))[:, 0], wide.forward(X).inputs[1][:, 3:4]

# %%
g_c, g_p = J_c.T @ g_y / 100, J_p.T @ g_y / 100
F_cc, F_cp, F_pp = J_c.T @ J_c / 100, J_c.T @ J_p / 100, J_p.T @ J_p / 100
r, S = g_p - F_cp.T @ inv(F_cc) @ g_c, F_pp - F_cp.T @ inv(F_cc) @ F_cp
dense = (r.T @ inv(S) @ r).item()

# %%
from sennpy import delta_eta_dense, projected_score

gained = projected_score(wide.jacobian(wide.forward(X)),
    g_y) - projected_score(J_c, g_y)
print(f"r S^-1 r = {dense:.6f}, score after - score before = {gained:.6f}")
assert np.isclose(dense, gained)

# %%
J = np.hstack([J_c, J_p])
assert np.isclose(delta_eta_dense(J.T @ J / 100, (J.T @ g_y / 100).ravel(),
    old.num_parameters), dense)

# %% [markdown]
# ($J$ has one new column only: the incoming weights of the new neuron sleep, as in 04.) The bound
# has its twin as well, and the version without residual is as wrong as before:
#
# $$r^\top F_{pp}^{-1} r \le \Delta\eta, \qquad\text{but}\qquad g_p^\top F_{pp}^{-1} g_p \not\le \Delta\eta .$$

# %%
bound_dense = (r.T @ inv(F_pp) @ r).item()
no_residual = (g_p.T @ inv(F_pp) @ g_p).item()
print(f"bound {bound_dense:.6f}, exact {dense:.6f}, "
    f"without residual {no_residual:.6f}")
assert bound_dense <= dense

# %%
copy = J_c[:, -2:-1]  # the outgoing weight of an old neuron, proposed again
alone = (copy.T @ g_y).item() ** 2 / (copy.T @ copy).item() / 100
gained = projected_score(np.hstack([J_c, copy]), g_y) - projected_score(J_c, g_y)
print(f"copy: without residual {alone:.6f}, but the score stays")
assert alone > 1e-6 and np.isclose(gained, 0)

# %% [markdown]
# ## 10. The gradient of the bound: (E10)
#
# To *search* for a neuron one climbs $\Delta\eta'$. How does it change when the activations change
# by $\delta a_p$? Two things move: $D$, and $A_p$. With
# $d(A_p^{-1}) = -A_p^{-1}\, dA_p\, A_p^{-1}$:
#
# $$\begin{aligned} d\Delta\eta' &= 2\, \mathrm{Tr}[A_p^{-1}\, dD\, G^{-1} D^\top] \\
#   &- \mathrm{Tr}[A_p^{-1}\, dA_p\, A_p^{-1} D\, G^{-1} D^\top] . \end{aligned}$$

# %%
def bound_of(a_p):  # with .T and inv it is analytic, so a complex step may pass
    D = a_p.T @ g_r / N
    return np.trace(inv(a_p.T @ a_p / N) @ D @ inv(G) @ D.T)

# %%
delta = rng.standard_normal((N, 2))
dD, dA = delta.T @ g_r / N, (delta.T @ a_p + a_p.T @ delta) / N
M = inv(A_p) @ D @ inv(G) @ D.T
change = 2 * np.trace(inv(A_p) @ dD @ inv(G) @ D.T) - np.trace(inv(A_p) @ dA @ M)
assert np.isclose(bound_of(a_p + 1e-20j * delta).imag / 1e-20, change)

# %% [markdown]
# Write both traces as sums over samples, and read off what multiplies $\delta a_p(x_n)$. That is
# (E10):
#
# $$\begin{aligned} &\frac{\partial \Delta\eta'}{\partial a_p(x_n)} = \\
#   &\qquad \frac2N\, A_p^{-1} D\, G^{-1} \left( g_r(x_n) - D^\top A_p^{-1} a_p(x_n) \right) . \end{aligned}$$

# %%
fit = inv(A_p) @ D  # g_r regressed on a_p
gradient = 2 / N * (g_r - a_p @ fit) @ inv(G) @ fit.T
assert np.isclose((gradient * delta).sum(), change)

# %%
from sennpy import delta_eta_bound_gradient

assert np.allclose(delta_eta_bound_gradient(a_p, g_r, G), gradient)

# %% [markdown]
# Read it: the bracket is what is left of $g_r$ when the proposed neurons have been fitted to it.
# Each sample pulls the activation in the direction that reduces this rest. Backpropagation takes
# the pull on to the incoming weights. And because $a_p Q$ scores the same, the gradient has no part
# along such changes:
#
# $$a_p^\top\, \frac{\partial \Delta\eta'}{\partial a_p} = 0 .$$

# %%
assert np.allclose(a_p.T @ gradient, 0)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# On the board ($a_c$ as in lesson 1, $g_r = (1, -2, 1)$), find the bound and the exact increase of
# $a_p = (0, 1, 0)$ and of $a_p = (1, 0, 1)$ on paper, then with `both` of lesson 6. Why is one of
# the two numbers the same for both, and for the bump?
#
# *Check:* `check("06.1", (bound, exact, bound, exact))`: four numbers, first for $(0, 1, 0)$.

# %% tags=["solution"]
print("bound, exact:", both([[0.0], [1], [0]]), both([[1.0], [0], [1]]))
assert np.allclose(both([[0.0], [1], [0]]), [4 / 3, 2])
assert np.allclose(both([[1.0], [0], [1]]), [2 / 3, 2])

# %% tags=["solution"]
middle, ends = [[0.0], [1], [0]], [[1.0], [0], [1]]
assert check("06.1", (*both(middle), *both(ends)))

# %% [markdown] tags=["solution"]
# 4/3 and 2/3, and 2 for both: $(1, 0, 1) = 1 - (0, 1, 0)$ and the bump is
# $\frac12 + \frac12 (0, 1, 0)$. They differ by a constant and a factor, which the exact increase
# does not notice.

# %% [markdown]
# ### Exercise 2 (easy)
#
# Replace the two proposals of lesson 3 by what is left of them after regression on $a_c$. What do
# bound and exact increase become, and why?
#
# *Check:* `check("06.2", (bound, exact))`: two numbers.

# %% tags=["solution"]
assert np.isclose(delta_eta_bound(a_left, g_r, G), exact)
assert np.isclose(delta_eta(a_c, a_left, g, G), exact)

# %% tags=["solution"]
assert check("06.2", (delta_eta_bound(a_left, g_r, G),
    delta_eta(a_c, a_left, g, G)))

# %% [markdown] tags=["solution"]
# Both are the old exact increase: $\tilde a_p$ differs from $a_p$ by current inputs only, and it is
# uncorrelated with them, so the bound is tight.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Is the increase of a pair the sum of the increases of its two neurons? Find a pair that brings
# less, and one that brings *more*.
#
# *Check:* `check("06.3", ((p, q), (p, q)))`: columns (30, 1): first the pair that brings less.

# %% tags=["solution"]
def pair(p, q):
    apart = delta_eta(a_c, p, g, G) + delta_eta(a_c, q, g, G)
    return apart, delta_eta(a_c, np.hstack([p, q]), g, G)

noise, good = rng.standard_normal((N, 1)), g_r[:, :1]
less = pair(good + 0.1 * noise, good - 0.1 * noise)
more = pair(good + 3 * noise, noise)
print("apart, together:", np.round(less, 2), np.round(more, 2))
assert less[1] < less[0] and more[1] > more[0]

# %% tags=["solution"]
assert check("06.3", ((good + 0.1 * noise, good - 0.1 * noise),
    (good + 3 * noise, noise)))

# %% [markdown] tags=["solution"]
# Two versions of one good neuron overlap. In the second pair the good part is buried under noise,
# and the other neuron, useless alone, takes the noise away.

# %% [markdown]
# ### Exercise 4 (medium)
#
# For one proposed neuron and one output show that the bound is $\rho^2 E[g_r^2] / G$ with $\rho$
# the (uncentred) correlation of $a_p$ and $g_r$. Which neuron reaches the supremum? What does that
# say about "a neuron should be where the error is"?
#
# *Check:* `check("06.4", (a_p, g_r, rho, bound))`: a neuron and a residual gradient (N,), then two numbers, with $G = 1$.

# %% tags=["solution"]
rho = np.mean(bump(0, 1) * residual) / np.sqrt(np.mean(bump(0, 1) ** 2)
    * np.mean(residual**2))
assert np.isclose(rho**2 * np.mean(residual**2), scores(0, 1)[0])

# %% tags=["solution"]
assert check("06.4", (bump(0, 1), residual, rho, rho**2 * np.mean(residual**2)))

# %% [markdown] tags=["solution"]
# Here $A_p = E[a_p^2]$ and $D = E[a_p g_r]$ are numbers, so the bound is $D^2/(A_p G)$, and $\rho^2 = D^2/(E[a_p^2]\, E[g_r^2])$: together
# $\rho^2 E[g_r^2]/G$. The supremum, $\rho^2 = 1$, is reached by whom? Only one proportional to $g_r$, with $\rho = \pm 1$. A neuron should not be where the error is
# *large* but look *like* the error, sign changes included.

# %% [markdown]
# ### Exercise 5 (open-ended)
#
# What does it cost to choose by the bound? Draw many sets of proposals in lesson 8 (or for the
# layer of lesson 6), pick the best by the bound and the best by the exact increase, and compare
# what they really bring. How does it change if you subtract from each proposal its mean? Then add
# the best bump to the layer, draw the maps again, and see what has become of the landscape.
#
# *Check:* `check("06.5", (x, residual, plain, centred))`: lesson 8's data, and two mean shares, between 0 and 1.

# %% tags=["solution"]
def kept(centred, sets=200):
    shares = []
    for _ in range(sets):
        a = [bump(m, 10 ** (s / 2)) for m, s in rng.normal(size=(20, 2))]
        a = [a_p - centred * a_p.mean() for a_p in a]
        bound = [delta_eta_bound(a_p, residual, one) for a_p in a]
        truth = [delta_eta(x_c, a_p, residual, one) for a_p in a]
        shares.append(truth[np.argmax(bound)] / max(truth))
    return np.mean(shares), min(shares)

# %% tags=["solution"]
for centred, name in [(0, "as they are"), (1, "centred")]:
    mean, least = kept(centred)
    print(f"best of 20 by the bound, {name}: {mean:.0%} of the best on average, "
        f"{least:.0%} at worst")
assert kept(0)[0] < mean < 1

# %% [markdown] tags=["solution"]
# Subtracting the mean helps: it takes away the overlap with the constant. What remains is the overlap with $x$.

# %% tags=["solution"]
row, column = np.unravel_index(exacts.argmax(), exacts.shape)
here = locations[column], scales[row]
x_new = np.hstack([x_c, bump(*here)])
rest = residual_gradient(x_new, residual)
after = np.array([[delta_eta(x_new, bump(m, s), rest, one) for m in locations]
    for s in scales])

# %% tags=["solution"]
weight = np.linalg.lstsq(x_new, residual, rcond=None)[0][-1, 0]
print(f"highest exact increase {exacts.max():.4f}, afterwards {after.max():.4f}")
print(f"the neuron's outgoing weight would be {weight:.0f}")
assert after.max() < exacts.max() / 10 and abs(weight) > 10

# %% tags=["solution"]
plots.proposal_map(locations, scales, after, here, top=exacts.max(),
    title="after the addition");

# %% tags=["solution"]
assert check("06.5", (x, residual, kept(0)[0], mean))

# %% [markdown] tags=["solution"]
# On the colours of the old map the new one is dark, nowhere a tenth of the old summit: what one bump can do has
# been done.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - The residual gradient $g_r$ (Lemma A.6, (E7)) is what the layer's current inputs cannot explain.
#   Only it matters for what to add.
# - Block elimination gives the exact increase,
#   $\Delta\eta = \mathrm{Tr}[\Sigma^{-1} D\, G^{-1} D^\top]$ (E8), and the same with $F$ in place
#   of $A$ (E5).
# - $\Sigma \preceq A_p$ gives the bound of Theorem 3.2. For one neuron it is $(1 - R^2)$ times the
#   truth (E9): tight for neurons that are new in every respect, blind for those that overlap, 0 for
#   copies.
# - Without the residual it would not be a bound, and copies would be welcome.
# - Its gradient (E10) pulls the proposal towards what is still unexplained.
#
# </div>
#
# Next: [07 Langevin proposals](07_langevin_proposals.ipynb)

# %% [markdown]
# # 02 The Fisher matrix, and its relatives
#
# Two steps in the parameters can be equally long and yet one leaves the network's outputs as they are
# while the other turns them over. The Fisher matrix measures a step by what it does to the outputs.
# There are four of them, a Gauss-Newton matrix and a Hessian, and papers mix them up. Here you
# print all six.
#
# - **You will be able to** write down the Fisher matrix of any network, say which of its four kinds a
#   paper means, and when each equals the Gauss-Newton matrix or the Hessian.
# - **You need** [notebook 01](01_backprop_by_hand.ipynb) (the Jacobian $J$) and eigenvalues.
# - **Labels:** section 1 ([what the sections are](sections.md))
# - **Run time:** a few seconds
# - **Previous:** [01 Backpropagation by hand](01_backprop_by_hand.ipynb)
# - **Next:** [03 Natural gradient and the score](03_natural_gradient_and_the_score.ipynb)

# %%
import numpy as np

from sennpy import MLP, SoftmaxCrossEntropy, fisher, plots
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. Three parameters, three points
#
# The neuron of the last notebook with an outgoing weight: $y = w_\text{out}\,\sigma(wx + b)$, with the bump
# $\sigma(z) = 1/(1 + z^2)$, $\theta = (w, b, w_\text{out}) = (1, 0, 1)$ and $x = -1, 0, 1$. Row $n$ of the
# Jacobian is
#
# $$J_n = \big(w_\text{out}\,\sigma'(z_n)\, x_n, \; w_\text{out}\,\sigma'(z_n), \; \sigma(z_n)\big).$$

# %%
x, N = np.array([-1.0, 0.0, 1.0]), 3
theta = np.array([1.0, 0.0, 1.0])
model = lambda theta: theta[2] / (1 + (theta[0] * x + theta[1]) ** 2)

# %%
slope = np.array([1/2, 0, -1/2])  # sigma' at z = -1, 0, 1
J = np.stack([slope * x, slope, model(theta)], axis=1)
print(J)

# %%
def complex_step(f, theta):
    """Derivatives of f in every entry of theta, as in the last notebook."""
    h = 1e-200
    return np.stack([np.imag(f(theta + 1j * h * unit)) / h
        for unit in np.eye(len(theta))], axis=-1)

# %%
assert np.allclose(J, complex_step(model, theta))

# %% [markdown]
# A small step $d$ in the parameters moves the outputs by $Jd$. How far is that, on average over the
# samples? The answer is a quadratic form, and its matrix is the **Fisher matrix for the Euclidean
# output metric** (section 1):
#
# $$\frac1N \|Jd\|^2 = d^\top F d, \qquad F = \frac1N J^\top J.$$

# %%
F = J.T @ J / N
print(6 * F)
d = np.array([3.0, 1.0, -2.0])
assert np.isclose(((J @ d) ** 2).mean(), d @ F @ d)

# %% [markdown]
# Read it: the entries of $b$ with the others are 0, so a step in $b$ moves the outputs at right angles
# to what $w$ and $w_\text{out}$ do. But these two share something: making the bump narrower lowers its
# flanks, and so does making it lower.
#
# *Break it.* Leave out the point $x = 1$ (`J[:2]`). Print the eigenvalues of $F$. What does the smallest one say
# about two points and three parameters?
#
# <details><summary>Answer</summary>
#
# It is 0: two points have two outputs, so $J$ has rank 2 at most, and some step $d$ of the three parameters has $Jd = 0$. It moves
# the function somewhere, but not at these points, and $F$, which knows these points alone, gives it no length.
#
# </details>

# %% [markdown]
# ## 2. Not all outputs are lengths: the output metric
#
# For a classifier, moving a score from 8 to 9 hardly changes its probabilities, moving it from 0 to 1
# does. So let the model tell how to measure a change of its outputs: by a matrix $M_n$ at each
# sample,
#
# $$\begin{aligned}
# F &= \frac1N \sum_n J_n^\top M_n J_n, \\
# M_n &= \operatorname{diag}(p_n) - p_n p_n^\top \quad \text{(softmax)}.
# \end{aligned}$$
#
# On the board: one input, three classes, outputs $y = (w_0 x, w_1 x, w_2 x)$, three
# parameters, all 0. So $p = (\frac13, \frac13, \frac13)$ everywhere, and $J_n = x_n I$.

# %%
xs = np.array([-1.0, 1.0, 2.0])
Js = xs[:, None, None] * np.eye(3)
p = np.full(3, 1/3)
M = np.diag(p) - np.outer(p, p)

# %%
F_true = sum(Jn.T @ M @ Jn for Jn in Js) / 3
print(9/2 * F_true)
assert np.allclose(F_true,
    2/9 * np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2]]))

# %% [markdown]
# What does it measure? The change of the predicted *distributions*. To second order, the
# Kullback-Leibler divergence between the predictions before and after a small step is
#
# $$\begin{aligned}
# \frac1N \sum_n \mathrm{KL}\big(p_n(\theta) \,\|\, p_n(\theta &+ \varepsilon d)\big) \\
#   &= \frac{\varepsilon^2}{2}\, d^\top F d + O(\varepsilon^3).
# \end{aligned}$$

# %%
def mean_kl(w):
    logits = np.outer(xs, w)
    q = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (p * np.log(p / q)).sum(axis=1).mean()

# %%
d, eps = np.array([1.0, 0.0, -2.0]), 1e-4
print(f"KL / eps^2 = {mean_kl(eps * d) / eps**2:.4f},  "
    f"d F d / 2 = {d @ F_true @ d / 2:.4f}")
assert np.isclose(mean_kl(eps * d) / eps**2, d @ F_true @ d / 2, rtol=1e-3)

# %% [markdown]
# Raise all three weights by the same amount: the outputs move, the probabilities do not. The Euclidean
# $F$ counts that step, this one does not:

# %%
together = np.ones(3)
F_euclidean = sum(Jn.T @ Jn for Jn in Js) / 3
print(f"euclidean {together @ F_euclidean @ together:.1f}, "
    f"softmax {together @ F_true @ together:.1f}")

# %% [markdown]
# *Break it.* Set the weights to $(5, 0, 0)$ instead of 0 and compute $M$ at $x = 2$. Why is nearly
# nothing left of it?
#
# <details><summary>Answer</summary>
#
# The outputs are $(10, 0, 0)$, so $p \approx (0.9999, 0.00005, 0.00005)$ and no entry of $\mathrm{diag}(p) - pp^\top$ reaches 0.0001. The network is
# sure: moving its outputs a little changes next to nothing in what it predicts.
#
# </details>

# %% [markdown]
# ## 3. Where the metric comes from: the other two Fishers
#
# Fisher's own definition: draw targets *from the model*, and take the second moment of the gradient.
# At one sample, with $u = p - \mathrm{onehot}(t)$ the output gradient,
#
# $$\begin{aligned}
# \mathbb{E}_{t \sim p}\,[u u^\top] &= \sum_t p_t\, (p - \mathrm{onehot}(t))(p - \mathrm{onehot}(t))^\top \\
#   &= \operatorname{diag}(p) - p p^\top = M.
# \end{aligned}$$

# %%
u = p - np.eye(3)  # row t: the output gradient if the target is t
second_moment = sum(p[t] * np.outer(u[t], u[t]) for t in range(3))
assert np.allclose(second_moment, M)

# %% [markdown]
# The sum over all targets is the **true** Fisher matrix. Two short cuts:
#
# - **sampled**: draw one target (or a few) a sample from $p_n$, instead of summing over all;
# - **empirical**: use the targets of the data.
#
# They look alike and are not ([Kunstner et al. 2019](https://arxiv.org/abs/1905.12558 "kunstner2019")). The
# first is right on average. The second replaces the model's opinion by the data,
# $u_n = p_n - \mathrm{onehot}(t_n)$:
#
# $$F_\text{emp} = \frac1N \sum_n J_n^\top u_n u_n^\top J_n.$$
#
# On the board, with targets $t = (0, 1, 2)$:

# %%
def second_moment_of(labels):
    g = xs[:, None] * u[labels]  # J_n^T u_n, one row a sample
    return g.T @ g / 3

# %%
F_empirical = second_moment_of([0, 1, 2])
assert np.allclose(F_empirical, np.array([[1, 0, -1], [0, 1, -1], [-1, -1, 2]])
    / 3)

# %% [markdown]
# And the sampled one, for ever more draws. How fast should it converge?

# %%
for draws in (1, 100, 10_000):
    F_sampled = sum(second_moment_of(rng.integers(3, size=3))
        for _ in range(draws)) / draws
    print(f"{draws:>6} draws: off by {np.abs(F_sampled - F_true).max():.3f}")

# %% [markdown]
# A hundred times the draws, a tenth of the error, but for luck: $1/\sqrt{\text{draws}}$, the law of averages.
#
# All four at once, in thirds, with one draw that happened to be $t = (2, 0, 0)$:

# %%
four = {
    "euclidean": F_euclidean, "true": F_true,
    "sampled (one draw)": second_moment_of([2, 0, 0]), "empirical": F_empirical,
}
for name, matrix in four.items():
    print(name, (3 * matrix).round(2) + 0.0, sep="\n")

# %% [markdown]
# As a picture: the steps that each of them calls "of length 1", in the plane of $w_0$ and $w_1$.

# %%
plots.ellipses({name: matrix[:2, :2] for name, matrix in four.items()});

# %% [markdown]
# A long axis is a direction that this metric hardly notices, so that a natural gradient will take a long
# step in it.

# %% [markdown]
# ## 4. Gauss-Newton and the Hessian
#
# Back to the bump and the squared error, $\ell = \frac12 (y - t)^2$, with targets
# $t = (-\frac12, 0, 0)$, so that the errors are $e = y - t = (1, 1, \frac12)$. Differentiate the
# loss twice. The product rule leaves two terms:
#
# $$H = \frac1N \sum_n J_n^\top M_n J_n + \frac1N \sum_n e_n \nabla^2 y_n,$$
#
# where $M_n = \partial^2 \ell/\partial y^2$ is simply 1. The first is the **Gauss-Newton matrix**: the Hessian of a model in which the network is replaced by
# its linearisation. The second needs the curvature of the network itself.

# %%
t = np.array([-0.5, 0.0, 0.0])
e = model(theta) - t

# %%
def slopes(theta):
    """J at any theta."""
    z, w_out = theta[0] * x + theta[1], theta[2]
    bend = -2 * z / (1 + z**2) ** 2
    return np.stack([w_out * bend * x, w_out * bend, 1 / (1 + z**2)], axis=1)

# %%
gauss_newton = J.T @ J / N
# the second derivatives of y_n, one 3 x 3 matrix a sample
second = complex_step(slopes, theta)
H = gauss_newton + np.einsum("n,nij->ij", e, second) / N
print(12 * H)

# %%
gradient = lambda theta: slopes(theta).T @ (model(theta) - t) / N
assert np.allclose(H, complex_step(gradient, theta))

# %% [markdown]
# For this neuron $\nabla^2 y$ can be written out too, with $\sigma'' = (6z^2 - 2)/(1 + z^2)^3 =
# \frac12, -2, \frac12$ and $w_\text{out} = 1$:
#
# $$\nabla^2 y_n = \begin{pmatrix} \sigma'' x^2 & \sigma'' x & \sigma' x \\
#   \sigma'' x & \sigma'' & \sigma' \\ \sigma' x & \sigma' & 0 \end{pmatrix}.$$

# %%
for xn, s1, s2, matrix in zip(x, slope, [1/2, -2, 1/2], second, strict=True):
    by_hand = [[s2 * xn**2, s2 * xn, s1 * xn], [s2 * xn, s2, s1],
        [s1 * xn, s1, 0]]
    assert np.allclose(matrix, by_hand)

# %% [markdown]
# Compare the two. $F$ can only be positive or zero, for $d^\top F d$ is a mean of squares. The Hessian has
# a negative entry on its diagonal: along $b$ the loss curves *downwards*, and a Newton step would climb.

# %%
print("Gauss-Newton", np.linalg.eigvalsh(gauss_newton))
print("Hessian     ", np.linalg.eigvalsh(H))

# %% [markdown]
# When do they agree? The second term is a sum of errors times curvatures. It vanishes where the errors
# do (a perfect fit), and for a model that is linear in its parameters: there
# $\nabla^2 y = 0$. The three classes of lesson 2 are such a model, so the true Fisher matrix is the
# Hessian of the cross-entropy, whatever the targets:
#
# $$\nabla^2 y = 0 \quad\Rightarrow\quad H = F_\text{true}.$$

# %%
def slope_of_cross_entropy(w, labels=(0, 1, 2)):
    q = np.exp(np.outer(xs, w))
    q = q / q.sum(axis=1, keepdims=True)
    return ((q - np.eye(3)[list(labels)]) * xs[:, None]).sum(axis=0) / 3

assert np.allclose(complex_step(slope_of_cross_entropy, np.zeros(3)), F_true)

# %% [markdown]
# ## 5. Which is meant when
#
# With squared error $M = 1$, and "true" and "Euclidean" are the same matrix, which is also the
# Gauss-Newton matrix (that is why this project writes the half in $\frac12\|y - t\|^2$). With a
# softmax they part:
#
# | kind | $M_n$ | squared error | softmax | note |
# |---|---|---|---|---|
# | Euclidean | $I$ | Gauss-Newton | a matrix of its own | the paper's choice, $0 \le \eta \le \lambda$ |
# | true | $\partial^2 \ell/\partial y^2$ | Gauss-Newton | Gauss-Newton | what theory calls the Fisher matrix |
# | sampled | $uu^\top$, $t$ drawn | true on average | true on average | one backward pass, any loss |
# | empirical | $uu^\top$, $t$ from data | *none of these* | *none of these* | needs no draws; beware |
#
# Why beware? Let the errors shrink by a factor $\kappa$, as they do during training. Then
#
# $$g \propto \kappa, \qquad F_\text{emp} \propto \kappa^2, \qquad F_\text{emp}^{-1} g \propto \frac1\kappa:$$
#
# the closer to the target, the longer the step.

# %%
def empirical_step(kappa):
    g_n = J * (kappa * e)[:, None]  # gradient of each sample
    return np.linalg.solve(g_n.T @ g_n / N, g_n.mean(axis=0))

for kappa in (1, 0.1, 0.01):
    print(f"errors times {kappa:<4}: "
        f"step length {np.linalg.norm(empirical_step(kappa)):.1f}")
assert np.allclose(empirical_step(0.01), 100 * empirical_step(1))

# %% [markdown]
# The step from the Gauss-Newton matrix shrinks with the errors, as it should:

# %%
step = lambda kappa: np.linalg.solve(gauss_newton, J.T @ (kappa * e) / N)
assert np.allclose(step(0.01), 0.01 * step(1))

# %% [markdown]
# ## 6. The library
#
# `fisher(net, X, kind=...)` has the four kinds. Behind each of them stands the same sum, over *output
# directions* $u$ whose outer products add up to $M_n$: the unit vectors, the columns of a root of
# the metric, drawn gradients, or the data's own. The three classes again, now as a network (its three
# biases are parameters 3 to 5, which we leave out):

# %%
net, X = MLP((np.zeros((2, 3)),)), xs[:, None]
softmax, labels = SoftmaxCrossEntropy(), np.array([0, 1, 2])

# %%
assert np.allclose(fisher(net, X)[:3, :3], F_euclidean)
assert np.allclose(fisher(net, X, "true", softmax)[:3, :3], F_true)
assert np.allclose(fisher(net, X, "empirical", softmax, labels)[:3, :3],
    F_empirical)

# %%
drawn = fisher(net, X, "sampled", softmax, rng=rng, samples=10_000)[:3, :3]
assert np.allclose(drawn, F_true, atol=0.02)

# %% [markdown]
# ## 7. The real thing
#
# A network with one hidden layer of 6, trained a little on half-moons. Its Hessian comes from the
# complex step of its gradient, all 50 columns of it.

# %%
from sklearn.datasets import make_moons

X, labels = make_moons(200, noise=0.3, random_state=0)
net = MLP.random((2, 6, 2), rng=rng)

# %%
def gradient_at(theta):
    moved = net.replace(theta)
    trace = moved.forward(X)
    return moved.vjp(trace, softmax.gradient(trace.outputs, labels)) / len(X)

for _ in range(100):
    net = net.replace(net.parameters - 0.3 * gradient_at(net.parameters))

# %%
hessian = complex_step(gradient_at, net.parameters)
assert np.allclose(hessian, hessian.T)
matrices = {
    "Hessian": hessian, "true Fisher": fisher(net, X, "true", softmax),
    "empirical": fisher(net, X, "empirical", softmax, labels),
}

# %%
plots.spectra(matrices);

# %% [markdown]
# Two lessons that will stay. The eigenvalues span many orders of magnitude: some directions matter more than a
# thousand times as much as others, and some not at all (which ones? exercise 3). So whoever inverts
# such a matrix has to say what happens to the small ones: a pseudo-inverse, or *damping*. And the
# Hessian has negative eigenvalues that no Fisher matrix has.

# %%
values = {name: np.linalg.eigvalsh(matrix) for name, matrix in matrices.items()}
true = values["true Fisher"]
assert true[-1] > 1000 * np.median(true) and values["Hessian"][0] < -1e-3
assert min(true[0], values["empirical"][0]) > -1e-12

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 (easy)
#
# The line $y = wx + b$ at $x = -1, 0, 1$. On paper: $J$, the Euclidean $F$, and the Hessian of the
# squared error. Does it matter where $w$ and $b$ stand? What changes when all $x$ are shifted by 10?
#
# *Check:* `check("02.1", (F, H, condition))`: (2, 2) twice, parameters in the order $w, b$, and the condition number of the shifted $F$.

# %% tags=["solution"]
line = np.stack([x, np.ones(3)], axis=1)
# diag(2/3, 1); J knows nothing of w and b, so H = F everywhere
print(line.T @ line / 3)
shifted = np.stack([x + 10, np.ones(3)], axis=1)
print(shifted.T @ shifted / 3)  # slope and bias are now almost the same step

# %% [markdown] tags=["solution"]
# Row $n$ of $J$ is $(x_n, 1)$, wherever $w$ and $b$ stand, for $y$ is linear in them. So the second derivatives of $y$ are 0, and the Hessian
# of the squared error is $F = \mathrm{diag}(\frac23, 1)$. Shifted, a step in $w$ is nearly ten times a step in $b$ at all three points: $F$
# is no longer diagonal, and what tells the two apart is small.

# %% tags=["solution"]
print("condition", round(np.linalg.cond(shifted.T @ shifted / 3)),
    "instead of 1.5")

# %% tags=["solution"]
F1, F1_shifted = line.T @ line / 3, shifted.T @ shifted / 3
assert check("02.1", (F1, F1, np.linalg.cond(F1_shifted)))

# %% [markdown]
# ### Exercise 2 (medium)
#
# For the squared error, the model's own targets are $t = y + \epsilon$ with
# $\epsilon \sim N(0, I)$. Show that the true Fisher matrix is the Euclidean one, and check with
# 100,000 draws for the bump of lesson 1. Then give the noise the standard deviation 2 (and use
# $\ell = (y - t)^2/8$, minus the log-likelihood that belongs to it): what happens to $M$?
#
# *Check:* `check("02.2", (F, F_noisy))`: (3, 3) twice, exact, for the standard deviations 1 and 2.

# %% tags=["solution"]
def sampled_fisher(sd):
    noise = sd * rng.standard_normal((100_000, N, 1))
    g_n = J * -noise / sd**2  # gradient of (y - t)^2 / (2 sd^2) at t = y + noise
    return np.einsum("rni,rnj->ij", g_n, g_n) / (100_000 * N)

assert np.allclose(sampled_fisher(1), F, atol=0.01)
# M = 1/4: noisier outputs count less
assert np.allclose(sampled_fisher(2), F / 4, atol=0.01)

# %% [markdown] tags=["solution"]
# At one sample the gradient is $J_n^\top u$ with $u = y - t = -\epsilon$, so the true Fisher matrix is the mean over $n$ of
# $J_n^\top E[\epsilon\epsilon^\top] J_n = J_n^\top J_n$: the Euclidean one. With the standard deviation $s$ the output gradient is $-\epsilon/s^2$ and
# $M = E[\epsilon\epsilon^\top]/s^4 = I/s^2$, here a quarter: what is noisy counts less.

# %% tags=["solution"]
assert check("02.2", (F, F / 4))

# %% [markdown]
# ### Exercise 3 (medium)
#
# With two classes the probabilities see only the difference of the two outputs. So the true Fisher matrix
# of lesson 7 is blind to exactly those steps $d$ with $J_- d = 0$, where $J_-$ holds the rows
# $J_{n,1} - J_{n,0}$. How many are there? (Ask the rank of $J_-$, not the eigenvalues of $F$: why?) Explain
# each of them. There are three causes: the softmax, the length of the coefficients $(v, c, l)$, and
# that a sum of linear functions is a linear function.
#
# *Check:* `check("02.3", (softmax, lengths, linear, all))`: how many of each cause, and all together.

# %% tags=["solution"]
J_net = net.jacobian(net.forward(X))
J_minus = J_net[:, 1] - J_net[:, 0]
scaled = J_minus / np.maximum(np.linalg.norm(J_minus, axis=0), 1e-300)
blind = 50 - np.linalg.matrix_rank(scaled)
# F would square the singular values, and lose the small ones in its rounding
print(blind, "of 50")

# %% tags=["solution"]
(W0, W1), (K,) = net.split(net.parameters)

def changing(**changes):
    """The parameter step that changes some arrays, and leaves the others."""
    parts = {"W0": 0 * W0, "K": 0 * K, "W1": 0 * W1, **changes}
    return np.concatenate([part.ravel() for part in parts.values()])

# %% tags=["solution"]
def entry(like, *index, value=1.0):
    """Zeros in the shape of an array, but for one entry or row."""
    array = np.zeros_like(like)
    array[index] = value
    return array

# %% tags=["solution"]
# 7: both outgoing weights of a neuron (or both biases) rise together: the softmax
# does not see it
both = [changing(W1=entry(W1, row)) for row in range(7)]

# %% tags=["solution"]
# 6: the coefficients of a neuron grow, their direction stays
longer = [changing(K=entry(K, slice(None), j, value=K[:, j])) for j in range(6)]

# %% tags=["solution"]
def adds_z(j):
    """Adds z_j to the outputs' difference: more identity, less of the rest."""
    s, outgoing = np.linalg.norm(K[:, j]), W1[j, 1] - W1[j, 0]
    return changing(K=entry(K, 2, j, value=s / outgoing),
        W1=entry(W1, j, 1, value=K[2, j] / s))

# the last adds a constant
seven = np.array([*map(adds_z, range(6)), changing(W1=entry(W1, 6, 1))])

# %% tags=["solution"]
# 4: seven linear functions of (x1, x2, 1), three of which are independent
functions = np.column_stack([W0, [0, 0, 1]])
combinations = np.linalg.svd(functions)[2][3:]
linear = combinations @ seven

# %% tags=["solution"]
steps = np.array([*both, *longer, *linear])
assert np.allclose(J_minus @ steps.T, 0)
assert np.linalg.matrix_rank(steps) == len(steps) == blind == 17

# %% tags=["solution"]
assert check("02.3", (len(both), len(longer), len(linear), blind))

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# Train the network of lesson 7 much longer (1000 steps), and follow two numbers: the trace of the empirical
# over that of the true Fisher matrix, and the relative difference
# $\|H - F_\text{true}\|/\|F_\text{true}\|$. Which one tends to where? Then hand the trained network
# the wrong labels (`1 - labels`), as if the data had changed. When would you dare to use the empirical
# Fisher?
#
# *Check:* `check("02.4", (net, ratio, wrong))`: the network after 1000 steps, and the ratio of the traces with the right and with the wrong labels.

# %% tags=["solution"]
def compare():
    true = fisher(net, X, "true", softmax)
    empirical = fisher(net, X, "empirical", softmax, labels)
    off = np.linalg.norm(complex_step(gradient_at, net.parameters)
        - true) / np.linalg.norm(true)
    return empirical.trace() / true.trace(), off

# %% tags=["solution"]
found = []
for steps in (0, 300, 700):
    for _ in range(steps):
        net = net.replace(net.parameters - 0.3 * gradient_at(net.parameters))
    found.append(compare())
    print("after {:>3} more steps: trace ratio {:.2f}, "
        "|H - F| / |F| {:.2f}".format(steps, *found[-1]))
assert 0.8 < found[-1][0] < 1.25 and 0 < found[-1][1] < found[0][1]

# %% tags=["solution"]
wrong = fisher(net, X, "empirical", softmax, 1 - labels).trace()
wrong /= fisher(net, X, "true", softmax).trace()
print(f"with wrong labels the trace ratio is {wrong:.0f}")
assert wrong > 10

# %% tags=["solution"]
assert check("02.4", (net, found[-1][0], wrong))

# %% [markdown] tags=["solution"]
# The half-moons overlap, so the errors stay, and training makes the predictions roughly calibrated: the
# data's targets then look much like draws from the model, and the traces are close. The difference between $H$
# and the true Fisher matrix is a few percent, and stays. Where the model is surprised by its data (with wrong
# labels, here ten times and more) the empirical matrix is another one altogether, and that is just where
# a good step matters most.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - $d^\top F d$ says how far a step $d$ moves the outputs, in the metric $M$. One formula,
#   $F = \frac1N \sum_n J_n^\top M_n J_n$; the kinds differ in $M$.
# - The paper's Fisher matrix is the Euclidean one, $F = \frac1N J^\top J$. With squared error it is
#   the true one and the Gauss-Newton matrix as well.
# - Gauss-Newton ([Martens 2020](https://jmlr.org/papers/v21/17-678.html "martens2020") on all its relations) is the Hessian without the network's own curvature: never negative, exact for linear
#   models and at a perfect fit.
# - The empirical Fisher matrix uses the data's targets. It is another matrix, with other units.
#
# Next: [03 Natural gradient and the score](03_natural_gradient_and_the_score.ipynb), what $F^{-1} g$
# and $g^\top F^{-1} g$ say.
#
# </div>

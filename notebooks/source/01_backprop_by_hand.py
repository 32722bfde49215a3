# %% [markdown]
# # 01 Backpropagation by hand
#
# A network is a chain of functions, and its derivative is a product of small matrices. Here you
# multiply them yourself: first for one neuron and three points, on paper, then for any network.
#
# - **You will be able to** write the forward and the backward pass of a network without a library,
#   compute $Jd$ and $J^\top u$ without ever forming the Jacobian $J$, and check any derivative to
#   fifteen digits.
# - **You need** the chain rule and matrix products.
# - **Labels:** (E3)
# - **Run time:** a few seconds
# - **Previous:** [00 A network that grows](00_a_network_that_grows.ipynb)
# - **Next:** [02 Fisher](02_fisher.ipynb)

# %%
import numpy as np

from sennpy import MLP, Rational, ReLU, SoftmaxCrossEntropy, plots
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. One neuron, three points
#
# One input $x$, one weight $w = 1$, one bias $b = 0$, and the bump $\sigma(z) = 1/(1 + z^2)$ as
# activation. Three points: $x = -1, 0, 1$ with targets $t = -\frac12, 1, 0$. Take a pencil: the
# outputs are
#
# $$\begin{aligned}
# z &= wx + b = (-1, 0, 1), \\
# y &= \sigma(z) = (\tfrac12, 1, \tfrac12).
# \end{aligned}$$

# %%
x, t = np.array([-1.0, 0.0, 1.0]), np.array([-0.5, 1.0, 0.0])
w, b = 1.0, 0.0

# %%
z = w * x + b
y = 1 / (1 + z**2)
assert np.allclose(y, [1/2, 1, 1/2])

# %% [markdown]
# The loss is half the squared error, averaged over the $N = 3$ points. The errors $y - t$ are
# $1, 0, \frac12$, so
#
# $$L = \frac1N \sum_n \tfrac12 (y_n - t_n)^2 = \tfrac{1 + 0 + 1/4}{6} = \tfrac{5}{24}.$$

# %%
L = np.mean((y - t) ** 2 / 2)
assert np.isclose(L, 5/24)

# %% [markdown]
# Now backwards. The loss sees $y$, $y$ sees $z$, $z$ sees $w$ and $b$. One factor for each:
# $\partial \ell/\partial y = y - t$, then $\sigma'(z) = -2z/(1+z^2)^2$, then $x$ for the weight and
# $1$ for the bias. The product of the first two, the *gradient of the pre-activation*, is all that
# the neuron has to remember:
#
# $$\frac{\partial \ell_n}{\partial z_n} = (y_n - t_n)\, \sigma'(z_n) = (\tfrac12, 0, -\tfrac14).$$

# %%
slope = -2 * z / (1 + z**2) ** 2
g_z = (y - t) * slope
assert np.allclose(g_z, [1/2, 0, -1/4])

# %% [markdown]
# $$\begin{aligned}
# \frac{\partial L}{\partial w} &= \frac1N \sum_n \frac{\partial \ell_n}{\partial z_n} x_n = -\tfrac14, \\
# \frac{\partial L}{\partial b} &= \frac1N \sum_n \frac{\partial \ell_n}{\partial z_n} \cdot 1 = \tfrac1{12}.
# \end{aligned}$$

# %%
dw, db = np.mean(g_z * x), np.mean(g_z)
assert np.isclose(dw, -1/4) and np.isclose(db, 1/12)

# %% [markdown]
# Is that right? Nudge the weight and look at the loss. Which of the two steps do you expect to be
# the more accurate one?

# %%
def loss_at(w, b=0.0):
    y = 1 / (1 + (w * x + b) ** 2)
    return np.mean((y - t) ** 2 / 2)

# %%
for h in (1e-4, 1e-12):
    print(f"step {h:.0e}: {(loss_at(1 + h) - loss_at(1)) / h:.7f}")

# %% [markdown]
# Neither is good. A large step sees the curvature, a small one loses its digits in the difference of
# two nearly equal numbers.
#
# *Break it.* Forget the factor $\sigma'(z)$, as one does, and compare again. Why is the result not
# just a little off?
#
# <details><summary>Answer</summary>
#
# $E[(y - t)\,x] = -\frac16$ instead of $-\frac14$, and $E[y - t] = \frac12$ instead of $\frac1{12}$. The factor is another one in each sample,
# here $\frac12$, 0 and $-\frac12$: without it the samples are weighed wrongly and one even counts with the wrong sign, so the step
# points elsewhere, not just further.
#
# </details>

# %% [markdown]
# ## 2. A derivative without a difference: the complex step
#
# Take the step in the imaginary direction
# ([Squire and Trapp 1998](https://doi.org/10.1137/S003614459631241X "squire1998")). For a function given by
# formulas (no absolute values, no kinks), Taylor's series says
#
# $$\begin{aligned}
# f(x + ih) &= f(x) + ih f'(x) - \tfrac12 h^2 f'' + \dots \\
# \frac{\operatorname{Im} f(x + ih)}{h} &= f'(x) + O(h^2),
# \end{aligned}$$
#
# and nothing is subtracted. So $h$ may be $10^{-200}$, and the $O(h^2)$ is too small to be seen.

# %%
h = 1e-200
assert np.isclose(np.imag(loss_at(1 + 1j * h)) / h, -1/4, rtol=1e-15)
assert np.isclose(np.imag(loss_at(1, 1j * h)) / h, 1/12, rtol=1e-15)

# %%
plots.step_errors(np.exp, np.exp, 1.0);

# %% [markdown]
# Read the picture from the right. The difference quotient improves as the step shrinks, up to
# about $h = 10^{-8}$, then its rounding takes over: about half of the digits is the most it can give. The
# complex step reaches the last digit and stays there.
#
# With several parameters: one step for each. This will check everything below.

# %%
def complex_step(f, theta):
    """Derivatives of f, by the entries of theta along the last axis."""
    h = 1e-200
    columns = [np.imag(f(theta + 1j * h * unit)) / h
        for unit in np.eye(len(theta))]
    return np.stack(columns, axis=-1)

# %%
gradient = complex_step(lambda theta: loss_at(theta[0], theta[1]),
    np.array([w, b]))
print(gradient)
assert np.allclose(gradient, [dw, db], rtol=1e-15)

# %% [markdown]
# *Break it.* Put `np.abs` around the error in `loss_at` (its square is the same, after all). What
# does the complex step give now, and why?
#
# <details><summary>Answer</summary>
#
# 0. Of a complex number `np.abs` takes the length $\sqrt{u^2 + v^2}$, which is real: the imaginary part that carried the derivative
# is gone. The complex step needs functions that are given by formulas in $z$ alone, without its conjugate.
#
# </details>

# %% [markdown]
# ## 3. The rational activation (E3)
#
# The bump is one of a family. Every neuron of a self-expanding network has its own activation,
#
# $$\begin{aligned}
# \sigma(x) &= \alpha x + \frac{\beta + \gamma x}{1 + x^2}, \\
# \sigma'(x) &= \alpha + \frac{\gamma (1 - x^2) - 2 \beta x}{(1 + x^2)^2}.
# \end{aligned}$$

# %%
def sigma(x, alpha, beta, gamma):
    return alpha * x + (beta + gamma * x) / (1 + x**2)

def sigma_slope(x, alpha, beta, gamma):
    return alpha + (gamma * (1 - x**2) - 2 * beta * x) / (1 + x**2) ** 2

# %%
x0, shape = np.array([0.7]), (0.5, -1.0, 2.0)
assert np.allclose(complex_step(lambda x: sigma(x[0], *shape), x0),
    sigma_slope(x0, *shape))

# %% [markdown]
# Two members to remember: $(\alpha, \beta, \gamma) = (0, 1, 0)$ is the bump, and $(1, 0, 0)$ is the
# **identity**. That a neuron can be the identity is what will let a whole layer be inserted without
# a trace, in [notebook 04](04_how_to_add.ipynb). A ReLU cannot.

# %%
grid = np.linspace(-4, 4, 9)
assert (sigma(grid, 1, 0, 0) == grid).all()

# %%
plots.rational_shapes();

# %% [markdown]
# The three letters come from three learnable numbers $(v, c, l)$ of the neuron, divided by their
# norm. So the coefficients stay within the unit ball however long one trains; the activation does not: with
# $l \ne 0$ it grows as $z$ does.
#
# $$\begin{aligned}
# \sigma(z) &= q \cdot \phi(z), \\
# \phi(z) &= \Big(\frac{2z}{1+z^2}, \frac{1}{1+z^2}, z\Big), \\
# q &= \frac{(v, c, l)}{s}, \quad s = \sqrt{v^2 + c^2 + l^2}.
# \end{aligned}$$
#
# In the letters above: $\alpha = l/s$, $\beta = c/s$, $\gamma = 2v/s$. Since $\lVert q \rVert = 1$,
# $|\sigma(z)| \le \lVert \phi(z) \rVert$, and that is not bounded.

# %%
def phi(z):
    return np.array([2 * z / (1 + z**2), 1 / (1 + z**2), z])

def activation(z, k):
    return k @ phi(z) / np.sqrt((k**2).sum())

# %%
k = np.array([2.0, -1.0, 2.0])  # s = 3
assert np.allclose(activation(grid, k), sigma(grid, 2/3, -1/3, 4/3))
# longer coefficients, the same activation
assert np.allclose(activation(grid, 1000 * k), activation(grid, k))
assert np.all(np.abs(activation(grid, k)) <= np.linalg.norm(phi(grid), axis=0))
assert activation(1e6, k) > 1e5

# %% [markdown]
# The neuron also learns $k = (v, c, l)$. Only the *direction* of $k$ matters, so the part of
# $\phi$ along $q$ drops out of the derivative:
#
# $$\frac{\partial \sigma}{\partial k} = \frac{\phi - q\,(q \cdot \phi)}{s},
#   \qquad k \cdot \frac{\partial \sigma}{\partial k} = 0.$$

# %%
s = np.sqrt((k**2).sum())
q = k / s
d_k = (phi(grid) - np.outer(q, q @ phi(grid))) / s

# %%
assert np.allclose(d_k.T, complex_step(lambda k: activation(grid, k), k))
assert np.allclose(k @ d_k, 0)

# %% [markdown]
# That is what the library does, for all neurons of a layer at once: pre-activations `(N, n)`,
# coefficients `(3, n)`.

# %%
column, own = grid[:, None], k[:, None]
assert np.allclose(Rational()(column, own)[:, 0], activation(grid, k))
assert np.allclose(Rational().coefficient_slopes(column, own)[:, :, 0], d_k)

# %% [markdown]
# *Break it.* Multiply $k$ by 10. What happens to $\sigma$, and what to $\partial\sigma/\partial k$?
#
# <details><summary>Answer</summary>
#
# $\sigma$ stays, for only the direction of $k$ counts. The derivative becomes a tenth: $s$ stands below, and a step of the same
# length turns a longer $k$ by a smaller angle.
#
# </details>

# %% [markdown]
# ## 4. Forward: a network on the board
#
# Two inputs, two hidden neurons, one output, three points. Hidden neuron 0 is a bump, neuron 1 the
# identity. Biases are weights: we append a constant 1 to the inputs of each layer, and the last row
# of its weight matrix is the bias.

# %%
X = np.array([[1.0, 0], [0, 1], [1, 1]])
W0 = np.array([[1.0, 0], [0, 1], [0, -1]])
W1 = np.array([[2.0], [1], [0.5]])
# columns: (v, c, l) of each hidden neuron
K0 = np.array([[0.0, 0], [1, 0], [0, 1]])

# %%
def homogeneous(a):
    return np.hstack([a, np.ones((len(a), 1))])

# %% [markdown]
# The forward pass, one matrix product a layer:
#
# $$\begin{aligned}
# a_0 &= [X, 1], & z_0 &= a_0 W_0, \\
# a_1 &= [\sigma(z_0), 1], & y &= a_1 W_1.
# \end{aligned}$$

# %%
a0 = homogeneous(X)
z0 = a0 @ W0
assert np.allclose(z0, [[1, -1], [0, 0], [1, 0]])

# %%
a1 = homogeneous(np.stack([1 / (1 + z0[:, 0] ** 2), z0[:, 1]], axis=1))
assert np.allclose(a1, [[1/2, -1, 1], [1, 0, 1], [1/2, 0, 1]])

# %%
y = a1 @ W1
assert np.allclose(y, [[1/2], [5/2], [3/2]])

# %% [markdown]
# The library keeps the same arrays in a *trace*: everything that the way back will need.

# %%
net = MLP((W0, W1), (K0,))
trace = net.forward(X)
print(net, "with", net.num_parameters, "parameters")

# %%
assert np.allclose(trace.inputs[1], a1)
assert np.allclose(trace.preactivations[0], z0)
assert np.allclose(trace.outputs, y)

# %% [markdown]
# ## 5. Backward: the same road, back
#
# The targets are $t = (-\frac12, \frac12, \frac52)$, so the output gradients are
# $g_y = y - t = (1, 2, -1)$. One step back through the weights (without their bias row), one through the activation:
#
# $$g_a = g_y W_1^\top, \qquad g_0 = g_a \odot \sigma'(z_0).$$

# %%
g_y = y - np.array([[-0.5], [0.5], [2.5]])
g_a = g_y @ W1[:-1].T
assert np.allclose(g_a, [[2, 1], [4, 2], [-2, -1]])

# %%
slopes = np.stack([-2 * z0[:, 0] / (1 + z0[:, 0] ** 2) ** 2, np.ones(3)], axis=1)
g_0 = g_a * slopes
assert np.allclose(g_0, [[-1, 1], [0, 2], [1, -1]])

# %% [markdown]
# Where do these come from? $g_0$ says how $\sum_n g_{y,n} y_n$ answers to a nudge of each
# pre-activation. The complex step can nudge them too:
#
# $$g_0 = \frac{\partial}{\partial z_0} \sum_n g_{y,n}\, y_n(z_0).$$

# %%
def from_z0(z):
    z = z.reshape(3, 2)
    a = homogeneous(np.stack([1 / (1 + z[:, 0] ** 2), z[:, 1]], axis=1))
    return (g_y * (a @ W1)).sum()

assert np.allclose(complex_step(from_z0, z0.ravel()), g_0.ravel())

# %% [markdown]
# A weight joins an input $a$ to a pre-activation $z$. Its gradient is the product of the two ends,
# summed over the samples: a matrix product again.
#
# $$\frac{\partial}{\partial W_0} = a_0^\top g_0, \qquad \frac{\partial}{\partial W_1} = a_1^\top g_y.$$

# %%
dW0, dW1 = a0.T @ g_0, a1.T @ g_y
print(dW0)
assert np.allclose(dW0, [[0, 0], [1, 1], [0, 2]])
assert np.allclose(dW1, [[2], [-1], [2]])

# %% [markdown]
# The coefficients hang on the activation's value, so they meet $g_a$ and not $g_0$:
#
# $$\frac{\partial}{\partial k_j} = \sum_n g_{a,nj}\, \frac{\partial \sigma(z_{nj})}{\partial k_j}.$$

# %%
dK0 = (trace.coefficient_slopes[0] * g_a).sum(axis=1)
print(dK0)
assert np.allclose(dK0, [[0, -1], [0, 3/2], [0, 0]])

# %% [markdown]
# The library's order of parameters is layer by layer: weights row by row, then $v$, $c$ and $l$. Its
# `backward` gives the gradients of the pre-activations, its `vjp` all of the above in one vector.

# %%
assert np.allclose(net.backward(trace, g_y)[0], g_0)
by_hand = np.concatenate([dW0.ravel(), dK0.ravel(), dW1.ravel()])
assert np.allclose(net.vjp(trace, g_y), by_hand)

# %% [markdown]
# Divided by $N$, that is the gradient of the loss, $g = \frac1N J^\top g_y$:
#
# $$\frac1N J^\top g_y = \frac{\partial}{\partial \theta} \, \frac1N \sum_n \tfrac12 (y_n - t_n)^2.$$

# %%
targets = y - g_y
loss = lambda theta: ((net.replace(theta)(X) - targets) ** 2).sum() / 2 / 3
assert np.allclose(complex_step(loss, net.parameters), by_hand / 3)

# %% [markdown]
# *Break it.* In `g_a`, use all of `W1` instead of `W1[:-1]`. The shapes tell you at once; say in words
# why nothing flows back into the constant 1.
#
# <details><summary>Answer</summary>
#
# The last row belongs to the constant 1, which no weight before it can change: its derivative by every $z$ is 0. What the
# output would like of it is met by its own weight, the bias, and there the way ends.
#
# </details>

# %% [markdown]
# ## 6. $J^\top u$ and $J d$
#
# Stack all outputs into one vector $y \in \mathbb{R}^{Nm}$ ($m$ outputs a sample). Its Jacobian
# $J = \partial y/\partial\theta$ has $Nm$ rows and $P$ columns. You have just computed
# $J^\top u$ for $u = g_y$, from the *last* layer to the first. The other product goes from the
# *first* layer to the last: move the parameters in the direction $d = (d_0, d_k, d_1)$ and ask how
# the outputs move.
#
# $$\begin{aligned}
# \dot z_0 &= a_0 d_0, \\
# \dot a_1 &= \sigma'(z_0) \odot \dot z_0 + \frac{\partial\sigma}{\partial k} \cdot d_k, \\
# Jd = \dot y &= \dot a_1 W_1 + a_1 d_1.
# \end{aligned}$$

# %%
d = rng.standard_normal(net.num_parameters)
d_0 = d[:6].reshape(3, 2)
d_of_k = d[6:12].reshape(3, 2)
d_1 = d[12:].reshape(3, 1)

# %%
z_dot = a0 @ d_0
a_dot = slopes * z_dot + (trace.coefficient_slopes[0]
    * d_of_k[:, None, :]).sum(axis=0)
y_dot = a_dot @ W1[:-1] + a1 @ d_1

# %%
along = lambda step: net.replace(net.parameters + step[0] * d)(X)
assert np.allclose(y_dot, complex_step(along, np.zeros(1))[..., 0])
assert np.allclose(y_dot, net.jvp(trace, d))

# %% [markdown]
# The two are transposes of each other, so whatever $u$ and $d$ are, these two numbers agree. It is
# the cheapest test of a backward pass that there is:
#
# $$\langle u, Jd \rangle = \langle J^\top u, d \rangle.$$

# %%
u = rng.standard_normal((3, 1))
assert np.isclose((u * net.jvp(trace, d)).sum(), net.vjp(trace, u) @ d)

# %% [markdown]
# Either one gives $J$ itself: $Jd$ column by column ($P$ products), $J^\top u$ row by row ($Nm$
# products). For large networks nobody forms $J$, and nobody has to: everything in this course that
# needs $J$ needs only these two products, each as cheap as a forward pass or two.

# %%
columns = np.stack([net.jvp(trace, unit) for unit in np.eye(net.num_parameters)],
    axis=-1)
rows = np.stack([net.vjp(trace, unit[:, None]) for unit in np.eye(3)])
assert np.allclose(columns[:, 0], rows)
assert np.allclose(rows, net.jacobian(trace)[:, 0])

# %%
print(rows.T)
assert np.sum(np.all(np.isclose(rows.T, 0), axis=1)) == 2

# %% [markdown]
# One line a parameter: six weights, then $v, v, c, c, l, l$ of the two neurons, then three weights.
# One column a point. Two lines are zero. Which parameters have no influence at all here, and why?
# (Lesson 3 knows.)
#
# ## 7. The real thing
#
# Two hidden layers of 8, two classes of half-moons, softmax cross-entropy. Its output gradient is
# $p - \mathrm{onehot}(t)$ (exercise 2). Everything else is what you wrote above.

# %%
from sklearn.datasets import make_moons

X, t = make_moons(200, noise=0.3, random_state=0)
net, loss = MLP.random((2, 8, 8, 2), rng=rng), SoftmaxCrossEntropy()

# %%
def gradient_of(net):
    trace = net.forward(X)
    return net.vjp(trace, loss.gradient(trace.outputs, t)) / len(X)

# %%
exact = complex_step(lambda theta: loss.value(net.replace(theta)(X), t),
    net.parameters)
assert np.allclose(gradient_of(net), exact, rtol=1e-12)
print(len(exact), "derivatives agree")

# %% [markdown]
# Now descend, with the plain gradient.

# %%
losses = [loss.value(net(X), t)]
for _ in range(300):
    net = net.replace(net.parameters - 0.5 * gradient_of(net))
    losses.append(loss.value(net(X), t))
print(f"loss {losses[0]:.2f} at the start, {losses[30]:.2f} after 30 steps, "
    f"{losses[-1]:.2f} after 300")

# %%
plots.decision_regions(net, X, t);

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 (easy)
#
# Back to one neuron, now with the odd member of the family, $\sigma(z) = 2z/(1+z^2)$, at
# $w = 1$, $b = 0$, with $x = (-1, 0, 1)$ and $t = (0, 1, 1)$. On paper first: what are
# $y$, $\sigma'(z)$, $\partial L/\partial w$ and $\partial L/\partial b$? Then check with the complex step.
#
# *Check:* `check("01.1", (y, slope, by_w, by_b))`: $y$ and $\sigma'(z)$ (3,), then two numbers.

# %% tags=["solution"]
t1 = np.array([0.0, 1, 1])
y1 = 2 * x / (1 + x**2)  # -1, 0, 1: the extremes of the wave
slope1 = 2 * (1 - x**2) / (1 + x**2) ** 2  # 0, 2, 0
g1 = (y1 - t1) * slope1  # 0, -2, 0
print("dL/dw =", np.mean(g1 * x), " dL/db =", round(np.mean(g1), 4))

# %% tags=["solution"]
def odd_loss(theta):
    z = theta[0] * x + theta[1]
    return np.mean((2 * z / (1 + z**2) - t1) ** 2 / 2)

assert np.allclose(complex_step(odd_loss, np.array([1.0, 0.0])), [0, -2/3])

# %% tags=["solution"]
assert check("01.1", (y1, slope1, np.mean(g1 * x), np.mean(g1)))

# %% [markdown]
# ### Exercise 2 (medium)
#
# Softmax cross-entropy of one sample is $\ell(y) = -y_t + \log \sum_j \exp y_j$. Show that
# $\partial \ell/\partial y = p - \mathrm{onehot}(t)$ with $p = \mathrm{softmax}(y)$, and differentiate
# once more: the Hessian is $\mathrm{diag}(p) - p p^\top$. Check both with the complex step at
# $y = (0, \log 2, \log 3)$, $t = 0$, where $p = (\frac16, \frac13, \frac12)$. The Hessian will be the
# *metric* of [the next notebook](02_fisher.ipynb).
#
# *Check:* `check("01.2", (gradient, hessian))`: (3,) and (3, 3).

# %% tags=["solution"]
y2 = np.log([1.0, 2, 3])
p = np.exp(y2) / np.exp(y2).sum()
assert np.allclose(p, [1/6, 1/3, 1/2])

# %% tags=["solution"]
cross_entropy = lambda y: -y[0] + np.log(np.exp(y).sum())
assert np.allclose(complex_step(cross_entropy, y2), p - [1, 0, 0])

# %% tags=["solution"]
slope_of_loss = lambda y: np.exp(y) / np.exp(y).sum() - np.array([1, 0, 0])
hessian = complex_step(slope_of_loss, y2)
assert np.allclose(hessian, np.diag(p) - np.outer(p, p))
print(36 * hessian)

# %% [markdown] tags=["solution"]
# The derivative of $\log \sum_j \exp y_j$ by $y_i$ is $\exp y_i / \sum_j \exp y_j = p_i$, and that of $-y_t$ is $-1$ for $i = t$, else 0:
# together $p - \mathrm{onehot}(t)$. Once more, by the quotient rule,
# $\partial p_i/\partial y_j = (\delta_{ij} \exp y_i \sum_k \exp y_k - \exp y_i \exp y_j) / (\sum_k \exp y_k)^2 = \delta_{ij}\, p_i - p_i\, p_j$,
# which is $\mathrm{diag}(p) - p p^\top$; $t$ has dropped out.

# %% tags=["solution"]
assert check("01.2", (p - [1, 0, 0], hessian))

# %% [markdown]
# ### Exercise 3 (medium)
#
# The complex step also differentiates a *gradient*: $Hd = \operatorname{Im} g(\theta + ihd)/h$, with
# $H$ the Hessian of the loss. Write `hessian_product(net, d)` for the network of lesson 7, and
# verify that $\langle d', Hd\rangle = \langle Hd', d\rangle$ for two directions. What does it cost, compared
# with a gradient?
#
# *Check:* `check("01.3", hessian_product)`: the function, which returns (P,).

# %% tags=["solution"]
def hessian_product(net, d):
    h = 1e-200
    return np.imag(gradient_of(net.replace(net.parameters + 1j * h * d))) / h

# %% tags=["solution"]
one, other = rng.standard_normal((2, net.num_parameters))
assert np.isclose(other @ hessian_product(net, one),
    hessian_product(net, other) @ one)

# %% [markdown] tags=["solution"]
# A single gradient, in complex numbers: two to four times the work of a real one, and no $P \times P$ matrix anywhere.

# %% tags=["solution"]
assert check("01.3", hessian_product)

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# At a kink there is no derivative. Build a network with `ReLU()` and put a sample exactly on the kink
# of a hidden neuron: compare the difference quotient from the left, from the right, the complex step
# and `vjp`. Who is right? Then think about what a sensible test of backpropagation does with ReLU.
#
# *Check:* `check("01.4", (left, right, back))`: three numbers.

# %% tags=["solution"]
kinked = MLP((np.array([[1.0], [0.0]]), np.array([[1.0], [0.0]])),
    (np.zeros((0, 1)),), ReLU())
origin = np.array([[1.0]])
# output = relu(b)
by_bias = lambda b: kinked.replace(np.array([0.0, b, 1.0, 0.0]))(origin)[0, 0]

# %% tags=["solution"]
left = (by_bias(0.0) - by_bias(-1e-6)) / 1e-6
right = (by_bias(1e-6) - by_bias(0.0)) / 1e-6
at_kink = kinked.replace(np.array([0.0, 0.0, 1.0, 0.0]))
back = at_kink.vjp(at_kink.forward(origin), np.ones((1, 1)))[1]
print(f"from the left {left:.1f}, from the right {right:.1f}, "
    f"backward {back:.1f}")
assert complex_step(lambda b: by_bias(b[0]), np.zeros(1)) == back == 0

# %% tags=["solution"]
assert check("01.4", (left, right, back.item()))

# %% [markdown] tags=["solution"]
# There is nothing to be right about: every number from 0 to 1 is a slope of some line that
# touches from below. The library chooses 0. A test should stay away from kinks rather than
# loosen its tolerance until it passes.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - Forward: $z = aW$ with a 1 appended to $a$; then $\sigma$. Backward: through $W^\top$, then times
#   $\sigma'$. The gradient of a weight is (input) times (gradient of the pre-activation).
# - $J^\top u$ goes backwards, $Jd$ forwards, both without $J$; and
#   $\langle u, Jd\rangle = \langle J^\top u, d\rangle$ checks both.
# - The complex step gives a derivative to the last digit, if the function is a formula.
# - The rational activation (E3) can be the identity. Growth in depth depends on it.
#
# Next: [02 Fisher](02_fisher.ipynb), what $J$ says about which changes of the parameters the outputs notice.
#
# </div>

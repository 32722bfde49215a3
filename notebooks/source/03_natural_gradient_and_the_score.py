# %% [markdown]
# # 03 The natural gradient, and the score that grows networks
#
# How much better could this network become by moving the parameters it has? The answer is one number,
# eta, and it is the number that a self-expanding network grows by. It is the squared length of a
# shadow: the error, projected onto what the network can do about it.
#
# - **You will be able to** compute the natural expansion score in two ways, prove that it lies between 0
#   and the whole error, say why the plain gradient could not replace it, and predict a loss curve
#   from a single number.
# - **You need** [notebook 02](02_fisher.ipynb) (the Fisher matrix) and orthogonal projections.
# - **Labels:** eq. (3), Lemma A.1, (E4)
# - **Run time:** a few seconds
# - **Previous:** [02 The Fisher matrix](02_fisher.ipynb)
# - **Next:** [04 How to add](04_how_to_add.ipynb)

# %%
import numpy as np

from sennpy import MLP, Damping, SoftmaxCrossEntropy, Tanh, explorables, plots
from sennpy import natural_expansion_score, natural_gradient, projected_score
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(3)

# %% [markdown]
# ## 1. A projection on the board
#
# The line $y = wx + b$ at $x = -1, 0, 1$: three outputs, two parameters. Suppose that the output
# gradients (outputs minus targets) are $g_y = (2, 2, -1)$. To lower the loss fastest, the outputs
# would move along $-g_y$. But they can only move by $Jd$, within a plane in the space of all three
# outputs: $\mathrm{range}(J)$.

# %%
J = np.array([[-1.0, 1], [0, 1], [1, 1]])
g_y, N = np.array([2.0, 2, -1]), 3
F, g = J.T @ J / N, J.T @ g_y / N
print(3 * F, g)

# %% [markdown]
# Which step $d$ comes nearest to $g_y$? That is least squares, and setting its derivative to zero gives the
# normal equations. Divided by $N$, they say $F d = g$:
#
# $$d^* = \arg\min_d \|Jd - g_y\|^2 = F^{-1} g.$$
#
# So the solution is the **natural gradient** ([Amari 1998](https://doi.org/10.1162/089976698300017746 "amari1998")).

# %%
d = np.linalg.solve(F, g)
print(d)
assert np.allclose(d, [-3/2, 1])
assert np.allclose(d, np.linalg.lstsq(J, g_y, rcond=None)[0])

# %% [markdown]
# What it does to the outputs is the projection of $g_y$, and what is left stands at right angles on
# everything that the network can do:
#
# $$\begin{aligned}
# P g_y = J d^* &= (\tfrac52, 1, -\tfrac12), \\
# J^\top (g_y - P g_y) &= 0.
# \end{aligned}$$

# %%
shadow = J @ d
assert np.allclose(shadow, [5/2, 1, -1/2])
assert np.allclose(J.T @ (g_y - shadow), 0)

# %%
plots.projection(J, g_y);

# %% [markdown]
# *Break it.* Which $g_y$ would have no shadow at all? Draw the picture for $(1, -2, 1)$: a large error,
# and a network that cannot do anything about it. And which one would lie in the plane? Drag the tip of $g_y$,
# or move its three sliders ($\eta$ and $\lambda$ are those of the next lesson).
#
# <details><summary>Answer</summary>
#
# Those at right angles on both columns of $J$: their sum is 0 and so is that of $x\, g_y$, which leaves the multiples of $(1, -2, 1)$. Then
# $g = 0$, though the mean square is 2. In the plane lie the straight lines in $x$, such as $(0, 1, 2)$: all of it can be done.
#
# </details>

# %%
explorables.projection(J, g_y)

# %% [markdown]
# ## 2. The score, eq. (3)
#
# The **natural expansion score** is the mean square of that shadow. It has a second form, which needs
# only $F$ and $g$:
#
# $$\eta = \frac1N \|P g_y\|^2 = g^\top F^{-1} g.$$
#
# In two lines: $\|P g_y\|^2 = d^{*\top} J^\top J\, d^* = N\, d^{*\top} F d^*$, and with
# $d^* = F^{-1} g$ that is $N\, g^\top F^{-1} g$.

# %%
eta = shadow @ shadow / N
assert np.isclose(shadow @ shadow, N * d @ F @ d)
assert np.isclose(eta, g @ np.linalg.solve(F, g)) and np.isclose(eta, 5/2)

# %% [markdown]
# How much is $\frac52$? Compare it with the whole, $\lambda = \frac1N \|g_y\|^2 = 3$. Pythagoras:
#
# $$\lambda = \eta + \frac1N \|g_y - P g_y\|^2.$$
#
# Neither term is negative, so $0 \le \eta \le \lambda$. (The first half is Lemma A.1.)

# %%
lam, rest = g_y @ g_y / N, g_y - shadow
assert np.isclose(lam, eta + rest @ rest / N) and 0 <= eta <= lam
print(f"eta {eta}, lambda {lam}: the network can act on {eta / lam:.0%} of "
    f"its error")

# %% [markdown]
# The library has both forms:

# %%
assert np.isclose(natural_expansion_score(F, g), 5/2)
assert np.isclose(projected_score(J, g_y, N), 5/2)

# %% [markdown]
# Both hold for any network, not just for lines: put in its $J$. Here with 19 parameters and 40 points,
# drawn at random.

# %%
net, X = MLP.random((1, 3, 1), rng=rng), rng.standard_normal((40, 1))
J_net = net.jacobian(net.forward(X))[:, 0]
e = rng.standard_normal(40)  # any output gradients

# %%
Q = np.linalg.svd(J_net, full_matrices=False)[0][:, :np.linalg.matrix_rank(J_net)]
by_projection = ((Q.T @ e) ** 2).sum() / 40
assert np.isclose(projected_score(J_net, e, N=40), by_projection)

# %% [markdown]
# Here $F$ is singular (for the last two reasons of [notebook 02](02_fisher.ipynb), exercise 3), and
# $F^{-1}$ means the pseudo-inverse:

# %%
F_net, g_net = J_net.T @ J_net / 40, J_net.T @ e / 40
print("rank", np.linalg.matrix_rank(J_net), "of", net.num_parameters)
assert np.isclose(g_net @ np.linalg.pinv(F_net, rcond=1e-10) @ g_net,
    by_projection)

# %% [markdown]
# ## 3. Invariance: what the plain gradient lacks
#
# Describe the same line with other parameters: $\theta = B\psi$, say the bias in quarters,
# $b = \frac14 \psi_1$. The function is the same, so is what it can do. By the chain rule
#
# $$J_\psi = JB, \qquad g_\psi = B^\top g, \qquad F_\psi = B^\top F B,$$
#
# and $B$ cancels from the score:
#
# $$\begin{aligned}
# g_\psi^\top F_\psi^{-1} g_\psi &= g^\top B\, B^{-1} F^{-1} B^{-\top} B^\top g \\
#   &= g^\top F^{-1} g.
# \end{aligned}$$

# %%
B = np.diag([1, 1/4])
g_psi, F_psi = B.T @ g, B.T @ F @ B
assert np.allclose(F_psi, (J @ B).T @ (J @ B) / N)
assert np.isclose(g_psi @ np.linalg.solve(F_psi, g_psi), eta)

# %% [markdown]
# The plain gradient has a score too: along $-g$ the loss drops at the rate $\|g\|^2$. It depends on
# the units. So would any decision that is made by it: *measure your bias in quarters, and a neuron is
# no longer worth adding.*

# %%
print("plain gradient:", g @ g, "in the old units,", g_psi @ g_psi,
    "in the new ones")

# %% [markdown]
# The step itself is invariant too: computed in $\psi$ and carried back to $\theta$, it is the same step.
#
# $$B\, F_\psi^{-1} g_\psi = F^{-1} g.$$

# %%
assert np.allclose(B @ np.linalg.solve(F_psi, g_psi), d)
print("plain:  ", -g, "or", -B @ g_psi)
print("natural:", -d, "in both")

# %% [markdown]
# Follow both downhill in small steps, from the same start. The error is linear in the parameters here, so
# the optimum is where the natural gradient points to.

# %%
def descend(direction, steps=3000, rate=0.01):
    theta, path = np.zeros(2), []
    for _ in range(steps):
        path.append(theta)
        theta = theta - rate * direction(g + F @ theta)
    return np.array(path)

# %%
paths = {
    "plain": descend(lambda g: g),
    "plain, $b$ in quarters": descend(lambda g: B @ B.T @ g, steps=10_000),
    "natural, in any units": descend(lambda g: np.linalg.solve(F, g)),
}
for path in paths.values():
    assert np.allclose(path[-1], -d, atol=0.02)

# %%
plots.descent_paths(F, -d, paths);

# %% [markdown]
# All three arrive. But the plain gradient's road depends on what one calls a parameter, and the natural
# one does not.

# %% [markdown]
# ## 4. Redundancy
#
# Give the line a second weight that does what the first does: $y = w x + w' x + b$. Nothing new can
# be done with it: a column of $J$ stands there twice. $F$ becomes singular, the plain gradient's score
# counts that weight twice, and eta stays as it is, because
#
# $$\mathrm{range}([J, J_{\cdot 0}]) = \mathrm{range}(J).$$

# %%
doubled = np.column_stack([J, J[:, 0]])
g_doubled = doubled.T @ g_y / N
print("rank", np.linalg.matrix_rank(doubled.T @ doubled), "of 3;", "plain", g @ g,
    "->", g_doubled @ g_doubled)
assert np.isclose(projected_score(doubled, g_y, N), eta)

# %% [markdown]
# A parameter that *can* do something new makes the range larger, and eta can only rise. A quadratic term
# whose coefficient starts at 0 leaves the outputs as they are:
#
# $$\mathrm{range}(J) \subset \mathrm{range}([J, x^2]) \ \Rightarrow\ \eta \le \eta_\text{new}.$$

# %%
x = np.array([-1.0, 0, 1])
larger = np.column_stack([J, x**2])
print("eta", eta, "->", round(projected_score(larger, g_y, N), 4))
assert eta <= projected_score(larger, g_y, N)
assert np.isclose(projected_score(larger, g_y, N), lam)

# %% [markdown]
# That is the idea of the whole project: **the outputs and so $g_y$ and $\lambda$ stay, only what the
# network *could* do becomes larger, and the increase of eta says by how much**. Here three parameters can
# move three outputs anywhere, and eta reaches $\lambda$.
#
# *Break it.* Offer the line the new feature $x + 2$ instead. What is the increase, and why could you
# have known?
#
# <details><summary>Answer</summary>
#
# None: $x + 2$ is the first column of $J$ plus twice the second, so the range stays, and with it the projection and eta.
#
# </details>

# %% [markdown]
# ## 5. What eta predicts (E4)
#
# If the loss is quadratic with Hessian $F$ (squared error, and a model that is linear in its
# parameters), the minimum is one natural step away, and the step gains $\frac12 \eta$:
#
# $$\begin{aligned}
# L(\theta - d^*) &= L - g^\top d^* + \tfrac12 d^{*\top} F d^* \\
#   &= L - \eta + \tfrac12 \eta = L - \tfrac12 \eta.
# \end{aligned}$$

# %%
loss = lambda theta: ((g_y + J @ theta) ** 2).mean() / 2
assert np.isclose(loss(-d), loss(np.zeros(2)) - g @ d + d @ F @ d / 2)
assert np.isclose(loss(-d), loss(np.zeros(2)) - eta / 2)

# %% [markdown]
# Now in many tiny steps, $\dot\theta = -F^{-1} g$. The loss drops at the rate eta, whatever the model:
#
# $$\frac{dL}{dt} = g^\top \dot\theta = -g^\top F^{-1} g = -\eta.$$

# %%
h = 1e-200
rate = np.imag(loss(1j * h * -d)) / h  # the complex step of notebook 01, along -d
assert np.isclose(rate, -eta)

# %% [markdown]
# In the quadratic model $g$ itself obeys $\dot g = F\dot\theta = -g$, so $g(t) = e^{-t} g_0$, and
#
# $$\begin{aligned}
# \frac{d\eta}{dt} &= -2\eta, \qquad \eta(t) = \eta_0 e^{-2t}, \\
# L(t) - L^* &= \tfrac12 \eta_0 e^{-2t}.
# \end{aligned}$$

# %%
theta_at = lambda t: -(1 - np.exp(-t)) * d
for t in (0.0, 0.5, 1.0, 3.0):
    g_t = g + F @ theta_at(t)
    assert np.isclose(g_t @ np.linalg.solve(F, g_t), eta * np.exp(-2 * t))
    assert np.isclose(loss(theta_at(t)) - loss(-d), eta / 2 * np.exp(-2 * t))

# %% [markdown]
# A network is not linear in its parameters. How far does the prediction carry? A sine, 60 points, two
# hidden neurons, steps of 0.01, and a little damping ($F + 10^{-4} I$, so that the eta below is damped as well).

# %%
X = np.linspace(-3, 3, 60)[:, None]
targets = np.sin(2 * X)
net = MLP.random((1, 2, 1), Tanh(), rng=8)

# %%
def natural_step(net):
    """The output gradients, eta, and the (slightly damped) natural gradient."""
    trace = net.forward(X)
    J, e = net.jacobian(trace)[:, 0], (trace.outputs - targets)[:, 0]
    F, g = J.T @ J / len(X), J.T @ e / len(X)
    d = np.linalg.solve(F + 1e-4 * np.eye(len(g)), g)
    return e, g @ d, d

# %%
e, eta_0, d = natural_step(net)
print(f"loss {(e**2).mean() / 2:.3f}, eta {eta_0:.3f}, "
    f"lambda {(e**2).mean():.3f}")

# %%
losses = []
for _ in range(401):
    e, eta_t, d = natural_step(net)
    losses.append((e**2).mean() / 2)
    net = net.replace(net.parameters - 0.01 * d)

# %%
plots.loss_prediction(0.01 * np.arange(401), np.array(losses), eta_0);

# %% [markdown]
# At the start the curves share their slope, $-\eta_0$: that much is exact for any network. Then the
# network turns, its range with it, and it leaves the road that the quadratic model had foreseen: here
# first to its loss, and in the end to its gain, for the dotted line is no floor. Eta is a promise about
# what is in reach *from here*, to first order.

# %%
time = 0.01 * np.arange(401)
foreseen = losses[0] - eta_0 / 2 * (1 - np.exp(-2 * time))
# the shared slope
assert np.isclose((losses[1] - losses[0]) / 0.01, -eta_0, rtol=0.03)
assert np.max(losses - foreseen) > 0.01 and losses[-1] < losses[0] - eta_0 / 2

# %% [markdown]
#
# *Break it.* Other seeds, other widths. When is the promise kept almost to the end?
#
# <details><summary>Answer</summary>
#
# The wider the network, the better. Over the seeds 0 to 4 the loss strays from what was foreseen, at most and as a share of
# the promised gain, by up to a half with one neuron, by 4% to 10% with two, and with 16 by less than 4%: a wide network changes its
# outputs with hardly a turn of its range. (This seed is an unlucky one of width 2.)
#
# </details>

# %% [markdown]
# ## 6. The real thing
#
# A linear classifier on half-moons, trained by natural gradient until nothing moves. The library solves
# $(F + \delta I)\, d = g$ in three ways. For one linear layer they agree; why the third is an
# approximation for others is told in [notebook 05](05_kronecker_factors.ipynb).

# %%
from sklearn.datasets import make_moons

X, labels = make_moons(200, noise=0.3, random_state=0)
softmax, start = SoftmaxCrossEntropy(), MLP.random((2, 2), rng=rng)

# %%
dense, cg, kfac = [natural_gradient(start, X, labels, softmax, solver,
    damping=Damping(0.1)).direction for solver in ("dense", "cg", "kfac")]
assert np.allclose(dense, cg) and np.allclose(dense, kfac)

# %%
def trained(labels):
    net = start
    for _ in range(600):
        step = natural_gradient(net, X, labels, softmax).direction
        net = net.replace(net.parameters - 0.5 * step)
    return net

def state(net, labels):
    """J, the output gradients, eta and lambda."""
    trace = net.forward(X)
    errors = softmax.gradient(trace.outputs, labels)
    J_net = net.jacobian(trace)
    return (J_net, errors, projected_score(J_net, errors),
        (errors**2).sum() / len(X))

# %%
for name, net in [("start", start), ("trained", trained(labels))]:
    loss_now = softmax.value(net(X), labels)
    _, _, eta_now, lam_now = state(net, labels)
    print(f"{name:<8} loss {loss_now:.3f}, eta {eta_now:.4f}, "
        f"lambda {lam_now:.4f}")
assert eta_now < 1e-6 < 0.1 < lam_now

# %% [markdown]
# Remember these two numbers. **Eta is 0:** to first order this network can do nothing more. **Lambda is not:**
# there is an error left. Does that say "too small"? Not yet: the gradient is 0 as well, and every network
# ends so when it has come to rest: one that is too small for a bend, and one that has learned all but the noise. Make
# the second case: the same points with their labels *dealt anew*, so that there is nothing to learn.
#
# What would help? Offer both the outputs of random tanh neurons as additional features, with weights that
# start at 0. The network's function stays, the columns of $J$ become more.

# %%
features = np.tanh(np.column_stack([X, np.ones(200)])
    @ rng.standard_normal((3, 50)) * 2)

def share_with(k, net, labels):
    """Eta over lambda when k features join, with weights to both outputs."""
    J_net, errors, _, lam_now = state(net, labels)
    new = (features[:, :k, None, None] * np.eye(2)).transpose(0, 2, 1,
        3).reshape(200, 2, -1)
    return projected_score(np.concatenate([J_net, new], axis=2), errors) / lam_now

# %%
dealt = rng.permutation(labels)
cases = [(trained(given), given) for given in (labels, dealt)]
shares = np.array([[share_with(k, *case) for k in (0, 1, 5, 20)]
    for case in cases])
for k, moons, noise in zip((0, 1, 5, 20), *shares, strict=True):
    print(f"{k:>2} neurons: eta = {moons:.0%} of lambda; "
        f"with dealt labels {noise:.0%}")
assert np.all(shares[:, 0] < 1e-6) and np.all(np.diff(shares) >= 0)
assert shares[0, 3] > 2 * shares[1, 3]

# %% [markdown]
# Both had $\eta = 0$; what the additions *gain* tells them apart. (Noise gains too: 20 fixed neurons about
# 20 of 200 samples, a tenth. Notebook 08 makes that a law.) Which neuron is the best one, and is it worth
# it? That is the rest of the course.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1 (easy)
#
# The line again, with the output gradients $g_y = (1, 0, 0)$. On paper: $g$, $d^*$, $\eta$, $\lambda$ and
# what the minimum of the loss will be.
#
# *Check:* `check("03.1", (g, d, eta, lambda, loss))`: $g$ and $d^*$ (2,), slope before bias, then three numbers.

# %% tags=["solution"]
line, g1_y = np.array([[-1.0, 1], [0, 1], [1, 1]]), np.array([1.0, 0, 0])
F1, g1 = line.T @ line / 3, line.T @ g1_y / 3
d1 = np.linalg.solve(F1, g1)
print("g", g1, " d", d1, " eta", round(g1 @ d1, 4), " lambda",
    round(g1_y @ g1_y / 3, 4))

# %% tags=["solution"]
assert np.isclose(g1 @ d1, 5/18) and np.isclose(g1_y @ g1_y / 3, 6/18)
# (lambda - eta) / 2
assert np.isclose(((g1_y - line @ d1) ** 2).mean() / 2, 1/36)

# %% tags=["solution"]
loss1 = ((g1_y - line @ d1) ** 2).mean() / 2
assert check("03.1", (g1, d1, g1 @ d1, g1_y @ g1_y / 3, loss1))

# %% [markdown]
# ### Exercise 2 (medium)
#
# Damping replaces $F^{-1}$ by $(F + \delta I)^{-1}$. Show that the damped score
# $g^\top (F + \delta I)^{-1} g$ falls as $\delta$ grows, and that it is *not* invariant: compute it with
# $\delta = 0.1$ for the board's line in both units of lesson 3. Which damping would be invariant?
#
# *Check:* `check("03.2", (score, in_quarters))`: two numbers, damped by 0.1: in the old units, and with the bias in quarters.

# %% tags=["solution"]
F2, g2, B2 = line.T @ line / 3, np.array([-1.0, 1.0]), np.diag([1, 1/4])
damped = lambda F, g, delta: g @ np.linalg.solve(F + delta * np.eye(2), g)
print(*[round(damped(F2, g2, delta), 3) for delta in (0, 0.1, 1, 10)])
print(round(damped(B2 @ F2 @ B2, B2 @ g2, 0.1), 3), "with the bias in quarters")

# %% tags=["solution"]
gains = [damped(F2, g2, delta) for delta in (0, 0.1, 1, 10)]
assert gains == sorted(gains, reverse=True)
assert not np.isclose(damped(B2 @ F2 @ B2, B2 @ g2, 0.1), gains[1])

# %% tags=["solution"]
assert check("03.2", (gains[1], damped(B2 @ F2 @ B2, B2 @ g2, 0.1)))

# %% [markdown] tags=["solution"]
# In the eigenvectors of $F$ the score is $\sum_i g_i^2/(f_i + \delta)$, and every term falls. Invariant would
# be a damping by something that transforms as $F$ does, for instance $\delta F_0$ with $F_0$ the Fisher
# matrix of an earlier moment. $\delta I$ says "one unit of each parameter is equally long", and that is
# a statement about units. So a record of a score should always state its damping.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Invariance does not need a linear change of parameters. Take the bump $y = w_\text{out}/(1 + (wx + b)^2)$ of
# notebook 02 and write its width as $w = e^{\psi}$. Show with the complex step that eta is the same in
# $(w, b, w_\text{out})$ and in $(\psi, b, w_\text{out})$, for $x = -1, 0, 1, 2$ and output gradients of your choice.
#
# *Check:* `check("03.3", (J, J_log))`: (4, 3) twice, at one network: by $(w, b, w_\text{out})$, then by $(\psi, b, w_\text{out})$.

# %% tags=["solution"]
x3, e3 = np.array([-1.0, 0, 1, 2]), np.array([1.0, 0, 2, -1])
bump = lambda p: p[2] / (1 + (p[0] * x3 + p[1]) ** 2)
by_log = lambda p: p[2] / (1 + (np.exp(p[0]) * x3 + p[1]) ** 2)

# %% tags=["solution"]
def jacobian(f, p):
    return np.stack([np.imag(f(p + 1e-200j * unit)) / 1e-200
        for unit in np.eye(3)], axis=1)

J3 = jacobian(bump, np.array([0.5, 0.2, 1.0]))
J3_log = jacobian(by_log, np.array([np.log(0.5), 0.2, 1.0]))
assert np.isclose(projected_score(J3, e3, 4), projected_score(J3_log, e3, 4))
print(f"eta {projected_score(J3, e3, 4):.3f} in both; plain "
    f"{((J3.T @ e3 / 4)**2).sum():.3f} and {((J3_log.T @ e3 / 4)**2).sum():.3f}")

# %% tags=["solution"]
assert check("03.3", (J3, J3_log))

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# When is a network stuck for want of capacity, and when for want of a good step? Train networks with one
# hidden layer of 1, 2 and 8 tanh neurons on half-moons by natural gradient (Euclidean $F$, damping 0.1,
# rate 0.3) and follow $\eta/\lambda$ and $\lambda$. Which of them would you let grow, and when? Then train the
# same by plain gradient descent: does a small $\|g\|$ mean a small eta?
#
# *Check:* `check("03.4", (one, two, eight, shares))`: the networks after 200 natural steps, and $\eta/\lambda$ of each (3,).

# %% tags=["solution"]
def share(net):
    """eta / lambda, lambda and ||g|| of a classifier on the half-moons."""
    _, errors, eta_now, lam_now = state(net, labels)
    return (eta_now / lam_now, lam_now,
        np.linalg.norm(net.vjp(net.forward(X), errors) / len(X)))

# %% tags=["solution"]
rows, stepped = [], []
for width in (1, 2, 8):
    natural = plain = MLP.random((2, width, 2), Tanh(), rng=3)
    for _ in range(200):
        step = natural_gradient(natural, X, labels, softmax,
            damping=Damping(0.1)).direction
        natural = natural.replace(natural.parameters - 0.3 * step)
        step = natural_gradient(plain, X, labels, softmax).gradient
        plain = plain.replace(plain.parameters - 0.3 * step)
    stepped.append(natural)
    for name, net4 in (("natural", natural), ("plain", plain)):
        rows.append(share(net4))
        print("{:<7} width {}: eta / lambda {:.3f}, lambda {:.3f}, "
            "|g| {:.4f}".format(name, width, *rows[-1]))

# %% [markdown] tags=["solution"]
# By natural gradient, width 1 is done: eta is a few thousandths of lambda, and a large lambda is left.
# That is the one to offer neurons. Width 8 still has a share of its error within reach: training it further comes
# first. After as many steps the plain gradient has left more undone. And its norm would not have told:
# over the six rows $\|g\|$ spans a factor of 8, and the share of the error within reach one of 80.

# %% tags=["solution"]
# natural and plain, of widths 1, 2, 8
within, left_over, norms = np.array(rows).T
assert within[0] < 0.01 < within[4] and left_over[0] == max(left_over[::2])
assert np.all(within[1::2] > within[::2])
assert within.max() / within.min() > 5 * norms.max() / norms.min()

# %% tags=["solution"]
assert check("03.4", (*stepped, [share for share, _, _ in rows[::2]]))

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - The natural gradient $F^{-1} g$ is the least-squares answer to: which step moves the outputs most nearly
#   along $g_y$?
# - Eq. (3): $\eta = g^\top F^{-1} g = \frac1N \|P g_y\|^2$, between 0 (Lemma A.1) and
#   $\lambda = \frac1N \|g_y\|^2$. It does not depend on units, nor on redundant parameters.
# - (E4): the loss drops at the rate $\eta$ along natural-gradient flow, by $\frac12 \eta$ in all if the
#   quadratic model holds.
# - $\eta \approx 0$ with $\lambda > 0$: nothing more is in reach, to first order. Whether the network is too small or
#   only noise is left, what an addition would *gain* can tell.
#
# Next: [04 How to add](04_how_to_add.ipynb), neurons and layers that change nothing but the range of $J$.
#
# </div>

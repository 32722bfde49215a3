# %% [markdown]
# # 08 When to add and when to stop
#
# A search always finds *something*. This notebook is about saying no. First by the paper's rule: two
# thresholds that decide whether an addition is worth it, a theorem that they end every burst of growth,
# a bound on all growth, and the way back, removing what no longer earns its place. Then by a question that
# thresholds do not ask: is what was found *real*? What damped training can have of it, what chance would
# have brought, and what samples say that the search has not seen.
#
# - **You will be able to** apply the two thresholds and say what each is for; predict when in a
#   training a candidate will pass; prove how many additions one moment can bring and test it
#   against an adversary; bound the additions of a whole training; compute what removing a neuron
#   costs, and remove it with the least damage; say what a search finds on noise, and refuse it by an
#   honest look.
# - **You need** the score and how it decays (03), the exact increase and its bound (06).
# - **Labels:** (E13), Theorem 3.1, (E14), (E15), (E18), (E19), (E20), (E21)
# - **Run time:** about half a minute
# - **Previous:** [07b Closed form, the released kernel, and twins](07b_closed_form_and_twins.ipynb)
# - **Next:** [09 Regression](09_regression.ipynb)

# %%
import numpy as np
from numpy.linalg import inv, lstsq

from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(8)

# %% [markdown]
# ## 1. Two thresholds: (E13)
#
# The board of 06 once more: three points, a layer that receives a neuron $(-1, 0, 1)$ and the
# constant 1, gradients $g = (1, -1, 3)$, and a bump as the proposal.

# %%
a_c = np.array([[-1.0, 1], [0, 1], [1, 1]])
g = np.array([[1.0], [-1], [3]])
a_p = np.array([[0.5], [1], [0.5]])
one = np.eye(1)

# %%
from sennpy import delta_eta, delta_eta_bound, layer_score, residual_gradient

lam, eta_c = np.mean(g**2), layer_score(a_c, g, one)
exact = delta_eta(a_c, a_p, g, one)
bound = delta_eta_bound(a_p, residual_gradient(a_c, g), one)
print(f"lambda {lam:.4f}, eta_c {eta_c:.4f}, "
    f"increase {exact:.4f} (bound {bound:.4f})")
assert np.allclose([lam, eta_c, exact, bound], [11 / 3, 5 / 3, 2, 2 / 9])

# %% [markdown]
# The paper accepts an addition if, and only if,
#
# $$\frac{\Delta\eta}{\eta_c} > \tau \qquad\text{and}\qquad \Delta\eta > \alpha .$$
#
# The first compares it with what the network could do *by training on*: is growing better than
# learning? The second with what there is to gain at all: is it worth a neuron? With $\tau = 1$ and
# $\alpha$ two percent of $\lambda$:

# %%
tau, alpha = 1.0, 0.02
print(f"ratio {exact / eta_c:.2f}, share of lambda {exact / lam:.3f}")
assert exact / eta_c > tau and exact > alpha * lam

# %% [markdown]
# The library's `decide` says the same, with $\alpha$ in units of $\lambda$, and a reason where the
# answer is no. May the bound of 06 stand in for the exact increase? It is smaller, so it can only
# say no more often:

# %%
from sennpy import decide

assert decide(exact, eta_c, lam, tau, alpha).passes
print("by the bound:", decide(bound, eta_c, lam, tau, alpha).reason)

# %% [markdown]
# (The first version of the paper compared $\eta_p$, the score *after* the addition, with $\eta_c$.
# That is the same test with another number: $\eta_p = \eta_c + \Delta\eta$, hence
#
# $$\frac{\eta_p}{\eta_c} > 1 + \tau \iff \frac{\Delta\eta}{\eta_c} > \tau . )$$

# %%
eta_p = layer_score(np.hstack([a_c, a_p]), g, one)
assert np.isclose(eta_p, eta_c + exact)
assert np.isclose(eta_p / eta_c - 1, exact / eta_c)

# %% [markdown]
# *Break it.* Would one threshold do? Take $\tau$ alone, at the end of a training: $\eta_c$ is
# nearly 0, and the most useless neuron passes. Take $\alpha$ alone, at the beginning: everything is
# wrong, and a random neuron can do something about it, which training would have done for nothing.

# %%
useless, young = (1e-9, 1e-12), (0.1 * lam, 0.8 * lam)  # Delta eta, eta_c
print("late: ", decide(*useless, lam, tau, alpha).reason)
print("early:", decide(*young, lam, tau, alpha).reason)

# %%
assert decide(*useless, lam, tau, alpha=0).passes
assert decide(*young, lam, 0, alpha).passes

# %% [markdown]
# ## 2. When will it pass?
#
# Let us watch a candidate while its layer learns. One input, 50 points, a line fitted to a
# wave as in 06; two candidates, a good bump and a poor one. ($\alpha$ is a tenth of $\lambda$ here, to be
# seen in a picture.) Two premises, for later: only this layer trains, so that its inputs stay; and the error is
# squared, so that $g = y - t$.

# %%
x = np.sort(rng.standard_normal((50, 1)), axis=0)
t = np.sin(2 * x) + 0.1 * rng.standard_normal((50, 1))
x_c = np.hstack([x, np.ones((50, 1))])
W = np.array([[1.5], [-0.5]])  # a start that is far off

# %%
def candidate(location, scale):
    return 1 / (1 + ((x - location) / scale) ** 2)

good, poor = candidate(-0.8, 0.5), candidate(0.0, 1.0)
tau, alpha = 1.0, 0.1

# %% [markdown]
# Small natural-gradient steps, $\Delta W = -h\, A_c^{-1} C_c$. What happens to the two numbers of the
# test? **The increase of the score stays.** A step moves $g = y - t$ along $a_c$ only,
#
# $$g \to g - h\, a_c A_c^{-1} C_c, \qquad g_r \to g_r ,$$
#
# and $\Delta\eta$ is made of $g_r$:

# %%
def step(g, h):
    return g - h * x_c @ lstsq(x_c, g, rcond=None)[0]

# %%
g = start = x_c @ W - t
later = step(g, 0.1)
assert np.allclose(residual_gradient(x_c, g), residual_gradient(x_c, later))
assert np.isclose(delta_eta(x_c, good, g, one), delta_eta(x_c, good, later, one))

# %% [markdown]
# *Break it.* Another loss: two classes and a softmax. Then $g = p - \mathrm{onehot}(t)$ does not move along $a_c$,
# and the increase moves too. (So it does if the layers below train: $a_c$ and $a_p$ change.)

# %%
def softmax_errors(y):
    p = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    return p - np.eye(2)[(t[:, 0] > 0).astype(int)]

# %%
y2, over_training = np.hstack([np.zeros((50, 1)), x_c @ W]), []
for _ in range(30):
    over_training.append(delta_eta(x_c, good, softmax_errors(y2), np.eye(2)))
    y2 = y2 - 0.3 * x_c @ lstsq(x_c, softmax_errors(y2), rcond=None)[0]
print(f"softmax: the increase goes from {over_training[0]:.4f} to "
    f"{over_training[-1]:.4f} in 30 steps")
assert abs(over_training[-1] / over_training[0] - 1) > 0.1

# %% [markdown]
# **The score decays**, by (E4) exponentially, a step of length $h$ after the other:
#
# $$\eta_c \to (1 - h)^2\, \eta_c \approx e^{-2h}\, \eta_c .$$

# %%
h, eta_0 = 0.05, layer_score(x_c, g, one)
assert np.isclose(layer_score(x_c, step(g, h), one), (1 - h) ** 2 * eta_0)

# %% [markdown]
# So the test of $\tau$ is passed when $\tau\, \eta_0\, (1 - h)^{2 i} < \Delta\eta$, after
#
# $$i^* = \frac{\ln (\tau\, \eta_0 / \Delta\eta)}{-2 \ln(1 - h)} \quad \text{steps} .$$

# %%
delta_good = delta_eta(x_c, good, g, one)
delta_poor = delta_eta(x_c, poor, g, one)
steps = np.log(tau * eta_0 / delta_good) / (2 * -np.log(1 - h))
print(f"predicted: the good one passes after {np.ceil(steps):.0f} steps")

# %%
history, first = [], None
for k in range(120):
    eta, lam = layer_score(x_c, g, one), np.mean(g**2)
    history.append([eta / lam, delta_good / lam, delta_poor / lam])
    if first is None and decide(delta_good, eta, lam, tau, alpha).passes:
        first = k
    g = step(g, h)
history = np.array(history)
assert first == np.ceil(steps)

# %% [markdown]
# And the test of $\alpha$? As training goes on, $\lambda$ falls to $E[g_r^2]$, and the share of the
# candidate rises to its last word,
#
# $$\frac{\Delta\eta}{\lambda} \to \frac{\Delta\eta}{E[g_r^2]},$$
#
# the attained fraction of 06. In short: **$\alpha$ decides whether, $\tau$ decides when.**

# %%
rest = np.mean(residual_gradient(x_c, g) ** 2)
last = history[-1, 1:]
print(f"in the end the good candidate has {last[0]:.3f} of lambda, "
    f"the poor one {last[1]:.3f}")
assert np.allclose(last, [delta_good / rest, delta_poor / rest], rtol=1e-3)
assert last[0] > alpha > last[1]

# %%
from sennpy import explorables, plots

paths = {"a good candidate": history[::8, [0, 1]],
    "a poor one": history[::8, [0, 2]]}
# the poor one
assert not np.any((history[:, 2] > tau * history[:, 0]) & (history[:, 2] > alpha))
plots.decision_plane(tau, alpha, paths);

# %% [markdown]
# Every training moves left in this picture. The slanted line is $\tau$, the dashed one $\alpha$. The
# good candidate enters the green region as soon as training has less left to bring than it has; the poor one
# never does. Move the thresholds and the steps: which $\alpha$ would let the poor one in, and does any $\tau$
# keep the good one out for ever?

# %%
candidates = {"a good candidate": delta_good, "a poor one": delta_poor}
explorables.decision_plane(eta_0, rest, candidates, h, tau, alpha)

# %% [markdown]
# ## 3. How many at one moment? Theorem 3.1
#
# After an addition the network looks again, without training in between. Will this end? Theorem 3.1:
# *if the $\eta$ of (E13) is one that $\lambda$ bounds*, the number $N_s$ of such additions is below
#
# $$1 + \frac{\ln \lambda - \ln \alpha}{\ln(1 + \tau)},$$
#
# for $\tau = 1$ and $\alpha = \lambda / 8$ below $1 + 3 = 4$. Let us play against it. An adversary may
# choose every increase, as long as each is accepted. To make many additions it is as *stingy* as it
# can be:

# %%
def stingy(lam, alpha, tau, eta=0.0):
    etas = [eta]
    while True:
        least = max(alpha, tau * etas[-1]) * (1 + 1e-9)  # just enough to pass
        if etas[-1] + least > lam:
            return etas
        etas.append(etas[-1] + least)

# %%
etas = stingy(1, 1 / 8, 1)
print("eta:", np.array(etas), " additions:", len(etas) - 1)
assert len(etas) - 1 == 3 < 1 + np.log(8) / np.log(2) + 1e-9

# %% [markdown]
# The proof is the adversary's despair. **Line 1.** An addition leaves the function as it is, hence
# $g_y$ and $\lambda$. **Line 2.** After the first one the score is above $\alpha$. **Line 3.** Each
# further one multiplies it by more than $1 + \tau$, since $\Delta\eta > \tau \eta_c$:
#
# $$\eta_i > (1 + \tau)^{i-1}\, \alpha .$$

# %%
for i in range(1, len(etas)):
    assert etas[i] > 2 ** (i - 1) / 8

# %% [markdown]
# **Line 4.** But $\eta \le \lambda$: for the dense $\eta$ by eq. (3), being the length of a projection (and not
# below 0, Lemma A.1). Take logarithms and solve for $i$:
#
# $$(i - 1) \ln(1 + \tau) < \ln\lambda - \ln\alpha .$$

# %%
for lam, alpha, tau in rng.uniform(0.01, 1, (200, 3)) * [10, 1, 3]:
    i = len(stingy(lam, alpha, tau)) - 1
    assert i == 0 or (i - 1) * np.log(1 + tau) < np.log(lam) - np.log(alpha)

# %%
from sennpy import max_simultaneous_additions

tau = 1.0
print(f"tau = 1, alpha = lambda / 1000: "
    f"N_s < {max_simultaneous_additions(1, 1e-3, tau):.2f}")
assert np.isclose(max_simultaneous_additions(1, 1 / 8, 1),
    1 + np.log(8) / np.log(2))

# %% [markdown]
# If the score is at least $\alpha$ at the start, line 2 comes for free, and the bound is smaller by
# 1:
#
# $$\eta_c \ge \alpha: \qquad N_s < \frac{\ln\lambda - \ln\alpha}{\ln(1 + \tau)} .$$

# %%
for lam, alpha, tau in rng.uniform(0.01, 1, (200, 3)) * [10, 1, 3]:
    if alpha < lam:
        i = len(stingy(lam, alpha, tau, eta=alpha)) - 1
        assert i < max_simultaneous_additions(lam, alpha, tau, eta_c=alpha)

# %% [markdown]
# Play the adversary, who cannot win. What does it cost her to be generous, and what brings a $\tau$ near 0?

# %%
explorables.stingy_adversary()

# %% [markdown]
# **The premise.** Line 4 is false for the K-FAC score of an inner layer (05), since $A \otimes G$ is not its block
# of $F$. Count: 200 random networks 2-4-4-1, each with its target of two inputs; $\eta_l$ of all three layers in
# units of $\lambda$. The last layer's is a projection, the others are not:
#
# $$\eta_\text{last} \le \eta_\text{dense} \le \lambda, \qquad
#   \eta_l \le \mathrm{Tr}[G^{-1} E[g\, g^\top]], \ \text{ which may exceed } \lambda .$$

# %%
from sennpy import MLP, Damping, SquaredError
from sennpy import kronecker_factors, natural_gradient, projected_score

def task(seed):
    rng = np.random.default_rng(seed)
    net, X = MLP.random((2, 4, 4, 1), rng=rng), rng.standard_normal((60, 2))
    return net, X, np.sin(2 * X[:, :1]) + X[:, :1] * X[:, 1:]

# %%
def scores_by_layer(net, X, t):
    """eta_l of each layer, the most that it could be, dense eta; over lambda."""
    trace, factors = net.forward(X), kronecker_factors(net, X)
    g_y, lam = trace.outputs - t, np.mean((trace.outputs - t) ** 2)
    layers = list(zip(trace.inputs, net.backward(trace, g_y), factors,
        strict=True))
    eta_l = [layer_score(a, g, f.G) for a, g, f in layers]
    most = [np.trace(np.linalg.pinv(f.G, rcond=1e-10) @ g.T @ g) / 60
        for _, g, f in layers]
    return np.array([*eta_l, *most,
        projected_score(net.jacobian(trace), g_y)]) / lam

# %%
random = np.array([scores_by_layer(*task(seed)) for seed in range(200)])
inner = random[:, :2].max(axis=1)
print(f"an inner layer above lambda in {np.sum(inner > 1)} of 200, "
    f"up to {inner.max():.1f} lambda")
assert np.sum(inner > 1) > 150
assert np.all(random[:, :3] <= random[:, 3:6] * (1 + 1e-9))
assert np.all(random[:, 2] <= random[:, 6] * (1 + 1e-9))
assert np.all(random[:, 6] <= 1 + 1e-9)

# %% [markdown]
# Training takes most of them down, and not all:

# %%
def after_training(net, X, t):
    for _ in range(30):
        direction = natural_gradient(net, X, t, SquaredError(),
            damping=Damping(0.1)).direction
        net = net.replace(net.parameters - 0.3 * direction)
    return scores_by_layer(net, X, t)

# %%
trained = np.array([after_training(*task(seed)) for seed in range(100)])
print(f"after 30 steps in {np.sum(trained[:, :2].max(axis=1) > 1)} of 100")
assert 0 < np.sum(trained[:, :2].max(axis=1) > 1) < 20

# %% [markdown]
# **Which eta?** There are four, and a sentence about one need not hold for another.
#
# | which | what it is | below $\lambda$? | who speaks of it |
# |---|---|---|---|
# | dense | $g^\top F^{-1} g$, all parameters, Euclidean $F$ | yes, eq. (3) | (E4), (E5), (E14), Theorem 3.1; in the record `eta` of a look, `dense` of a candidate |
# | last layer | $\eta_l$ of the layer next to the outputs, $G = I$ | yes, it is the dense one of these parameters | Theorem 3.1, if neurons join the last hidden layer only; (E13) there |
# | K-FAC, inner layer | $\mathrm{Tr}[A^{-1} C\, G^{-1} C^\top]$ (E6) | no, as counted | the rule: (E13) holds $\Delta\eta$ by (E8) against $\tau$ times the *receiving layer's* $\eta_l$; Theorem 3.2, (E9) and (E12) are about this one, and hold in its own metric; in the record `eta_layer`, `exact`, `bound` |
# | damped | with something added to $F$ or $\Sigma$ (lesson 9) | if the undamped one is | training's steps and the blue curves; (E18) |
#
# (For another output metric, as a softmax's true Fisher matrix, $\lambda$ need not bound any of them; with the
# empirical $G$ a score has other units, 05.) So Theorem 3.1 holds for decisions by the dense score, and for neurons
# in a network of one hidden layer as below. For neurons at *one* inner layer it holds with
# $\mathrm{Tr}[G^{-1} E[g\, g^\top]]$ in the place of $\lambda$, for $g$ and $G$ of the receiving layer stay as well. For
# several layers taken together, as the rule looks at them, there is no proof. And what an inserted layer gains need not
# show in the $\eta_l$ of the layer that receives (10, lesson 3).
#
# Now real neurons: 2 inputs, 60 points, a trained linear layer, and 400 random neurons to choose
# from. One player always takes the best, one the stingiest that passes.

# %%
X = rng.standard_normal((60, 2))
target = np.sin(2 * X[:, :1]) + X[:, :1] * X[:, 1:]
X_c = np.column_stack([X, np.ones(60)])
# trained: nothing is left that the inputs could do
g = -residual_gradient(X_c, target)

# %%
from sennpy import Rational

bank = Rational()(X_c @ rng.normal(scale=2, size=(3, 400)),
    rng.standard_normal((3, 400)))

def increases(a_c, bank, g):  # (E8) for each neuron of the bank
    left, g_r = residual_gradient(a_c, bank), residual_gradient(a_c, g)
    new = np.mean(left**2, axis=0) > 1e-9 * np.mean(bank**2, axis=0)
    return np.where(new, np.mean(left * g_r, axis=0) ** 2
        / np.where(new, np.mean(left**2, axis=0), 1), 0)

# %%
assert np.allclose(increases(X_c, bank, g)[:5],
    [delta_eta(X_c, bank[:, [i]], g, one) for i in range(5)])

# %%
def play(choose, tau, alpha):
    a_c, count, lam = X_c, 0, np.mean(g**2)
    while True:
        eta, gains = layer_score(a_c, g, one), increases(a_c, bank, g)
        passing = np.flatnonzero((gains > tau * eta) & (gains > alpha * lam))
        if not len(passing):
            return count
        a_c = np.hstack([a_c, bank[:, [passing[choose(gains[passing])]]]])
        count = count + 1

# %%
taus = np.array([0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0])
bounds = np.array([max_simultaneous_additions(1, 1e-3, tau) for tau in taus])
counts = {
    "abstract adversary": [len(stingy(1, 1e-3, tau)) - 1 for tau in taus],
    "stingiest neuron": [play(np.argmin, tau, 1e-3) for tau in taus],
    "best neuron": [play(np.argmax, tau, 1e-3) for tau in taus]}
counts = {name: np.array(number) for name, number in counts.items()}

# %%
assert all(np.all(number < bounds) for number in counts.values())
assert np.all((bounds - counts["abstract adversary"])[taus >= 1] <= 1)
assert np.all(counts["best neuron"] < bounds / 4)
assert np.all(counts["best neuron"][taus >= 1] == 1)
print("stingiest:", counts["stingiest neuron"], " best:", counts["best neuron"])

# %%
plots.additions_bound(taus, bounds, counts);

# %% [markdown]
# From $\tau = 1$ on the adversary comes within one of the bound: the theorem wastes nothing. (Below,
# its first steps are longer than the proof assumes, for they must pass $\alpha$ too.) Who takes the
# *best* neuron, as the search does, stays far below: from $\tau = 1$ on the first takes so much that no second is
# worth as much again.
#
# *Break it.* Set $\tau = 0$. The bound is gone (it divides by $\ln 1 = 0$), and growth ends only
# because every addition takes more than $\alpha$ out of $\lambda$:

# %%
try:
    max_simultaneous_additions(1, 1e-3, tau=0)
except ValueError as error:
    print(error)

# %%
endless = play(np.argmax, 0, 1e-3)
print(f"tau = 0: {endless} neurons at once, below lambda / alpha = 1000")
assert max(counts["best neuron"]) < endless < 1000

# %% [markdown]
# ## 4. How many in all? (E14)
#
# Between two looks the network trains, and may add again. In the model where the Hessian is a
# constant $F$ (a layer with squared error), the whole of a training can be bounded too. What a
# trained layer cannot do is its **reachable loss**, $L^* = \frac12 E[g_r^2]$. By (E4) it is
#
# $$L^* = L - \tfrac12\, \eta .$$

# %%
def reachable(a_c, g):
    return np.mean(residual_gradient(a_c, g) ** 2) / 2

g = X_c @ rng.standard_normal((3, 1)) - target  # not trained
assert np.isclose(reachable(X_c, g), np.mean(g**2) / 2
    - layer_score(X_c, g, one) / 2)

# %% [markdown]
# An addition leaves $L$ and raises $\eta$ by $\Delta\eta > \alpha$. So it lowers the reachable loss,
# whenever it is made, by
#
# $$L^*_\text{old} - L^*_\text{new} = \tfrac12\, \Delta\eta > \tfrac12\, \alpha .$$

# %%
new = np.hstack([X_c, bank[:, :1]])
gain = delta_eta(X_c, bank[:, :1], g, one)
assert np.isclose(reachable(X_c, g) - reachable(new, g), gain / 2)

# %% [markdown]
# Training in between does not touch it, and it never falls below what any network can reach,
# $L_\infty$. Hence the number of additions is below
#
# $$\frac{2\, (L^*_0 - L_\infty)}{\alpha} .$$
#
# Train to the end, add, and again; once with the best neuron, once with the stingiest.

# %%
from sennpy import max_total_additions

def whole_training(choose, alpha):
    a_c, count = X_c, 0
    while True:  # trained: eta_c = 0, and tau stops nothing
        gains = increases(a_c, bank, g)
        passing = np.flatnonzero(gains > alpha)
        if not len(passing):
            return count
        a_c = np.hstack([a_c, bank[:, [passing[choose(gains[passing])]]]])
        count = count + 1

# %%
for alpha in (0.1, 0.03, 0.01):
    limit = max_total_additions(reachable(X_c, g), 0, alpha)
    stingiest = whole_training(np.argmin, alpha)
    best = whole_training(np.argmax, alpha)
    print(f"alpha {alpha:<5} stingiest {stingiest:>2}, best {best:>2}, "
        f"below {limit:.1f}")
    assert best <= stingiest < limit
    assert np.isclose(limit, 2 * reachable(X_c, g) / alpha)

# %% [markdown]
# Here $\alpha$ is in units of the loss. Who sets it as a share of $\lambda$, as `decide` does, lets
# it shrink as the error shrinks, and gets another bound (exercise 4). And a real network is not
# quadratic: its range turns as it trains, so that $L^*$ can move on its own. What then bounds its
# growth is one of the paper's open questions.
#
# ## 5. The way back: what is a neuron worth? (E15)
#
# A neuron that was added in good time may be superfluous later. What would be lost without it? The
# question has two answers, and they are confused easily. (The second is *Optimal Brain Surgeon*,
# [Hassibi and Stork 1993](https://proceedings.neurips.cc/paper/1992/hash/303ed4c69846ab36c2904d3ba8573050-Abstract.html "hassibi1993"),
# for one input of a layer and an error that is not yet 0.) Random numbers, general shapes: 40 samples,
# 5 inputs of a layer, 3 outputs.

# %%
N, j = 40, 2  # j: the input in question
a = rng.standard_normal((N, 5)) @ rng.standard_normal((5, 5))
W, g = rng.standard_normal((5, 3)), rng.standard_normal((N, 3)) + a[:, :3]
G = np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 1]])

# %%
A, C, others = a.T @ a / N, a.T @ g / N, np.delete(a, j, axis=1)
# row j: the natural gradient of the weights of input j, times G
natural = inv(A) @ C
left = residual_gradient(others, a[:, [j]])  # what only input j can do

# %% [markdown]
# **Step 1.** The block inverse of 06 puts the inverse Schur complement into the corner of
# $A^{-1}$. For the single input $j$ this reads
#
# $$\begin{gathered} E[\tilde a_j^2] = \frac{1}{[A^{-1}]_{jj}}, \\
#   \tilde a_j = a_j - \text{its fit by the others} . \end{gathered}$$

# %%
Sigma = 1 / inv(A)[j, j]
assert np.isclose(np.mean(left**2), Sigma)

# %% [markdown]
# **Step 2.** What only input $j$ can do is a row of $A^{-1}$ times the inputs. The number $(A^{-1} a)_j$ is uncorrelated
# with all inputs but the $j$-th, and contains that one $[A^{-1}]_{jj}$ times,
#
# $$E[(A^{-1} a)_j\, a^\top] = (A^{-1} A)_j = e_j^\top, \qquad\text{hence}\qquad
#   \tilde a_j = \frac{(A^{-1} a)_j}{[A^{-1}]_{jj}} ,$$
#
# for $a_j$ plus a combination of the others, uncorrelated with the others, is the residual of a regression.

# %%
row = a @ inv(A)[:, [j]]  # (A^-1 a)_j of each sample
assert np.allclose(row.T @ a / N, np.eye(5)[j])
assert np.allclose(left, Sigma * row)

# %% [markdown]
# Multiply by $g$ and take the mean: row $j$ of $A^{-1} C$ appears, in the same units,
#
# $$E[\tilde a_j\, g^\top] = \frac{[A^{-1} C]_j}{[A^{-1}]_{jj}} .$$

# %%
assert np.allclose(left.T @ g / N, Sigma * natural[j])

# %% [markdown]
# **Step 3.** Put both into (E8). That is what the *score* loses if the weights of input $j$ are
# frozen, with $n = A^{-1} C\, G^{-1/2}$:
#
# $$\eta - \eta_{\text{without } j} = \frac{\lVert n_j \rVert^2}{[A^{-1}]_{jj}} .$$

# %%
n_squared = natural[j] @ inv(G) @ natural[j]  # ||n_j||^2
lost = layer_score(a, g, G) - layer_score(others, g, G)
assert np.isclose(lost, n_squared * Sigma)

# %% [markdown]
# This is *not* what we want. In a trained network $g$ has nothing left to pull at, $n = 0$, and by
# this measure every neuron is worthless! The neuron does its work by being there. To price that,
# take it out.
#
# **Step 4.** Remove input $j$ and let the others take over what they can: least change of the
# pre-activations. That is the fit of $a_j$ by the others, times its weights $W_j$; or, all rows in
# one formula,
#
# $$W \to W - \frac{A^{-1} e_j\, W_j}{[A^{-1}]_{jj}} .$$

# %%
pruned = W - np.outer(inv(A)[:, j], W[j]) * Sigma
assert np.allclose(pruned[j], 0)
assert np.allclose(np.delete(pruned, j, axis=0),
    lstsq(others, a @ W, rcond=None)[0])

# %% [markdown]
# **Step 5.** The pre-activations lose what only $j$ could do, and in the quadratic model with
# curvature $G$ the gradients move with them:
#
# $$a\, W \to a\, W - \tilde a_j W_j, \qquad g \to g - \tilde a_j W_j\, G .$$

# %%
assert np.allclose(a @ pruned, a @ W - left * W[j])
g_pruned = g + (a @ pruned - a @ W) @ G

# %% [markdown]
# **Step 6.** What would it bring to have the input back? (E8) in the pruned network, with steps 1
# and 2, and with $w = W G^{1/2}$ the weights in the units of $n$:
#
# $$\text{cost}_j = \frac{\lVert n_j - w_j \rVert^2}{[A^{-1}]_{jj}} .$$

# %%
from sennpy import removal_costs

distance = natural[j] - W[j] @ G  # (n_j - w_j) G^{1/2}
cost = distance @ inv(G) @ distance * Sigma
assert np.allclose(left.T @ g_pruned / N, Sigma * distance)
assert np.isclose(cost, delta_eta(others, a[:, [j]], g_pruned, G))

# %%
print("costs of the five inputs:", removal_costs(a, g, G, W))
assert np.isclose(cost, removal_costs(a, g, G, W)[j])

# %% [markdown]
# Read it: a natural-gradient step takes $w$ to $w - n$. The cost is the square of the weight that the
# input *should* have, times what only this input can do. A large weight is no merit if training is
# about to take it back, nor if others could stand in.
#
# The cost does not depend on who takes over: any other compensation changes $g$ by combinations of
# the other inputs, which are uncorrelated with $\tilde a_j$,
#
# $$E[\tilde a_j\, (g + a_\text{others} B\, G)^\top] = E[\tilde a_j\, g^\top] .$$

# %%
B = rng.standard_normal((4, 3))
assert np.allclose(left.T @ (g_pruned + others @ B @ G), left.T @ g_pruned)
assert np.isclose(delta_eta(others, a[:, [j]], g_pruned + others @ B @ G, G),
    cost)

# %% [markdown]
# *Break it.* Why not simply remove the smallest weight? Measure one input in other units, ten times
# larger, with a weight ten times smaller. Nothing has changed, but

# %%
units = np.ones(5)
units[j] = 10
other_W = W / units[:, None]
print("sizes of the weights:", np.linalg.norm(W, axis=1))
print("in other units:      ", np.linalg.norm(other_W, axis=1))
assert np.allclose(removal_costs(a * units, g, G, other_W),
    removal_costs(a, g, G, W))

# %% [markdown]
# the smallest weight is another one, and the costs are what they were: a cost has the units of the loss, a weight those of
# its input.
#
# On the board: the three inputs $(-1, 0, 1)$, the bump $(\frac12, 1, \frac12)$ and 1, with weights 3,
# 3 and 1, and a layer that makes no error, $g = 0$. With $1/[A^{-1}]_{jj} = \frac1{18}$ for the bump
# (the corner of 06) it costs
#
# $$\frac{3^2}{18} = \tfrac12, \qquad \text{and the loss rises by } \tfrac12 \cdot \tfrac12 .$$

# %%
board = np.column_stack([[-1.0, 0, 1], [0.5, 1, 0.5], [1.0, 1, 1]])
weights = np.array([[3.0], [3], [1]])
costs = removal_costs(board, np.zeros((3, 1)), one, weights)
print("costs:", costs)
assert np.isclose(costs[1], 1 / 2)

# %%
without = np.delete(board, 1, axis=1)
assert np.isclose(reachable(without, -board @ weights), 1 / 4)

# %% [markdown]
# That rise is Optimal Brain Surgeon's *saliency*, with $H = A$ the Hessian of this layer's loss,
#
# $$\frac{w_j^2}{2\, [H^{-1}]_{jj}} = \tfrac12\, \text{cost}_j \qquad (g = 0),$$
#
# and the compensation of step 4 is its change of the other weights.

# %%
H = board.T @ board / 3
saliency = weights[:, 0] ** 2 / (2 * np.diag(inv(H)))
assert np.allclose(saliency, costs / 2) and np.isclose(saliency[1], 1 / 4)

# %% [markdown]
# ## 6. Growing and pruning do not quarrel
#
# Could one rule add a neuron and the other take it away at once, for ever? Right after the addition
# its outgoing weights are 0. Put $w_j = 0$ into the cost:
#
# $$\text{cost}_j = \frac{\lVert n_j \rVert^2}{[A^{-1}]_{jj}} = \Delta\eta > \alpha .$$

# %%
grown = np.hstack([a, rng.standard_normal((N, 1))])
silent = np.vstack([W, np.zeros(3)])
assert np.isclose(removal_costs(grown, g, G, silent)[-1],
    delta_eta(a, grown[:, -1:], g, G))

# %% [markdown]
# What was worth adding is worth keeping, by the same $\alpha$. A copy is the other extreme. Its
# twin can do all of its work, so removing it costs nothing. But $A$ is singular then, and the library
# refuses to price it:

# %%
try:
    removal_costs(np.hstack([a, a[:, :1]]), g, G, silent)
except ValueError as error:
    print(error)

# %% [markdown]
# `prune` is not impressed. Given the data it lets the others take over by regression, and the
# function stays:

# %%
from sennpy import Tanh, prune, widen

net = MLP.random((2, 4, 1), Tanh(), rng)
doubled = widen(net, 0, net.weights[0][:, :1])
# the copy speaks up
doubled = doubled.replace(doubled.parameters + 0.5 * (doubled.parameters == 0))

# %%
assert not np.allclose(doubled(X), net(X))
assert np.allclose(prune(doubled, 0, 4, X)(X), doubled(X))
print("with compensation the outputs stay; without, they move by",
    np.abs(prune(doubled, 0, 4)(X) - doubled(X)).max().round(2))

# %% [markdown]
# ## 7. Pruning a network
#
# A network with 10 hidden neurons, more than the wave needs, trained by natural gradient.

# %%
x = np.linspace(-3, 3, 80)[:, None]
t, loss = np.sin(2 * x) + 0.1 * rng.standard_normal(x.shape), SquaredError()

def train(net, steps):
    for _ in range(steps):
        net = net.replace(net.parameters - 0.3 * natural_gradient(net, x, t, loss,
            damping=Damping(1e-3)).direction)
    return net

# %%
def loss_of(net):
    return loss.value(net(x), t)

net = train(MLP.random((1, 10, 1), Tanh(), rng=1), 300)
print(f"loss {loss_of(net):.4f}; "
    f"an output of 0 would have {np.mean(t**2) / 2:.2f}")

# %% [markdown]
# Give the last layer its very best weights, so that $n = 0$ there. Then the model of lesson 5 is
# exact for this layer (squared error, $G = 1$), and removing neuron $j$ with compensation must raise
# the loss by half its cost:
#
# $$L_{\text{without } j} - L = \tfrac12\, \text{cost}_j .$$

# %%
inputs = net.forward(x).inputs[1]  # 10 neurons and the constant
best = lstsq(inputs, t, rcond=None)[0]
net = MLP((net.weights[0], best), net.coefficients, net.activation)
costs = removal_costs(inputs, net(x) - t, one, best)[:10]

# %%
def rise(*data):
    """Of the loss as neuron k goes, for each k; the others fit the data anew."""
    return np.array([loss_of(prune(net, 0, k, *data)) - loss_of(net)
        for k in range(10)])

rises = {"no compensation": rise(), "others take over": rise(x)}
assert np.allclose(rises["others take over"], costs / 2, rtol=1e-3)
assert np.all(rises["no compensation"] > 100 * rises["others take over"])
assert rises["no compensation"].min() > 50 * loss_of(net)

# %%
plots.removal(costs / 2, rises);

# %% [markdown]
# The blue points lie on the line: that is the theory. The red ones show what compensation is worth.
# In a layer with neurons to spare, large weights cancel, and whichever is taken out alone, the loss rises by
# more than fifty times its value.
#
# Now prune as one would: remove the cheapest, train a little, and go on until the cheapest costs more
# than $\alpha = 0.02\, \lambda$, with $\lambda$ the error of an empty network, $E[t^2]$.

# %%
def price(net):
    trace = net.forward(x)
    return removal_costs(trace.inputs[1], trace.outputs - t, one,
        net.weights[1])[:-1]

# %%
small = net
while small.sizes[1] > 1:
    costs = price(small)
    if costs.min() > 0.02 * np.mean(t**2):
        break
    small = train(prune(small, 0, int(costs.argmin()), x), 50)

# %%
print(f"{net.sizes} -> {small.sizes}, "
    f"loss {loss_of(net):.4f} -> {loss_of(small):.4f}")
print(f"the cheapest now costs {price(small).min() / np.mean(t**2):.2f} lambda")
assert small.sizes[1] < 10 and loss_of(small) < 0.05 * np.mean(t**2) / 2

# %% [markdown]
# ## 8. The real thing
#
# `SENN` trains, looks, adds and looks again, here by the two thresholds (`Settings.by_thresholds`; what
# `Settings()` does instead is the matter of lesson 11). A single hidden neuron to begin with, neurons
# only (`max_depth=1`).

# %%
from sennpy import SENN, Settings, Thresholds

settings = Settings.by_thresholds(epochs=150, max_depth=1,
    acceptance=Thresholds(tau=1.0, alpha=0.02))
network, history = SENN(loss, settings).fit(MLP.random((1, 1, 1), rng=0), x, t)

# %%
for addition in history.additions:
    candidate = addition.candidate
    print(f"epoch {addition.epoch}: {candidate.ratio:.2g} eta, "
        f"{candidate.share:.2g} lambda -> {addition.sizes}")
    assert candidate.ratio > 1 and candidate.share > 0.02
    # Theorem 3.1: one hidden layer, squared error
    assert addition.together < addition.limit

# %%
refusals = [c.reason for look in history.looks for c in look.candidates
    if c.reason and c.kind == "neuron"]
print("refused:", *refusals, sep="\n  ")
assert all(" eta (tau" in reason for reason in refusals)

# %% [markdown]
# Each burst of additions ends with a refusal, and the reason says which threshold was missed. Too
# little compared with $\eta$, as here, means *learn first*; too little compared with $\lambda$
# would mean *not worth it*. (The supremum of 06 saves searches: where even that is too low, none is
# made.)
#
# The two thresholds ask what an addition promises. Can the promise be kept, and is it more than a
# coincidence? They cannot tell: the same increase may be had by a step that training will never
# take, or be chance. The rest of this notebook is about that, and about the rule that `Settings()`
# has instead.
#
# ## 9. A promise that can be kept: the damped score (E18)
#
# The score promises what the full step $-F^{-1} g$ would bring. Training damps it, $s = -(F +
# R)^{-1} g$, because $F$ is a model, to be believed near by only. Four parameters:

# %%
from numpy.linalg import solve

# %%
J = rng.standard_normal((30, 4)) * [1, 1, 0.3, 0.1]
F = J.T @ J / 30
g4 = rng.standard_normal(4) * [1, 1, 0.3, 0.1]
R4 = 0.1 * np.eye(4)
s = -solve(F + R4, g4)

# %% [markdown]
# **Step 1.** The damped step minimises the damped model $g^\top s + \frac12 s^\top (F + R)\, s$. As
# in (E4), that falls by half of a score, the **damped score**
#
# $$\eta_d = g^\top (F + R)^{-1} g \le \eta .$$

# %%
eta_d, eta_full = g4 @ solve(F + R4, g4), g4 @ solve(F, g4)
print(f"eta {eta_full:.3f}, damped {eta_d:.3f}")
assert np.isclose(-(g4 @ s + s @ (F + R4) @ s / 2), eta_d / 2)
assert eta_d < eta_full

# %%
from sennpy import damped_score

assert np.isclose(damped_score(F, g4, 0.1), eta_d)

# %% [markdown]
# What does this step bring in the *undamped* model? More than promised, by what the damping held
# back:
#
# $$-\left(g^\top s + \tfrac12\, s^\top F s\right) = \tfrac12\, \eta_d + \tfrac12\, s^\top R\, s .$$

# %%
brings = -(g4 @ s + s @ F @ s / 2)
assert np.isclose(brings, eta_d / 2 + s @ R4 @ s / 2)
assert eta_d / 2 < brings < eta_full / 2

# %% [markdown]
# *Break it.* Is the increase of $\eta_d$ what we want? Let there be one parameter, with $F = f$,
# and add a copy of it. Nothing can be done now that could not be done before, and yet
#
# $$\frac{2\, g^2}{2 f + d} = \frac{g^2}{f + d/2} > \frac{g^2}{f + d} .$$

# %%
f1, g1, d1 = 2.0, 1.0, 0.5
before = g1**2 / (f1 + d1)
after = damped_score(np.full((2, 2), f1), np.full(2, g1), d1)

# %%
print(f"alone {before:.4f}, with its copy {after:.4f}")
assert np.isclose(after, g1**2 / (f1 + d1 / 2)) and after > before

# %% [markdown]
# Two copies share the way and are each damped for half of it: the copy is credited with having
# *halved the damping*. Duplicates would come in again by the back door.
#
# **Step 2.** So damp what is *new* about a new direction, and leave the old ones as they are. What
# is new: when $\theta_p$ moves, let the old parameters compensate, by $-F_{cc}^{-1} F_{cp}\,
# \theta_p$. In these coordinates old and new are orthogonal, with $r$ and $S$ of (E5):
#
# $$F \to \begin{pmatrix} F_{cc} & 0 \\ 0 & S \end{pmatrix}, \qquad
#   g \to \begin{pmatrix} g_c \\ r \end{pmatrix} .$$

# %%
F_cc, F_cp = F[:2, :2], F[:2, 2:]
r = g4[2:] - F_cp.T @ solve(F_cc, g4[:2])
S = F[2:, 2:] - F_cp.T @ solve(F_cc, F_cp)

# %%
to = np.eye(4)
to[:2, 2:] = -solve(F_cc, F_cp)
zero = np.zeros((2, 2))

# %%
assert np.allclose(to.T @ F @ to, np.block([[F_cc, zero], [zero, S]]))
assert np.allclose(to.T @ g4, [*g4[:2], *r])

# %% [markdown]
# **Step 3.** Damp here, by $R_c$ and $R$. The blocks part, and whatever $R_c$ is, the increase is
#
# $$\Delta\eta_d = r^\top (S + R)^{-1} r .$$

# %%
R = np.diag([0.1, 0.2])
for R_c in (1e-9 * np.eye(2), 0.1 * np.eye(2), np.diag([3.0, 5.0])):
    both = np.block([[F_cc + R_c, zero], [zero, S + R]])
    old = g4[:2] @ solve(F_cc + R_c, g4[:2])
    assert np.isclose(to.T @ g4 @ solve(both, to.T @ g4) - old,
        r @ solve(S + R, r))

# %% [markdown]
# A copy has $r = 0$ and $S = 0$: it brings 0, now for every damping. And $R$ only takes away:
#
# $$0 \le r^\top (S + R)^{-1} r \le r^\top S^{-1} r = \Delta\eta .$$

# %%
assert 0 < r @ solve(S + R, r) < r @ solve(S, r)
# (E5)
assert np.isclose(r @ solve(S, r), eta_full - g4[:2] @ solve(F_cc, g4[:2]))

# %% [markdown]
# **Step 4.** At a layer $S = \Sigma \otimes G$ and $r$ holds the entries of $D = E[a_p\, g_r^\top]$
# (E8). How large should $R$ be? A share $\rho$ of each new activation's mean square, $R = \rho\,
# \mathrm{diag}(E[a_p^2]) \otimes G$, so that units do not matter:
#
# $$\Delta\eta_d = \mathrm{Tr}\left[(\Sigma + R)^{-1} D\, G^{-1} D^\top\right],
#   \qquad R = \rho\, \mathrm{diag}(E[a_p^2]) .$$

# %%
ins, new = rng.standard_normal((2, 40, 3))
new = np.tanh(ins @ rng.standard_normal((3, 2))) + 0.1 * new[:, :2]
g40 = rng.standard_normal((40, 3)) + ins + new[:, :1]  # G is that of lesson 5
left, g_r, rho = residual_gradient(ins, new), residual_gradient(ins, g40), 0.01

# %%
Sigma = left.T @ left / 40
D = left.T @ g_r / 40
R = rho * np.diag(np.mean(new**2, axis=0))
damped = np.trace(solve(Sigma + R, D) @ inv(G) @ D.T)
assert np.isclose(damped, D.ravel() @ solve(np.kron(Sigma + R, G), D.ravel()))

# %%
from sennpy import damped_delta_eta

assert np.isclose(damped_delta_eta(ins, new, g40, G, rho), damped)
assert damped < delta_eta(ins, new, g40, G)
assert np.isclose(damped_delta_eta(ins, 1000 * new, g40, G, rho), damped)  # units

# %% [markdown]
# For one neuron $\Sigma = (1 - R^2)\, E[a_p^2]$, with $R^2$ of its regression on the inputs (E9).
# So
#
# $$\Delta\eta_d = \Delta\eta\; \frac{1 - R^2}{1 - R^2 + \rho} :$$
#
# what an input could nearly do is discounted once less than $\rho$ of it is new.

# %%
for nearly in (1, 0.1, 0.01):
    one_new = ins[:, :1] + nearly * new[:, :1]
    # 1 - R^2
    fresh = np.mean(residual_gradient(ins, one_new) ** 2) / np.mean(one_new**2)
    full = delta_eta(ins, one_new, g40, G)
    held = damped_delta_eta(ins, one_new, g40, G, rho)
    print(f"new about it: {fresh:.1e}; increase {full:.4f}, damped {held:.4f}")
    assert np.isclose(held, full * fresh / (fresh + rho))

# %% [markdown]
# The undamped increase does not notice that the neuron becomes a copy; its outgoing weights would
# just have to be huge.
#
# **Step 5.** Does Theorem 3.1 hold for additions that are judged by $\Delta\eta_d$ (under its premise, an $\eta$ that
# $\lambda$ bounds, as at the last layer here)? Line 1 of its proof speaks of the function, and is as before. Lines 2 and 3: what is added is among the *old*
# directions afterwards, undamped, so the score $\eta$ rises by the whole $\Delta\eta$, which is at
# least what it was judged by,
#
# $$\eta_i = \eta_{i-1} + \Delta\eta \ge \eta_{i-1} + \Delta\eta_d > (1 + \tau)\, \eta_{i-1},
#   \qquad \eta_1 > \alpha .$$
#
# And line 4 is about $\eta$ and $\lambda$, as it was. Play with the bank of lesson 3 once more:

# %%
def damped_increases(a_c, bank, g):
    left, g_r = residual_gradient(a_c, bank), residual_gradient(a_c, g)
    size = np.mean(bank**2, axis=0)
    return np.mean(left * g_r, axis=0) ** 2 / (np.mean(left**2, axis=0)
        + rho * size)

# %%
g = -residual_gradient(X_c, target)  # as in lesson 3
assert np.isclose(damped_increases(X_c, bank, g)[7],
    damped_delta_eta(X_c, bank[:, [7]], g, one, rho))

# %%
def play_damped(choose, tau, alpha):
    a_c, etas, lam = X_c, [layer_score(X_c, g, one)], np.mean(g**2)
    while True:
        gains = damped_increases(a_c, bank, g)
        passing = np.flatnonzero((gains > tau * etas[-1]) & (gains > alpha * lam))
        if not len(passing):
            return len(etas) - 1
        best = passing[choose(gains[passing])]
        a_c = np.hstack([a_c, bank[:, [best]]])
        etas.append(layer_score(a_c, g, one))
        raised = etas[-2] + gains[best] * (1 - 1e-9)
        assert etas[-1] >= raised > (1 + tau) * etas[-2]
        assert etas[-1] <= lam

# %%
numbers = {tau: [play_damped(choose, tau, 1e-3)
    for choose in (np.argmin, np.argmax)] for tau in taus}
print("stingiest:", [least for least, _ in numbers.values()], " best:",
    [most for _, most in numbers.values()])
assert np.all(np.array(list(numbers.values())) < bounds[:, None])

# %% [markdown]
# ## 10. What chance brings: (E19)
#
# Now let there be nothing to learn. How much does a neuron explain of *noise*? A board with five
# samples: what is left of the gradient, $g$, and one direction $b$, chosen without looking at $g$;
# both of mean 0, as a layer with a bias has it, and $E[b^2] = 1$.

# %%
g5, b5 = np.array([2.0, -1, 0, 1, -2]), np.array([1.0, 1, -1, 1, -2])
b5 = b5 / np.sqrt(np.mean(b5**2))
assert g5.mean() == 0 and abs(b5.mean()) < 1e-12

# %% [markdown]
# If $g$ is noise, any other order of its values would have been as likely. Take all 120, and
# average.
#
# **Line 1.** Two samples of $g$ are not independent: its sum is 0, so where one value is used, the
# others sum to its negative,
#
# $$\overline{g_n^2} = E[g^2], \qquad \overline{g_n g_{n'}} = -\frac{E[g^2]}{N - 1} .$$

# %%
from itertools import permutations

orders = np.array(list(permutations(g5)))  # (120, 5)

# %%
products = orders.T @ orders / len(orders)
variance5 = np.mean(g5**2)
assert np.allclose(products, variance5 * (np.eye(5) - (1 - np.eye(5)) / 4))

# %% [markdown]
# **Line 2.** What $b$ explains is $E[b\, g]^2$. Expand the square; the same argument, for $b$,
# gives $\sum_{n \ne n'} b_n b_{n'} = -\sum_n b_n^2 = -N$:
#
# $$\overline{E[b\, g]^2} = \frac{E[g^2]}{N^2} \left(N + \frac{N}{N - 1}\right)
#   = \frac{E[g^2]}{N - 1} .$$

# %%
explained = np.mean(orders * b5, axis=1) ** 2
print(f"over 120 orders: mean {explained.mean():.4f}; "
    f"of this order {np.mean(b5 * g5) ** 2:.4f}")
assert np.isclose(np.sum(np.outer(b5, b5)) - np.sum(b5**2), -5)
assert np.isclose(explained.mean(), variance5 / 4)

# %% [markdown]
# **Line 3.** Scores add up over orthogonal directions and over whitened outputs. So $k$ fixed
# directions explain, of the supremum in (E9), by chance
#
# $$\frac{k}{N - 1} .$$

# %%
g52 = np.column_stack([g5, [0.0, 1, 1, -2, 0]])  # two outputs, k = 2
G2 = np.array([[2.0, 1], [1, 2]])
b52 = np.linalg.qr(np.column_stack([np.ones(5), b5, [1.0, 0, 0, 0, 0]]))[0][:,
    1:] * np.sqrt(5)

# %%
from sennpy import chance_level, delta_eta_supremum

dealt = [g52[list(order)] for order in permutations(range(5))]

# %%
mean = np.mean([np.trace(b52.T @ d @ inv(G2) @ d.T @ b52) / 25 for d in dealt])
assert np.isclose(mean, 2 / 4 * delta_eta_supremum(g52, G2))
assert np.isclose(mean, chance_level(g52, G2, 2))

# %% [markdown]
# One thing the permutations do not know: that $g_r$ was made uncorrelated with *all* $n_c$ inputs,
# and not only with the constant. Noise that was freed of $n_c$ inputs lives in $N - n_c$
# dimensions, where no direction is special, and a new one has
#
# $$\frac{k}{N - n_c} .$$
#
# With many samples that is the same. With 24 samples, 8 inputs and the constant it is not:

# %%
few = np.column_stack([rng.standard_normal((24, 8)), np.ones(24)])
fresh = residual_gradient(few, rng.standard_normal((24, 1)))
noises = residual_gradient(few, rng.standard_normal((24, 5000)))

# %%
shares = np.mean(fresh * noises, axis=0) ** 2 / np.mean(fresh**2)
shares = shares / np.mean(noises**2, axis=0)
print(f"mean {shares.mean():.4f}; 1/15 = {1 / 15:.4f}, 1/23 = {1 / 23:.4f}")
assert abs(shares.mean() - 1 / 15) < 4 * shares.std() / np.sqrt(5000)

# %% [markdown]
# So much for a direction that was *fixed*. A search chooses. The 400 random neurons of lesson 3,
# on 200 draws of noise:

# %%
noises = residual_gradient(X_c, rng.standard_normal((60, 200)))
by_chance = np.array([increases(X_c, bank, drawn[:, None]) / np.mean(drawn**2)
    for drawn in noises.T])
print(f"a neuron {by_chance.mean():.4f} (1/57 = {1 / 57:.4f}), "
    f"the best of 400 {by_chance.max(axis=1).mean():.4f}")
assert abs(by_chance.mean() - 1 / 57) < 0.2 / 57
assert by_chance.max(axis=1).mean() > 4 * by_chance.mean()

# %% [markdown]
# And a search that climbs? Of a *linear* model with $p$ free numbers one expects $p/N$, and a
# neuron here has 3 weights, 3 coefficients and an outgoing weight.

# %%
from sennpy import Place, ProfileSearch

search, found = ProfileSearch(candidates=40, refined=1, iterations=15), []
for drawn in noises.T[:40]:
    place = Place.of(X_c, X_c, drawn[:, None], one, np.zeros((3, 1)), Rational())
    found.append(search.neurons(place, 1, rng).measured(place).exact
        / place.supremum)

# %%
print(f"the best that a search finds: {np.mean(found):.3f} of lambda; "
    f"p/N = {7 / 60:.3f}")
assert np.mean(found) > 0.02 and 0.5 < np.mean(found) / (7 / 60) < 2

# %% [markdown]
# Far above $\alpha = 0.02$: on sixty samples of pure noise the threshold says yes. There is no
# value of $\alpha$ that is right for all $N$; `python -m sennpy chance` measures this level for 50
# to 1600 samples and up to 20 inputs, and how many neurons different rules add to noise in a whole
# training.
#
# ## 11. The honest look: (E20)
#
# A search finds by chance, but only in the samples that it *sees*. So fit on some, and measure on
# others. 45 of the 60 samples are *seen*; `g` is that of lesson 3, and the neuron the best of the
# bank on these.

# %%
seen = rng.permutation(60) < 45
best = np.argmax(increases(X_c[seen], bank[seen], g[seen]))
a_p = bank[:, [best]]

# %% [markdown]
# **Step 1.** All regressions are fitted on the seen samples, and used for everyone. On those they leave what (E8)
# is made of; on the others they leave what they leave.

# %%
def freed(b):
    return b - X_c @ lstsq(X_c[seen], b[seen], rcond=None)[0]

# %%
left, g_r = freed(a_p), freed(g)
Sigma, D = np.mean(left[seen] ** 2), np.mean(left[seen] * g_r[seen])
assert np.isclose(D**2 / Sigma, delta_eta(X_c[seen], a_p[seen], g[seen], one))

# %% [markdown]
# **Step 2.** The natural step of the outgoing weights is $-\Sigma^{-1} D\, G^{-1}$. It moves the
# pre-activations of sample $n$ by $o_n$; in the quadratic model its loss falls by half of
#
# $$\begin{gathered} q_n = -2\, o_n \cdot g_{r,n} - o_n^\top G\, o_n , \\
#   o_n = -\tilde a_n\, \Sigma^{-1} D\, G^{-1} . \end{gathered}$$
#
# For squared error, $G = 1$, that is no model: the squared error before, less the one after.

# %%
o = -left * D / Sigma
q = (-2 * o * g_r - o**2).ravel()
assert np.allclose(q, (g_r**2 - (g_r + o) ** 2).ravel())

# %%
from sennpy import honest_increase

u = np.ones((1, 60, 1))  # sum of u u^T over the first axis: G
assert np.allclose(honest_increase(X_c, a_p, g, u, seen, ridge=0), q)

# %% [markdown]
# **Step 3.** Over the samples that it was fitted on, the mean is the increase,
#
# $$E_\text{seen}[q_n] = 2\, \frac{D^2}{\Sigma} - \frac{D^2}{\Sigma^2}\, \Sigma = \Delta\eta .$$
#
# So $q_n$ tells sample by sample what $\Delta\eta$ is the mean of. Over the *others* it tells what
# the step is good for.

# %%
print(f"in sample {q[seen].mean():.3f}, held out {q[~seen].mean():.3f}")
assert np.isclose(q[seen].mean(), delta_eta(X_c[seen], a_p[seen], g[seen], one))

# %% [markdown]
# The same with several neurons and outputs, for any metric that is the same for all samples (here
# $G$ of lesson 5; $u$ are its roots):
#
# $$E_\text{seen}[q_n] = 2\, \mathrm{Tr}[\Sigma^{-1} D G^{-1} D^\top]
#   - \mathrm{Tr}[\Sigma^{-1} D G^{-1}\, G\, G^{-1} D^\top \Sigma^{-1}\, \Sigma] = \Delta\eta .$$

# %%
roots = np.broadcast_to(np.linalg.cholesky(G).T[:, None], (3, 40, 3))
some = np.arange(40) < 30
many = honest_increase(ins, new, g40, roots, some, ridge=0)
assert np.isclose(many[some].mean(),
    delta_eta(ins[some], new[some], g40[some], G))

# %% [markdown]
# (Where the metric changes from sample to sample, as a classifier's does, $\Sigma \otimes G$ is not
# quite the curvature. Then the step keeps its direction, and is made as long as is best on the seen.)
#
# **Step 4.** On noise, $o_n$ has nothing to do with $g_r$ of a sample that it was not fitted on.
# The first term is 0 in the mean, the second is not:
#
# $$E[q_n] = -E\left[o_n^\top G\, o_n\right] < 0 .$$
#
# What the fit won by chance where it saw, it loses elsewhere. The best of 400 on 1000 draws of noise
# (sigmoidal neurons this time: their values are bounded, so that no single sample decides):

# %%
mild, gains = np.tanh(X_c @ rng.standard_normal((3, 400))), []
for drawn in rng.standard_normal((1000, 60, 1)):
    a_n = mild[:, [np.argmax(increases(X_c[seen], mild[seen], drawn[seen]))]]
    left, drawn_r = freed(a_n), freed(drawn)
    o = -left * np.mean(left[seen] * drawn_r[seen]) / np.mean(left[seen] ** 2)
    q = honest_increase(X_c, a_n, drawn, u, seen, ridge=0)
    gains.append([q[seen].mean(), q[~seen].mean(), -np.mean(o[~seen] ** 2)])

# %%
in_sample, held_out, price_of_it = np.mean(gains, axis=0)
apart = np.array(gains) @ [0, 1, -1]  # draw by draw
error = np.std(apart) / np.sqrt(1000)
print(f"in sample {in_sample:+.3f}, held out {held_out:+.3f}, "
    f"-E[o^2] {price_of_it:+.3f}")
print(f"the last two are {apart.mean():+.4f} +- {error:.4f} apart")
assert in_sample > 0.05 and held_out < -0.05
assert abs(apart.mean()) < 3 * error

# %% [markdown]
# *Break it.* But the network was *trained* on all samples, the held-out ones too! Are they still
# strange to it? To the weights of this layer they are: whatever training did with them changed $g$
# by combinations of $a_c$, which the regression on the seen takes out, for everyone:
#
# $$g \to g + a_c B: \qquad q_n \to q_n .$$
#
# (Weights further back did see them. A network that is large enough to know its samples by heart
# has little $g$ left to tell by.)

# %%
trained_g = g + X_c @ rng.standard_normal((3, 1))
assert np.allclose(honest_increase(X_c, a_p, trained_g, u, seen, 0),
    honest_increase(X_c, a_p, g, u, seen, 0))

# %% [markdown]
# **Step 5: cross-fitting.** Fifteen samples tell little. So cut all into folds, hold out one after
# another, search *anew* on the rest, and each sample is judged once, by a step that it had no part
# in. `CrossFitted` does that, for 1, 2, 4 and 8 neurons together, since some things no single
# neuron sees. On the wave of lesson 7, with one neuron, little trained (each fold finds neurons of
# its own, so that the two numbers of a line belong to different ones):

# %%
from sennpy import CrossFitted, HonestLook, View

begun = train(MLP.random((1, 1, 1), rng=0), 60)
place = View.of(begun, x, t, loss).place("neuron", 0)
changes = [change.measured(place) for change in CrossFitted().changes(place,
    np.random.default_rng(0))]

# %%
for change in changes:
    error = change.gains.std() / np.sqrt(len(change.gains))
    print(f"{change.units} neurons: in sample {change.exact:.3f}, "
        f"held out {change.gains.mean():.3f} +- {error:.3f}")
    assert len(change.gains) == 80 and 0 <= change.exact <= place.supremum

# %% [markdown]
# **Step 6: the price.** What is a mean gain of $\bar q$ worth? In units of the noise $\sigma^2$,
# the loss of all samples is minus a log likelihood, so that the gain is $N \bar q / (2 \sigma^2)$
# **nats**, whatever the units of the targets. $\sigma^2$ is what the network leaves, for each
# target that its $P$ parameters leave free. Of $\bar q$ we believe $z = 1$ standard error less (the
# default is 1.25); and
# each neuron must bring one nat:
#
# $$\frac{N}{2 \sigma^2} \left(\bar q - z\, \frac{\mathrm{sd}(q)}{\sqrt N}\right) > k, \qquad
#   \sigma^2 = \frac{\sum_n g_n^2}{N m - P} .$$

# %%
noise = np.sum((begun(x) - t) ** 2) / (80 - begun.num_parameters)
low = [change.gains.mean() - change.gains.std() / np.sqrt(80)
    for change in changes]
nats = [80 * least / (2 * noise) - change.units
    for least, change in zip(low, changes, strict=True)]
print("nats left:", np.array(nats))

# %%
verdict = HonestLook(z=1, price=1).judge(place, changes)
assert np.isclose(verdict.worth, max(nats)) and verdict.passes == (max(nats) > 0)
assert verdict.change is changes[int(np.argmax(nats))]
print("added:", verdict.change.units, "neurons")

# %% [markdown]
# No threshold in units of $\lambda$ is left, and nothing that would have to change with $N$. More
# samples make smaller errors *and* more nats, so that more neurons are worth it, not fewer.
# `Settings()` has this rule and this search:

# %%
assert Settings().acceptance == HonestLook()
assert Settings().proposer == CrossFitted()

def outcome(settings, X, t):
    network, history = SENN(SquaredError(), settings).fit(
        MLP.random((X.shape[1], 1, 1), rng=0), X, t)
    return network, len(history.additions)

# %%
noise_X = np.random.default_rng(2000).standard_normal((100, 5))
noise_t = np.random.default_rng(1).standard_normal((100, 1))
rules = {"honest look": Settings(), "thresholds": Settings.by_thresholds()}
sizes = {}
for name, settings in rules.items():
    on_noise, _ = outcome(settings, noise_X, noise_t)
    on_wave, _ = outcome(settings, x, t)
    sizes[name] = on_noise.sizes, on_wave.sizes
    print(f"{name:<12} noise: {on_noise.sizes}, wave: {on_wave.sizes}, "
        f"loss {loss_of(on_wave):.4f}")

# %%
assert sizes["honest look"][0] == (5, 1, 1) and sum(sizes["honest look"][1]) > 3
assert sizes["thresholds"][0][1] > 5

# %% [markdown]
# The thresholds furnish pure noise with neurons; the honest look leaves the network as it was, and
# still grows it on the wave. It can err: a training looks several times, and each look is a test
# that may go wrong. How often it does is measured by `python -m sennpy chance`, beside other rules
# (`sennpy.growth.rules`): the prices of [Akaike 1974](https://doi.org/10.1109/TAC.1974.1100705 "akaike1974") and
# [Schwarz 1978](https://doi.org/10.1214/aos/1176344136 "schwarz1978") for each number, permuted residuals, a
# single validation split.
#
# ## 12. A layer with its first neurons: (E21)
#
# An honest look at a *layer* needs one that costs little. A square layer before ten inputs has ten
# units, before there is any use for them. Do we need ten? A linear classifier of ten inputs and two
# outputs:

# %%
linear = MLP.random((10, 2), rng=3)
W = linear.weights[0]
many_inputs = np.random.default_rng(4).standard_normal((30, 10))
print("weights:", W.shape, " rank:", np.linalg.matrix_rank(W))

# %% [markdown]
# What passes through is $a W$, of rank 2. So two units suffice that are the identity, and compute
# the outputs as they are; the next layer hands them on. With fewer inputs than outputs, pass on the
# inputs. In either case
#
# $$a\, W = \mathrm{id}(a\, W)\, I, \qquad \min(n_\text{in}, n_\text{out}) \text{ units} .$$

# %%
from sennpy import deepen, insert

narrow = insert(linear, 0)
print("narrow:", narrow.sizes, " square:",
    deepen(linear, 0, np.eye(11, 10)).sizes)
assert np.allclose(narrow(many_inputs), linear(many_inputs), atol=1e-12)
assert np.array_equal(narrow.weights[1][:-1], np.eye(2))
assert insert(MLP.random((1, 4), rng=0), 0).sizes == (1, 1, 4)

# %% [markdown]
# One unit less does not do: of $a W$, with two singular values, one would be lost. The best rank 1
# leaves
#
# $$\min_{\operatorname{rank} Y = 1} \lVert a W - Y \rVert_F = \text{the second singular value of } a W > 0 .$$

# %%
aW = np.column_stack([many_inputs, np.ones(30)]) @ W
U, values, Vt = np.linalg.svd(aW, full_matrices=False)

# %%
rank_one = values[0] * np.outer(U[:, 0], Vt[0])
assert np.isclose(np.linalg.norm(aW - rank_one), values[1]) and values[1] > 0.1

# %% [markdown]
# Nothing is gained yet but the coefficients of two units, (E16). The gain is in the neurons that
# *join* them at once, silent as always (E1): they read what the old layer read, so that their
# increase is (E8) with $a_c = a$. And nothing is lost: every direction in which the old network
# could move, the new one can,
#
# $$\eta \le \eta_\text{narrow} \le \eta_\text{with neurons} \le \lambda .$$

# %%
from sennpy import Insert

joined = Insert(0, rng.standard_normal((11, 3)),
    rng.standard_normal((3, 3)))(linear)
targets = rng.standard_normal((30, 2))
assert joined.sizes == (10, 5, 2)
assert np.allclose(joined(many_inputs), linear(many_inputs), atol=1e-12)

# %%
views = [View.of(net, many_inputs, targets, SquaredError())
    for net in (linear, narrow, joined)]
etas = [view.eta for view in views]
print("eta:", np.array(etas), f" lambda: {views[0].lam:.4f}")
assert np.all(np.diff([*etas, views[0].lam]) > -1e-9)

# %% [markdown]
# The receiving layer and its inputs are those of a place for neurons, and the honest look needs no
# other formula: a layer with its first neurons pays for the neurons. A network can start *linear*,
# and its first layer comes by itself:

# %%
network, history = SENN(SquaredError(), Settings()).fit(MLP.random((1, 1), rng=0),
    x, t)
for addition in history.additions[:2]:
    print(f"epoch {addition.epoch}: {addition.candidate.kind}, "
        f"{addition.candidate.honest:.3f} held out -> {addition.sizes}")
assert history.additions[0].candidate.kind == "layer" and len(network.sizes) > 2

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# On paper: $\lambda = 27$, $\alpha = 1$, $\tau = 2$. What does Theorem 3.1 say? Which sequence of
# scores does the adversary choose, and how many additions does it reach? What changes if the
# network starts with $\eta_c = 3$?
#
# *Check:* `check("08.1", (bound, reached, bound, reached))`: from 0, then from 3.

# %% tags=["solution"]
print(f"N_s < {max_simultaneous_additions(27, 1, 2):.0f} ; scores",
    np.array(stingy(27, 1, 2)))
assert np.isclose(max_simultaneous_additions(27, 1, 2), 4)
assert len(stingy(27, 1, 2)) - 1 == 3
print(f"from 3: N_s < {max_simultaneous_additions(27, 1, 2, eta_c=3):.0f} ; "
    f"scores", np.array(stingy(27, 1, 2, 3.0)))

# %% tags=["solution"]
limits = [max_simultaneous_additions(27, 1, 2, eta_c=s) for s in (0.0, 3.0)]
reached = [len(stingy(27, 1, 2, s)) - 1 for s in (0.0, 3.0)]
assert check("08.1", (limits[0], reached[0], limits[1], reached[1]))

# %% [markdown] tags=["solution"]
# $1 + \ln 27 / \ln 3 = 4$, so at most 3: 0, 1, 3, 9 (each a hair more), and the next would need 27,
# a hair more. From 3 the theorem allows fewer than 3, and the adversary reaches 1: 3, 9. The
# theorem uses only that 3 is at least $\alpha$.

# %% [markdown]
# ### Exercise 2 (easy)
#
# In lesson 2 the good candidate passed after a certain number of steps. How many does it need if
# $\tau$ is four times as large? More or fewer? Predict, then run. Why does the answer not depend on
# the candidate?
#
# *Check:* `check("08.2", steps)`: how many more.

# %% tags=["solution"]
def passes_at(tau):
    g2, k = start, 0
    while not decide(delta_good, layer_score(x_c, g2, one), np.mean(g2**2),
            tau, 0).passes:
        g2, k = step(g2, h), k + 1
    return k

# %% tags=["solution"]
longer = np.log(4) / (-2 * np.log(1 - h))
print(f"steps {passes_at(1.0)} and {passes_at(4.0)}; "
    f"predicted difference {longer:.1f}")
assert abs(passes_at(4.0) - passes_at(1.0) - longer) <= 1

# %% tags=["solution"]
assert check("08.2", longer)

# %% [markdown] tags=["solution"]
# More: $\eta_c$ must fall to a quarter of what sufficed before. That takes $\ln 4 / (-2 \ln(1 - h))$ steps,
# whatever $\Delta\eta$ is, since an exponential takes the same time for the same factor from everywhere.

# %% [markdown]
# ### Exercise 3 (medium)
#
# The neurons of one layer can be pruned one after another, or two at once. Is the cost of a pair
# the sum of the two costs? Find inputs where it is more, and where it is less. (Lesson 5 with
# $E[\tilde a \tilde a^\top]$ for two inputs; trained, $g = 0$, $G = 1$, weights 1.)
#
# *Check:* `check("08.3", (alike, opposed))`: two arrays (N, n): first the one where the pair, columns 0 and 1, costs more.

# %% tags=["solution"]
def pair_cost(inputs):  # columns 0 and 1 are removed, both with weight 1
    both = residual_gradient(inputs[:, 2:], inputs[:, :2])
    return np.mean(both.sum(axis=1) ** 2)

def single_costs(inputs):
    return removal_costs(inputs, np.zeros((N, 1)), one,
        np.ones((inputs.shape[1], 1)))[:2]

# %% tags=["solution"]
p3, q3 = rng.standard_normal((2, N))
alike = np.column_stack([p3, p3 + 0.1 * q3, np.ones(N)])
opposed = np.column_stack([p3, -p3 + 0.1 * q3, np.ones(N)])
for inputs3 in (alike, opposed):
    print(f"singly {single_costs(inputs3).sum():.3f}, "
        f"together {pair_cost(inputs3):.3f}")
assert pair_cost(alike) > 10 * single_costs(alike).sum()
assert pair_cost(opposed) < single_costs(opposed).sum()

# %% tags=["solution"]
assert check("08.3", (alike, opposed))

# %% [markdown] tags=["solution"]
# Two that are alike are each dispensable, but not both: after the first is gone the second becomes
# dear. So costs must be computed anew after each removal. Two that work against each other are
# cheaper together.

# %% [markdown]
# ### Exercise 4 (medium)
#
# Let $\alpha$ be a share of the *current* $\lambda$, and train to the end between additions, so
# that $\lambda = 2 L^*$. Show that each addition multiplies $L^*$ by less than $1 - \alpha$, and
# derive a bound on the number of additions until $L_\infty$. Test it with `bank` and `target` of
# lesson 3. What if $L_\infty = 0$?
#
# *Check:* `check("08.4", bound)`: your function of $L^*_0$, $L_\infty$ and $\alpha$.

# %% tags=["solution"]
a4, losses4 = X_c, [reachable(X_c, target)]
while True:
    gains4 = increases(a4, bank, target)
    if gains4.max() <= 0.05 * 2 * losses4[-1] or len(losses4) > 30:
        break
    a4 = np.hstack([a4, bank[:, [gains4.argmax()]]])
    losses4.append(reachable(a4, target))

# %% tags=["solution"]
def bound4(L_0, L_inf, alpha):
    return np.log(L_0 / L_inf) / -np.log(1 - alpha)

limit4 = bound4(losses4[0], losses4[-1], 0.05)
print(f"{len(losses4) - 1} additions, below {limit4:.0f}")
assert np.all(np.array(losses4[1:]) < 0.95 * np.array(losses4[:-1]))
assert len(losses4) - 1 < limit4

# %% tags=["solution"]
assert check("08.4", bound4)

# %% [markdown] tags=["solution"]
# $L^*_\text{new} = L^*_\text{old} - \frac12 \Delta\eta < L^*_\text{old} - \frac12 \alpha \cdot 2
# L^*_\text{old}$. So $n < \ln(L^*_0 / L_\infty) / (-\ln(1 - \alpha))$. With $L_\infty = 0$ this
# bounds nothing: a share of ever less can be found for ever, and other reasons to stop are needed
# (data with noise, `max_width`).

# %% [markdown]
# ### Exercise 5 (easy)
#
# A neuron that was chosen without looking at the data is fitted to noise, one output, $N$ samples,
# trained inputs. How many nats does it gain in the sample, in the mean, in units of the noise? Does
# it depend on $N$? How many does the best of the bank gain (`by_chance` of lesson 10)?
#
# *Check:* `check("08.5", (nats_60, nats_600))`: two numbers, for 60 and for 600 samples.

# %% tags=["solution"]
# the noise that 57 free targets tell: lambda 60 / 57
nats5 = 60 * by_chance / (2 * 60 / 57)
print(f"a fixed neuron {nats5.mean():.2f} nats, "
    f"the best of 400 {nats5.max(axis=1).mean():.2f}")
assert abs(nats5.mean() - 0.5) < 0.1 and nats5.max(axis=1).mean() > 2

# %% tags=["solution"]
assert check("08.5", (0.5, 0.5))

# %% [markdown] tags=["solution"]
# $\frac{N}{2\sigma^2} \cdot \frac{\lambda}{N - n_c} = \frac12$, with $\sigma^2 = N\lambda / (N -
# n_c)$: half a nat for each number, for every $N$. That is where Akaike's criterion comes from,
# which asks for a whole one. The best of many gains more, by an amount that no count of parameters
# knows: the honest look does not need to.

# %% [markdown]
# ### Exercise 6 (medium)
#
# Step 3 of lesson 11 holds at ridge 0. Between what does the mean over the fitted samples lie if
# there is a ridge, for one neuron and for two, and why? Use `ins`, `new`, `g40`, `roots`.
#
# *Check:* `check("08.6", between)`: your function of `ins, new, g, G, ridge` that returns the lower and the upper bound.

# %% tags=["solution"]
def between(ins, new, g, G, ridge):
    damped = damped_delta_eta(ins, new, g, G, ridge)
    return damped, min(delta_eta(ins, new, g, G), 2 * damped)

# %% tags=["solution"]
all40 = np.ones(40, dtype=bool)
for k in (1, 2):
    with_ridge = honest_increase(ins, new[:, :k], g40, roots, all40,
        ridge=1.0).mean()
    least, most = between(ins, new[:, :k], g40, G, 1.0)
    print(f"{k}: damped {least:.4f}, mean of q {with_ridge:.4f}, "
        f"at most {most:.4f}")
    assert least <= with_ridge <= most * (1 + 1e-9)

# %% tags=["solution"]
assert check("08.6", between)

# %% [markdown] tags=["solution"]
# It lies between the damped and the undamped increase: a damped step $s$ brings $s^\top R\, s$ more
# than $\Delta\eta_d$ (twice what lesson 9 has in step 1), and no step more than the full one. Since
# $s^\top R\, s \le s^\top (S + R)\, s = \Delta\eta_d$, it is not even twice the damped one.

# %% [markdown]
# ### Exercise 7 (open-ended)
#
# Prune and grow in turn: begin with the `net` of lesson 7, remove every neuron that costs less
# than a share of $\alpha$ (why less?), train, and let `SENN` add again. Does the network become
# smaller at the same loss? Does it come to rest?
#
# *Check:* `check("08.7", (before, after, x, t))`: the network of lesson 7, what became of it, and the data.

# %% tags=["solution"]
net7, sizes7 = net, []
for _ in range(3):
    while net7.sizes[1] > 1 and price(net7).min() < 0.005 * np.mean(t**2):
        net7 = train(prune(net7, 0, int(price(net7).argmin()), x), 30)
    after_pruning = net7.sizes[1]
    net7, _ = SENN(loss,
        Settings.by_thresholds(epochs=60, max_depth=1)).fit(net7, x, t)
    sizes7.append((after_pruning, net7.sizes[1]))

# %% tags=["solution"]
print("neurons after pruning, after growing:", sizes7)
print(f"loss {loss_of(net):.4f} -> {loss_of(net7):.4f}")
assert sizes7[-1][1] < net.sizes[1]

# %% tags=["solution"]
assert check("08.7", (net, net7, x, t))

# %% [markdown] tags=["solution"]
# Here it rests after the first round. The threshold for removal should be lower than that for
# adding, or a neuron near it goes in and out as the network turns. (Costs here are shares of
# $E[t^2]$, while `SENN` compares with the current $\lambda$, which shrinks: that, too, keeps the
# two apart, in the wrong direction.)

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - (E13): add if $\Delta\eta > \tau\, \eta_c$ *and* $\Delta\eta > \alpha$. While a layer with fixed inputs trains on a
#   squared error, $\Delta\eta$ stays and $\eta_c$ decays: $\alpha$ decides whether, $\tau$ decides when. (With other
#   losses, or when the layers below train too, both move.)
# - The bound $\Delta\eta'$ in place of $\Delta\eta$ can only refuse more.
# - Theorem 3.1: at one moment fewer than $1 + \ln(\lambda/\alpha) / \ln(1 + \tau)$ additions, because
#   each multiplies the score by more than $1 + \tau$, and $\lambda$ is the ceiling. Of the dense score and that of the
#   last layer it is; the K-FAC score of an inner layer can stand above it.
# - (E14): with a constant curvature each addition lowers the reachable loss by more than $\alpha/2$, so
#   all of them are fewer than $2 (L^*_0 - L_\infty)/\alpha$.
# - (E15): removing input $j$ costs $\lVert n_j - w_j \rVert^2 / [A^{-1}]_{jj}$, the weight it should
#   have, squared, times what only it can do. A neuron just added costs its $\Delta\eta$.
# - (E18): damped training can have $\Delta\eta_d = r^\top (S + R)^{-1} r$ of an addition, if what is *new* about it is
#   damped. A copy brings 0; Theorem 3.1 holds as before, under its premise.
# - (E19): of noise, $k$ fixed directions explain $k/(N - 1)$ by chance ($k/(N - n_c)$ beside $n_c$ inputs); the best of a
#   search, measured, 0.6 to 2 times $p/(N m)$, with $p$ free numbers and $m$ outputs.
# - (E20): a step that is fitted on some samples brings $q_n$ to each. Its mean is $\Delta\eta$ there, and on noise negative
#   elsewhere. Add if the nats that are sure, $\frac{N}{2\sigma^2}(\bar q - z\, \mathrm{sd}(q)/\sqrt N)$, exceed the number of neurons.
# - (E21): a layer of $\min(n_\text{in}, n_\text{out})$ identity units passes on all there is; neurons join it at once, and pay as
#   neurons do.
#
# </div>
#
# Next: [09 Regression](09_regression.ipynb)

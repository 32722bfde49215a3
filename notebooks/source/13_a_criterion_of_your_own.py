# %% [markdown]
# # 13 A criterion of your own
#
# So far the paper's score decided what to add. Others have other ideas, and so may you. This notebook writes
# three parts of a growing network anew, each on one page: GradMax, which chooses neurons by the size of their
# gradient at birth; an activation with a learnable slope; and a rule that spends a budget. Then the criteria
# run a race on equal terms.
#
# - **You will be able to** say what a place knows, write a proposer, an activation and an acceptance rule,
#   test each against its own formula and against the paper's yardstick, and compare criteria fairly.
# - **You need** the silent neuron (04), the layer's score (05), and the bound (06).
# - **Labels:** (E1), (E2), (E5), Theorem 3.2
# - **Run time:** about half a minute
# - **Previous:** [12 What grows best](12_what_grows_best.ipynb)
# - **Next:** [14 Noise and overfitting](14_noise_and_overfitting.ipynb)

# %%
from dataclasses import dataclass

import numpy as np
from numpy.linalg import norm, svd

from sennpy import MLP, SENN, SquaredError, View, plots
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(13)

# %% [markdown]
# ## 1. Five questions
#
# A training with growth asks five questions, and each is answered by an object that you may replace:
#
# | question | object | its method |
# |---|---|---|
# | What could be added here? | `Proposer` | `changes(place, rng)` |
# | Is it worth it, and now? | `Acceptance` | `judge(place, changes)` |
# | Which step next? | `Optimiser` | `step(net, X, t, loss, rng, memory)` |
# | How wrong is an output? | `Loss` | `value`, `gradient`, `metric` |
# | What does a neuron do? | `Activation` | `__call__`, `slope`, `coefficient_slopes` |
#
# The first two are told everything at a **place**: a hidden layer that could become wider, or a gap where a layer
# could go. A small network, targets that it does not reach yet, and its only hidden layer:

# %%
X, net = rng.standard_normal((40, 2)), MLP.random((2, 3, 2), rng=rng)
# what is still wrong
t = net(X) + np.column_stack([np.sin(3 * X[:, 0]), X[:, 0] * X[:, 1]])

# %%
view = View.of(net, X, t, SquaredError())
place = view.place("neuron", 0)

# %%
for name in ("inputs", "a_c", "g", "g_r", "G", "W"):
    print(f"{name:7}", getattr(place, name).shape)

# %% [markdown]
# `inputs` is what a new neuron would read (with the constant), `a_c` what the next layer receives now, `g` the
# gradient there and `g_r` its residual, `W` the weights behind. All of it is known from the lessons before:

# %%
from sennpy import delta_eta_supremum, layer_score, residual_gradient

trace = net.forward(X)
g = net.backward(trace, trace.outputs - t)[1]
assert np.allclose(place.g, g)
assert np.allclose(place.g_r, residual_gradient(place.a_c, g))
assert np.isclose(place.eta, layer_score(place.a_c, g, place.G))
assert np.isclose(place.supremum, delta_eta_supremum(place.g_r, place.G))

# %% [markdown]
# ## 2. GradMax: the largest gradient at birth
#
# The paper keeps a new neuron silent by outgoing weights of 0.
# [Evci et al. 2022](https://arxiv.org/abs/2201.05125 "evci2022") turn it round: incoming weights of 0, and the outgoing
# ones as one likes. If $\sigma(0) = 0$, the function stays, for every $o$:
#
# $$f(x) + \sigma(0^\top b)\, o = f(x) .$$

# %%
from sennpy import widen

# w; (v, c, l)
silent, identity = np.zeros((3, 1)), np.array([[0.0], [0.0], [1.0]])
o = rng.standard_normal((1, 2))
wide = widen(net, 0, silent, identity, o)
assert np.array_equal(wide(X), net(X))

# %% [markdown]
# What learns first is the fan-in. Its gradient is, with $b$ the neuron's inputs and $\sigma'(0) = 1$,
#
# $$\frac{\partial L}{\partial w} = E[\,b\, g^\top]\, o^\top = M o^\top, \qquad M = E[\,b\, g^\top] .$$

# %%
M = place.inputs.T @ place.g / 40
trace = wide.forward(X)
gradient = wide.split(wide.vjp(trace, trace.outputs - t) / 40)[0][0][:, -1]
assert np.allclose(gradient, M @ o[0])

# %% [markdown]
# Among all $o$ of one length, which makes it largest? The singular value decomposition answers:
#
# $$\max_{\lVert o \rVert = c} \lVert M o \rVert^2 = c^2 s_1^2, \qquad \text{at } o = c\, v_1 .$$

# %%
_, s, Vt = svd(M)
random_o = rng.standard_normal((1000, 2))

# %%
assert np.isclose(norm(M @ Vt[0]) ** 2, s[0] ** 2)
assert max(norm(random_o @ M.T, axis=1)
    / norm(random_o, axis=1)) <= s[0] * (1 + 1e-12)

# %% [markdown]
# That is the whole criterion. As a proposer it is a class with one method, which returns a list of *changes*: an
# operation (how the network becomes another) and a score in units of one's own.

# %%
from sennpy import Change, Proposer, Widen

class GradMax(Proposer):
    """One unit, fan-in 0, with the outgoing weights of the largest gradient."""

    def changes(self, place, rng):
        if place.kind != "neuron":
            return []  # it has nothing to say of layers
        M = place.inputs.T @ place.g / len(place.g)
        _, s, Vt = np.linalg.svd(M)
        # half as long as those around it
        o = 0.5 * norm(place.W[:-1], axis=1).mean() * Vt[:1]
        return [Change(Widen(place.index, np.zeros((len(M), 1)), identity, o),
            s[0] ** 2)]

# %%
(change,) = GradMax().changes(place, rng)
print(f"score {change.score:.4f}, preserves the function: "
    f"{change.operation.preserves(net)}")
assert np.array_equal(change(net)(X), net(X))

# %% [markdown]
# ## 3. The same yardstick for all
#
# Scores of two criteria cannot be compared: this one is a squared gradient, the paper's an increase of eta. So a
# look measures each change by the directions that it *opens*, whoever proposed it (E5). Here they are the fan-in
# and the outgoing weights:

# %%
measured = change.measured(place)
print(f"exact {measured.exact:.4f}, bound {measured.bound:.4f}, "
    f"supremum {place.supremum:.4f}")

# %% [markdown]
# As long as the unit is silent its outgoing weights move nothing. The fan-in moves the next layer by
# $b\,o$; after regression on $a_c$, with $b_r$ what is left of $b$, (E5) is
#
# $$\Delta\eta = \frac{o\, M_r^\top S^{+} M_r\, o^\top}{o\, G\, o^\top}, \qquad M_r = E[\,b\, g_r^\top], \quad S = E[\,b_r b_r^\top] .$$

# %%
o = change.operation.outgoing[0]
M_r = place.inputs.T @ place.g_r / 40
b_r = residual_gradient(place.a_c, place.inputs)
S = np.linalg.pinv(b_r.T @ b_r / 40, hermitian=True, rcond=1e-10)
assert np.isclose(measured.exact, o @ M_r.T @ S @ M_r @ o / (o @ place.G @ o))

# %% [markdown]
# Beside it stands what the paper's own search finds at the same place, a neuron with outgoing weights of 0 (E1),
# judged by Theorem 3.2. It may choose where the neuron bends; GradMax only how it is connected.

# %%
from sennpy import ProfileSearch

found = ProfileSearch().neurons(place, rng=0).measured(place)

# %%
print(f"GradMax {measured.exact / place.supremum:.0%} of the supremum, "
    f"profile search {found.exact / place.supremum:.0%}")
assert measured.exact < found.exact <= place.supremum

# %% [markdown]
# *Break it.* Leave the residual out, as GradMax does, and offer it a gradient that the layer can follow by
# itself. Its score is high, and there is nothing to gain.

# %%
within_reach = place.a_c @ rng.standard_normal((4, 2))
followed = place.with_statistics(place.a_c, within_reach, place.G, place.W)
(idle,) = GradMax().changes(followed, rng)
print(f"score {idle.score:.2f}, of the first {change.score:.2f}")
assert idle.score > 0.1 and idle.measured(followed).exact < 1e-9

# %% [markdown]
# ## 4. An activation of your own
#
# $\sigma(z; k) = \max(z, 0) + k \min(z, 0)$, a ReLU whose other half has a slope that is learned. What must
# be said about it: the value, the two derivatives, and when it is the identity, which is at $k = 1$. Then
# layers can be inserted (E2).

# %%
from sennpy import Activation

class LearnedSlope(Activation):
    """max(z, 0) + k min(z, 0)."""

    num_coefficients = 1

    def __call__(self, z, k):
        return np.where(z > 0, z, k[0] * z)

    def slope(self, z, k):
        return np.where(z > 0, 1.0, k[0])

    def coefficient_slopes(self, z, k):
        return np.where(z > 0, 0.0, z)[None]

# %% [markdown]
# The derivatives are one's own responsibility. Away from the kink a difference quotient tells:
#
# $$\frac{\partial \sigma}{\partial z} = \begin{cases} 1 & z > 0 \\ k & z < 0 \end{cases}, \qquad
#   \frac{\partial \sigma}{\partial k} = \min(z, 0) .$$

# %%
sigma = LearnedSlope()
z = rng.standard_normal((20, 3))
k = rng.standard_normal((1, 3))
h = 1e-6
quotient_z = (sigma(z + h, k) - sigma(z - h, k)) / (2 * h)
quotient_k = (sigma(z, k + h) - sigma(z, k - h)) / (2 * h)
assert np.abs(z).min() > h and np.allclose(quotient_z, sigma.slope(z, k))
assert np.allclose(quotient_k, sigma.coefficient_slopes(z, k)[0])

# %% [markdown]
# Two more methods make it fit for new layers: the coefficients at which it is the identity, and what moving
# them does there that weights cannot do. The derivative in $k$ is $\min(z, 0)$, which no linear function is.

# %%
class Bent(LearnedSlope):
    def identity_coefficients(self, n):
        return np.ones((1, n))

    def identity_directions(self, z):
        # and their slopes
        return np.where(z > 0, 0.0, z)[None], np.where(z > 0, 0.0, 1.0)[None]

# %%
from sennpy import deepen

bent = MLP.random((2, 3, 2), Bent(), rng=0)
deep = deepen(bent, 1, rng.standard_normal((4, 3)))

# %%
print(bent.sizes, "->", deep.sizes)
assert np.allclose(deep(X), bent(X))

# %% [markdown]
# ## 5. A rule of your own
#
# A device has room for so many parameters. The rule: what brings most for each new parameter, as long as there is
# room. A rule answers with a `Verdict`: yes or no, which change, and the reason.

# %%
from sennpy import Acceptance, Verdict

# %%
@dataclass(frozen=True)
class Budget(Acceptance):
    parameters: int = 60
    least: float = 0.001  # of lambda, for each new parameter

    def judge(self, place, changes):
        size = place.view.net.num_parameters
        best = Verdict(False, reason="nothing was proposed")
        for change in changes:
            new = change(place.view.net).num_parameters - size
            fits, worth = size + new <= self.parameters, change.exact / new
            passes = fits and worth > self.least * place.view.lam
            reason = "" if passes else "too little" if fits else "over budget"
            verdict = Verdict(passes, change, worth, reason)
            best = max(best, verdict, key=lambda v: (v.passes, v.worth))
        return best

# %%
from sklearn.datasets import make_moons

from sennpy import Settings, SoftmaxCrossEntropy

# %%
X_m, t_m = make_moons(200, noise=0.2, random_state=0)
small = MLP.random((2, 1, 2), rng=0)
rule = Settings.by_thresholds(epochs=200, cooldown=20, acceptance=Budget())

# %%
fitted, history = SENN(SoftmaxCrossEntropy(), rule).fit(small, X_m, t_m)
print(fitted.sizes, "with", fitted.num_parameters, "parameters,",
    len(history.additions), "additions")
assert small.num_parameters < fitted.num_parameters <= 60

# %%
last = history.looks[-1].candidates
print("at the last look:", {c.reason for c in last})
assert history.additions and not any(c.chosen for c in last)

# %% [markdown]
# ## 6. The race
#
# Three criteria, one schedule: a neuron at epochs 20, 40 and 60, whatever the score says, from the same start with
# one hidden neuron, on the same data, with the same steps. Only *what* is added differs. Five seeds draw data and start.
# A thin line is one run, a thick one the median of five, and a dotted one marks an addition.

# %%
from sennpy import RandomSearch, Schedule

competitors = {"profile search": ProfileSearch(), "GradMax": GradMax(),
    "random": RandomSearch(1)}

def run(proposer, seed):
    data = make_moons(200, noise=0.2, random_state=seed)
    start = MLP.random((2, 1, 2), rng=seed)
    settings = Settings.by_thresholds(epochs=120, cooldown=20, max_depth=1,
        proposer=proposer, acceptance=Schedule((20, 40, 60)), seed=seed)
    return SENN(SoftmaxCrossEntropy(), settings).fit(start, *data)

# %%
runs = {name: [run(proposer, seed) for seed in range(5)]
    for name, proposer in competitors.items()}
losses = {name: np.array([h.column("loss") for _, h in found])
    for name, found in runs.items()}
assert all(net.sizes == (2, 4, 2) for found in runs.values() for net, _ in found)

# %%
plots.race(losses, marks=(20, 40, 60), title="What is added, all else equal");

# %%
at_end = {name: curves[:, -1] for name, curves in losses.items()}
for name, loss in at_end.items():
    print(f"{name:15} median loss {np.median(loss):.3f}, "
        f"from {loss.min():.3f} to {loss.max():.3f}")

# %% [markdown]
# Until epoch 20 the curves are the same, to the byte. Is the order at the end more than luck? With the same seeds one
# compares *in pairs*:

# %%
assert all(np.array_equal(curves[:, :20], losses["random"][:, :20])
    for curves in losses.values())

# %%
for name in ("GradMax", "random"):
    ahead = at_end["profile search"] < at_end[name]
    print(f"profile search is ahead of {name} in {ahead.sum()} of 5")

# %% [markdown]
# Five pairs say little: even five of five happen by chance once in 32. What a fair comparison needs, and what it
# finds on many tasks, is another story.
#
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# Where could a proposer read off how much an addition could bring at most? Write one that proposes a neuron only where the
# supremum is above a tenth of lambda.
#
# *Check:* `check("13.1", Mine)`: your proposer, the class or an instance.

# %% tags=["solution"]
class Picky(ProfileSearch):
    def changes(self, place, rng):
        return super().changes(place,
            rng) if place.supremum > 0.1 * place.view.lam else []

# %% tags=["solution"]
assert place.supremum > 0.1 * view.lam and len(Picky().changes(place, rng)) == 1
assert followed.supremum < 0.1 * view.lam and not Picky().changes(followed, rng)

# %% tags=["solution"]
assert check("13.1", Picky)

# %% [markdown]
# ### Exercise 2 (medium)
#
# GradMax looks at $g$. Let it look at the residual: which $o$ makes the *exact* increase largest? (Lesson 3's
# formula is a quotient of two quadratic forms.) Compare the two at `place`.
#
# *Check:* `check("13.2", (place, o))`: the place, and the outgoing weights (2,).

# %% tags=["solution"]
from scipy.linalg import eigh

values, ways = eigh(M_r.T @ S @ M_r, place.G)
best_o = Widen(0, silent, identity, ways[:, -1:].T)
natural = Change(best_o, values[-1]).measured(place)

# %% tags=["solution"]
print(f"GradMax {measured.exact:.4f}, natural {natural.exact:.4f}")
assert np.isclose(natural.exact, values[-1]) and natural.exact >= measured.exact

# %% tags=["solution"]
assert check("13.2", (place, ways[:, -1]))

# %% [markdown] tags=["solution"]
# The largest eigenvalue of $M_r^\top S^{+} M_r$ relative to $G$, at its eigenvector. It is what the fan-in can bring
# at most, a natural GradMax.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Write an acceptance rule that adds at most once in 50 epochs, but otherwise does as `Thresholds` does. Where does it
# learn the epoch, and where what was added before?
#
# *Check:* `check("13.3", history)`: of a run with your rule.

# %% tags=["solution"]
from sennpy import Thresholds

@dataclass(frozen=True)
class Unhurried(Thresholds):
    def could_pass(self, place):
        due = place.view.epoch % 50 == 0 and not place.view.made
        return due and super().could_pass(place)

    def judge(self, place, changes):
        if place.view.epoch % 50 or place.view.made:
            return Verdict(False, reason="not yet")
        return super().judge(place, changes)

# %% tags=["solution"]
slow = Settings.by_thresholds(epochs=200, cooldown=10, acceptance=Unhurried())
_, history3 = SENN(SoftmaxCrossEntropy(), slow).fit(small, X_m, t_m)
epochs3 = [a.epoch for a in history3.additions]
print("added at", epochs3)

# %% tags=["solution"]
assert epochs3 and all(e % 50 == 0 for e in epochs3)
assert len(set(epochs3)) == len(epochs3)

# %% tags=["solution"]
assert check("13.3", history3)

# %% [markdown] tags=["solution"]
# `place.view` knows the epoch, and what was added at this look. That an addition may come at multiples of 50 only is
# one way to say it; the rule has no memory from look to look, so that a run can be stopped and continued.

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# Enter a criterion of your own in the race. Ideas: copy the neuron with the largest outgoing weights and halve both
# (`Split` with an offset); the candidate of cascade-correlation (06); the best of many random neurons by the *exact*
# increase. What would convince you that it is better?
#
# *Check:* `check("13.4", (own, random))`: two arrays (5, 120) of losses, a row a seed.

# %% tags=["solution"]
class BestOfMany(RandomSearch):
    def changes(self, place, rng):
        many = [c for _ in range(50)
            for c in super(BestOfMany, self).changes(place, rng)]
        return [max(many, key=lambda c: c.measured(place).exact)] if many else []

# %% tags=["solution"]
own = np.array([run(BestOfMany(1), seed)[1].column("loss") for seed in range(5)])
print(f"best of 50 by the exact increase: median {np.median(own[:, -1]):.3f}")
assert own.shape == losses["random"].shape

# %% tags=["solution"]
assert check("13.4", (own, losses["random"]))

# %% [markdown] tags=["solution"]
# More seeds, more tasks, the cost counted, and the difference in pairs with an interval that excludes zero; and
# settings that were chosen on other tasks than those of the comparison.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - A `Proposer` says what could be added, an `Acceptance` whether; both see a `Place`, which holds every statistic of
#   the lessons before.
# - GradMax keeps a new neuron silent by its fan-in, and scores $s_1^2$ of $E[b\, g^\top]$. It does not know the
#   residual, so it also likes what the layer can do already.
# - Whatever a criterion's own score is, a change is measured by the directions that it opens (E5): one yardstick.
# - An activation gives its value, its derivatives, and, if layers are to be inserted (E2), its identity.
# - A fair race changes one thing, pairs the seeds, and counts the cost.
#
# </div>
#
# Next: [14 Noise and overfitting](14_noise_and_overfitting.ipynb)

# %% [markdown]
# # 00 A network that grows
#
# How large should a neural network be? Usually one guesses before training, and guesses again. A
# *self-expanding* network ([Mitchell et al. 2023](https://arxiv.org/abs/2307.04526 "mitchell2023")) starts too
# small on purpose. While it trains it asks, over and over: is
# there still something that I could learn with what I have? And if not, what should I have? Five
# minutes to see it happen; the rest of the course takes it apart.
#
# - **You will be able to** grow a classifier, read what it says about itself while it grows, name the
#   lines of the method in its shortest version, and explain the number that it decides by, with three
#   points and a pencil.
# - **You need** gradient descent, and an idea of what a projection is.
# - **Labels:** eq. (3), Theorem 3.2, (E13)
# - **Run time:** half a minute, and another one the first time, while kernels are compiled
# - **Next:** [01 Backpropagation by hand](01_backprop_by_hand.ipynb)

# %%
import contextlib
import inspect
import io
import textwrap

import numpy as np

from sennpy import (
    MLP, SENN, Settings, SoftmaxCrossEntropy, explorables, micro, plots
)
from sennpy.course import check
from sennpy.datasets import half_moons
from sennpy.experiments import figures

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1. The paper on one page
#
# The file `micro.py` of the package is the whole method in 150 lines of NumPy. Two hundred points, two
# classes, a bend between them; the start is a linear classifier, with all weights 0. Let it run, before we
# understand anything.

# %%
points, classes = micro.half_moons(200, seed=0)
told = io.StringIO()
with contextlib.redirect_stdout(told):  # what it prints, for narrow windows too
    page = micro.grow([np.zeros((3, 2))], points, classes,
        np.random.default_rng(0))
print(told.getvalue().replace(", eta_c", ",\n    eta_c"))

# %% [markdown]
# It trained for 400 epochs, and at epoch 60 it made itself larger: a layer of two neurons, then two more
# neurons. A network of the page is a list of arrays, and the package takes it as it is.

# %%
drawn = MLP(tuple(page[::2]), tuple(page[1::2]))
print("sizes", drawn.sizes)
assert drawn.sizes == (2, 4, 2)
assert np.allclose(drawn(points), micro.forward(page, points)[0])

# %%
plots.decision_regions(drawn, points, classes, title="What the page has grown");

# %%
new_points, new_classes = micro.half_moons(500, seed=1)
right = micro.forward(page, new_points)[0].argmax(axis=1) == new_classes
print(f"accuracy on {len(right)} new points: {right.mean():.2f}")

# %% [markdown]
# Why then, and why those? Three numbers stand in each line. *Lambda* is how much error there is. *Eta* is how
# much of it the network can still act on as it is, eq. (3):

# %%
def show(function):
    for line in inspect.getsource(function).splitlines():
        print(textwrap.fill(line, 82, subsequent_indent=8 * " "))

# %%
show(micro.natural_expansion_score)

# %% [markdown]
# What a new neuron would add to eta is known before it is there. Theorem 3.2 bounds it from below,
# with the neuron's activations $a_p$ and the part $g_r$ of the gradient that the present inputs do not
# explain; beside the bound stands the exact increase. `E` is the mean over samples, `inv` the inverse, and
# `layer_score` of $A$, $D$, $G$ is $\mathrm{Tr}[A^{-1} D\, G^{-1} D^\top]$.

# %%
show(micro.delta_eta)

# %% [markdown]
# And (E13) says when that is enough:

# %%
show(micro.decide)

# %% [markdown]
# Hold the lines above against it. The first of the two neurons passed by a hair, with 0.0106 against 0.0105.
# Nothing was trained before the second one came, and still eta had risen: to 0.0105 + 0.0106 = 0.0211, as
# was promised.

# %%
hair = (0.0106, 0.0105, 0.2212)
assert micro.decide([hair]) == hair
assert micro.decide([hair], tau=1.1) is None
assert micro.decide([hair], alpha=0.05) is None

# %% [markdown]
# That is the method; all else is how to compute it, and why it is true. Open the file beside
# the course: it names the equation of every line, and the last section says which notebook explains it. From
# here on we go slowly, with the package, which does the same at length and lets us watch.
#
# *Break it.* Give `micro.decide` a `tau` of 0.5 or 3 (a copy of the file will do). When does it grow then, and how
# large?
#
# <details><summary>Answer</summary>
#
# With 0.5 it grows earlier and larger: at epoch 30 a layer of two neurons and a third neuron, at epoch 210 a second
# layer of three. With 3 it waits until epoch 90, for eta has to fall further, and two neurons are all that it adds.
#
# </details>

# %% [markdown]
# ## 2. Too small
#
# Points of the same kind, as the paper draws them. The smallest network for them has no hidden layer at
# all: two inputs, two outputs, a straight border. We train it and forbid it to grow.

# %%
X, t, X_test, t_test = half_moons()
linear = MLP.random((2, 2), rng=0)
stuck, history = SENN(SoftmaxCrossEntropy(),
    Settings.by_thresholds(epochs=300, max_depth=0)).fit(linear, X, t)

# %%
plots.decision_regions(stuck, X, t, title="A straight border");

# %%
def accuracy(net):
    return np.mean(net(X_test).argmax(axis=1) == t_test)

print(f"accuracy on {len(t_test)} new points: {accuracy(stuck):.2f}")

# %% [markdown]
# Training is over: the loss has stopped falling.

# %%
losses = history.column("loss")
print("loss at epochs 1, 100, 200, 300:",
    np.round([losses[e - 1] for e in (1, 100, 200, 300)], 2))
assert losses[199] - losses[299] < 0.01 * losses[299]

# %% [markdown]
# But a loss that has stopped does not say why. Are the steps bad? Is the rest noise, which nobody can
# learn? Or is the network too small? That can be *measured*.
#
# ## 3. The number: eta
#
# Three points are enough. The model is $y = b$: one parameter, one knob that moves all three outputs
# together, along the direction $(1, 1, 1)$. The errors (outputs minus targets) are $g_y = (3, 0, 3)$.
#
# Of what we would like to move, the knob can do a part: the projection of $g_y$ onto its direction. In
# this case that is the mean.
#
# $$P g_y = (2, 2, 2), \qquad g_y - P g_y = (1, -2, 1).$$

# %%
def shadow(knobs, g_y):
    """The part of g_y that the columns of knobs follow: a least-squares fit."""
    return knobs @ np.linalg.lstsq(knobs, g_y, rcond=None)[0]

# %%
g_y, one = np.array([3.0, 0, 3]), np.ones((3, 1))
print(shadow(one, g_y), g_y - shadow(one, g_y))
assert np.allclose(shadow(one, g_y), [2, 2, 2])

# %% [markdown]
# The mean square of that part is the **natural expansion score**, eq. (3). Beside it stands $\lambda$, the
# mean square of the whole. What no knob can follow is the difference, 2.
#
# $$\begin{aligned}
# \eta &= \tfrac1N \|P g_y\|^2 = 4, \\
# \lambda &= \tfrac1N \|g_y\|^2 = 6.
# \end{aligned}$$

# %%
def eta(knobs, g_y):
    return np.mean(shadow(knobs, g_y) ** 2)

lam = np.mean(g_y**2)
assert np.isclose(eta(one, g_y), 4) and np.isclose(lam, 6)

# %% [markdown]
# So eta is *what the model could still do about its error with the parameters that it has*. Now offer it
# a second knob. A slope, $(-1, 0, 1)$? Or a bump in the middle, $(0, 1, 0)$? Guess first.
#
# $$\begin{aligned}
# \Delta\eta_\text{slope} &= 0, \\
# \Delta\eta_\text{bump} &= 2.
# \end{aligned}$$

# %%
slope, bump = np.array([[-1.0], [0], [1]]), np.array([[0.0], [1], [0]])
def gain(new, g_y):
    return eta(np.hstack([one, new]), g_y) - eta(one, g_y)

assert np.isclose(gain(slope, g_y), 0)
assert np.isclose(gain(bump, g_y), 2)

# %% [markdown]
# Nothing was trained to find that out. The new knob stands at 0, the outputs are the same as before, and
# still we know that the bump is worth 2 and the slope nothing.
#
# Is 2 enough? The rule (E13) asks two questions. *Is it much beside what I can do already?*
# $\Delta\eta > \tau\, \eta$. *Is it much beside the error?* $\Delta\eta > \alpha \lambda$. With
# $\tau = 1$ and $\alpha = 0.02$, the answer is no:
#
# $$\begin{aligned}
# \Delta\eta / \eta &= \tfrac24 < \tau, \\
# \Delta\eta / \lambda &= \tfrac26 > \alpha.
# \end{aligned}$$

# %%
tau, alpha = 1, 0.02
assert np.isclose(gain(bump, g_y) / eta(one, g_y), 2/4) and tau >= 2/4
assert np.isclose(gain(bump, g_y) / lam, 2/6) and alpha < 2/6

# %% [markdown]
# First use what you have! So turn the knob: subtract its part. Then nothing is left to do with it,
# $\eta = 0$, and the bump passes both tests:
#
# $$g_y = (1, -2, 1): \quad \eta = 0, \quad \Delta\eta = \lambda = 2.$$

# %%
rest = g_y - shadow(one, g_y)
assert np.isclose(eta(one, rest), 0)
assert np.isclose(eta(np.hstack([one, bump]), rest), 2)
assert np.isclose(np.mean(rest**2), 2)

# %% [markdown]
# That is the whole idea. *Train until eta is small beside what an addition would bring; then add.*
#
# *Break it.* Which $g_y$ would make the slope worth more than the bump? Is there one for which both are
# worth nothing, though $\lambda > 0$?
#
# <details><summary>Answer</summary>
#
# Beside the constant the slope brings $(g_3 - g_1)^2/6$ and the bump $(2 g_2 - g_1 - g_3)^2/18$. So the slope is worth
# more where $\sqrt3\, |g_3 - g_1| > |2 g_2 - g_1 - g_3|$, as for $(-1, 0, 1)$. Both are worth nothing for the constants, such as
# $(1, 1, 1)$, and only for them: then $\eta = \lambda$, and the knob that is there can do it all.
#
# </details>

# %% [markdown]
# ## 4. The network that is stuck
#
# Its knobs are the six weights and biases. What a small turn of each does to the outputs stands in the
# columns of the Jacobian $J$ (notebook 01 computes it by hand), and $g_y$ holds the gradient of the loss
# by each output. The rest is as above.

# %%
def eta_and_lambda(net):
    trace = net.forward(X)
    g_y = SoftmaxCrossEntropy().gradient(trace.outputs, t).ravel()
    J = net.jacobian(trace).reshape(len(g_y), -1)
    outputs = len(g_y) / len(X)  # N counts points, and each has two outputs
    return outputs * eta(J, g_y), outputs * np.mean(g_y**2)

# %%
for name, net in [("at the start", linear), ("stuck", stuck)]:
    print("{}: eta {:.2f}, lambda {:.2f}".format(name, *eta_and_lambda(net)))
assert eta_and_lambda(stuck)[0] < 0.01 * eta_and_lambda(stuck)[1]

# %% [markdown]
# Lambda: there is error left. Eta: to first order none of it is within reach. Is the network too small?
# Eta alone cannot say. Whatever has come to rest has $\eta = 0$, the gradient being 0: also a true line
# that was fitted to noisy points. What an addition would *gain* can say. Two lines, one
# fitted to a bend, one to a line with noise, and a third knob, $x^2$:
#
# $$\eta = 0 \text{ for both;} \qquad \frac{\Delta\eta}{\lambda} = 1 \text{ for the bend, about } \tfrac1N
#   \text{ for the noise.}$$

# %%
x = np.linspace(-1, 1, 100)
line, square = np.column_stack([np.ones(100), x]), (x**2)[:, None]
noise = np.random.default_rng(1).standard_normal(100)
left = {"a bend": x**2 - shadow(line, x**2), "noise": noise - shadow(line, noise)}

# %%
for name, rest in left.items():
    share = (eta(np.hstack([line, square]), rest)
        - eta(line, rest)) / np.mean(rest**2)
    print(f"{name}: eta {eta(line, rest):.2f}, lambda {np.mean(rest**2):.2f}, "
        f"gain / lambda {share:.2f}")
    assert eta(line, rest) < 1e-20
    assert (share > 0.99 if name == "a bend" else share < 0.05)

# %% [markdown]
# So $\eta \approx 0$ with $\lambda > 0$ means: *nothing more is in reach, to first order*. Either the
# network is too small, or what is left is noise, or training has come to rest where it should not (a saddle).
# A large gain says: not noise; with more knobs there is a way on. Our classifier's third knob is next. (Who
# *searches* for the best of many knobs gains something from noise too: notebook 08, lesson 10.)

# %% [markdown]
# ## 5. Let it grow
#
# The same start, the same training, and the paper's rule: every 30 epochs the network now looks at each
# place where it could grow, searches there for the neuron or the layer that would raise eta the most,
# and applies (E13). (`SENN(loss)` alone judges by samples that were held out; lesson 08 derives why.)

# %%
watched = []
net, history = SENN(SoftmaxCrossEntropy(),
    Settings.by_thresholds()).fit(linear, X, t, (X_test, t_test),
    callback=lambda net, record: watched.append((net, record)))

# %%
for addition in history.additions:
    print(f"epoch {addition.epoch}: a {addition.candidate.kind} is added, "
        f"sizes {addition.sizes}")
print(f"accuracy on new points: {accuracy(stuck):.2f} -> {accuracy(net):.2f}")
assert accuracy(net) > accuracy(stuck)

# %%
figures.growth_strip(figures.growth_frames(watched, every=1000), X, t);

# %% [markdown]
# Above, what the network decides, with the border in black. Below, the network; new neurons are gold.
# Compare the border before and after an addition: it does not move. What was added does *nothing* yet.
# Only what the network can learn from here on has changed.

# %%
assert all(addition.moved < 1e-8 for addition in history.additions)

# %% [markdown]
# Here is what the network saw while it decided.

# %%
plots.score_curves(history);

# %% [markdown]
# Read it from left to right. The blue eta falls: the straight border is being learned, and the black
# lambda comes to rest far above it. (*Damped*: it is the eta of the steps that training really makes, which are
# held back a little; lesson 9 of 08.) At each look that found a proposal
# the best one (gold dot) is held against two marks: $\alpha\lambda$ (green) and $\tau\eta$ (purple), where
# $\eta$ is that *of its layer*, the layer that would receive the addition. Eta sinks until the dot stands above
# both. Then the network grows, eta *jumps* (there is something to learn again), and now lambda falls as well.
# Later dots stay below a mark: the network has grown enough. Nobody told it how large to become.

# %%
for look in history.looks:
    passes = [c for c in look.candidates if c.score
        and c.score > look.tau * c.eta_layer and c.score > look.alpha * look.lam]
    # above both marks, and only then
    assert bool(passes) == any(c.chosen for c in look.candidates)
    assert not passes or look.epoch == 90

# %% [markdown]
# Three looks at epoch 90. The second accepted a neuron with a gain of 0.048, though the eta of the whole network
# had just risen to 0.072. How? It was held against the eta of its layer, the last one, which was still 0.004:
#
# $$\tau\, \eta_\text{layer} < \Delta\eta < \tau\, \eta_\text{network} .$$

# %%
second = [look for look in history.looks if look.epoch == 90][1]
(neuron,) = [c for c in second.candidates if c.chosen]
print(f"gain {neuron.score:.3f}, eta of the layer {neuron.eta_layer:.3f}, "
    f"of the network {second.eta:.3f}")
assert second.tau * neuron.eta_layer < neuron.score < second.tau * second.eta

# %% [markdown]
# A layer does not know that the layer before it can now bend. There are several etas, and which one is
# meant matters: the table *Which eta?* in [08](08_when_to_add_and_when_to_stop.ipynb), lesson 3; and
# [10](10_half_moons.ipynb) recomputes this very neuron.
#
# Go through the run look by look: what the network decides, what was proposed to it, and which mark that missed.

# %%
explorables.run(watched, X, t)

# %% [markdown]
# ## 6. Where to go next
#
# | You ask | On the page | Go to |
# |---|---|---|
# | Where do $J$ and $g_y$ come from? | `backward` | [01 Backpropagation by hand](01_backprop_by_hand.ipynb) |
# | Why is it called *natural*? What has it to do with Fisher matrices? | `fisher`, `natural_expansion_score` | [02](02_fisher.ipynb), [03](03_natural_gradient_and_the_score.ipynb) |
# | How can one add a neuron, or a layer, without changing the function? | `widen`, `deepen` | [04 How to add](04_how_to_add.ipynb) |
# | How does one score thousands of proposals? | `layer_score`, `delta_eta` | [05](05_kronecker_factors.ipynb), [06](06_the_lower_bound.ipynb) |
# | How does one find them? | `look` | [07 Langevin proposals](07_langevin_proposals.ipynb), [07b](07b_closed_form_and_twins.ipynb) |
# | Why does it stop? | `decide` | [08 When to add, and when to stop](08_when_to_add_and_when_to_stop.ipynb) |
# | What did the paper do with it? | `grow` | [09](09_regression.ipynb), [10](10_half_moons.ipynb), [11](11_mnist_and_beyond.ipynb) |

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# (If you are stuck: `from sennpy.course import hint`, then `hint("00.1")`, says where to look, and asked once more what to
# do.) Three points and the model $y = b$ again, now with $g_y = (-2, 0, 2)$. On paper: eta, lambda, and what the
# slope and the bump would add. Which would you add, and does it pass (E13)?
#
# *Check:* `check("00.1", (eta, lambda, by_slope, by_bump))`: four numbers.

# %% tags=["solution"]
g1 = np.array([-2.0, 0, 2])
assert np.isclose(eta(one, g1), 0) and np.isclose(np.mean(g1**2), 8/3)

# %% tags=["solution"]
assert np.isclose(eta(np.hstack([one, slope]), g1), 8/3)
assert np.isclose(eta(np.hstack([one, bump]), g1), 0)

# %% tags=["solution"]
assert check("00.1", (0, 8/3, 8/3, 0))

# %% [markdown] tags=["solution"]
# Eta is 0 because the mean is 0. The slope can follow all of $g_y$, the bump nothing. It passes: any gain is
# infinitely much beside $\eta = 0$, and it is all of lambda.

# %% [markdown]
# ### Exercise 2 (easy)
#
# The two thresholds are those of `Settings.by_thresholds(acceptance=Thresholds(tau=1.0, alpha=0.02))`. What happens with
# `alpha=0.9`? And with `tau=3`? Predict, then run. (An `epochs` below 400 is enough.) Which of the two thresholds decides *when* the first addition is made, and which
# *whether*?
#
# *Check:* `check("00.2", (strict, late, when, whether))`: the histories with `alpha=0.9` and with `tau=3`, then two words, `"tau"` or `"alpha"`.

# %% tags=["solution"]
from sennpy import Thresholds

told2 = []
for rule in (Thresholds(alpha=0.9), Thresholds(tau=3.0)):
    _, other = SENN(SoftmaxCrossEntropy(),
        Settings.by_thresholds(epochs=200, acceptance=rule)).fit(linear, X, t)
    print("tau", rule.tau, "alpha", rule.alpha, "adds",
        [(a.epoch, a.candidate.kind) for a in other.additions])
    told2.append(other)
    assert (rule.alpha == 0.9) == (not other.additions)
    assert all(a.epoch > 90 for a in other.additions)

# %% tags=["solution"]
strict, late = told2
assert check("00.2", (strict, late, "tau", "alpha"))

# %% [markdown] tags=["solution"]
# Alpha decides whether: no addition brings nine tenths of lambda at once. Tau decides when: eta falls towards 0
# as long as the network trains, so any gain exceeds 3 eta in the end, but later.

# %% [markdown]
# ### Exercise 3 (open-ended)
#
# Other data: a ring around a disc (`make_circles` of scikit-learn), or points of your own. What does the
# network become, over several seeds (`Settings.by_thresholds(seed=...)`)? Is there data on which it never grows?
#
# *Check:* `check("00.3", (X, t))`: points (N, 2) and labels (N,) on which it stays a line.

# %% tags=["solution"]
from sklearn.datasets import make_blobs, make_circles

circles = make_circles(200, noise=0.15, factor=0.4, random_state=0)
blobs = make_blobs(200, centers=[[-1, -1], [1, 1]], random_state=0)

# %% tags=["solution"]
for name, (X3, t3) in {"circles": circles, "blobs": blobs}.items():
    net3, _ = SENN(SoftmaxCrossEntropy(),
        Settings.by_thresholds(epochs=250)).fit(linear, X3, t3)
    grown = "grew" if len(net3.sizes) > 2 else "stayed linear"
    print(f"{name}: {grown}, accuracy above 0.9: "
        f"{bool(np.mean(net3(X3).argmax(axis=1) == t3) > 0.9)}")

# %% tags=["solution"]
assert check("00.3", blobs)

# %% [markdown] tags=["solution"]
# A line is the best border between two round clouds of one width, and the network stays a line: what an
# addition would bring there passes at no look. The ring cannot be told from the disc by a line at all.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - $\lambda$ is how much error there is, $\eta$ how much of it the present parameters can still act on
#   (eq. (3)): $0 \le \eta \le \lambda$.
# - A loss that no longer falls, $\eta \approx 0$ and $\lambda > 0$: nothing more is in reach, to first order. Too
#   small, or noise, or a place of rest; what an addition would gain tells noise from the others.
# - A good addition does not change the function at all. It raises $\eta$, and by how much is known before any
#   training.
# - (E13): add if that is more than $\tau\eta$ and more than $\alpha\lambda$. Tau says *use first what
#   you have*, alpha says *stop when it is not worth it*.
#
# Next: [01 Backpropagation by hand](01_backprop_by_hand.ipynb).
#
# </div>

# %% [markdown]
# # 10 Half-moons
#
# The paper's second experiment (figure 3): a linear classifier becomes one that bends. Notebook 00
# showed it in five minutes. Now that you know every formula, you can recompute the decision itself: why
# a layer, why then, why this one neuron more, and whether the network was right to stop. One of the
# two additions will turn out to look better than it is.
#
# - **You will be able to** read a look as a table and recompute each entry, find out what a decision by
#   layers does not see, and judge a grown network against fixed ones.
# - **You need** notebooks [04](04_how_to_add.ipynb) (inserting a layer), [05](05_kronecker_factors.ipynb) and
#   [08](08_when_to_add_and_when_to_stop.ipynb).
# - **Labels:** none is new; (E13), (E16) and Theorem 3.1 are applied
# - **Run time:** half a minute
# - **Previous:** [09 Regression](09_regression.ipynb)
# - **Next:** [11 MNIST and beyond](11_mnist_and_beyond.ipynb)

# %%
import textwrap

import numpy as np
from numpy.linalg import inv

from sennpy import plots
from sennpy.course import check
from sennpy.datasets import half_moons as two_moons
from sennpy.experiments import figures, half_moons
from sennpy.growth.record import LookRecord

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1. Run it, and keep everything
#
# 200 points (noise 0.3), 500 to test on, full batches, 400 epochs of natural-gradient steps. A look
# every 30 epochs. `watched` keeps each network with what was recorded of it.

# %%
X, t, X_test, t_test = two_moons()
settings, watched = half_moons.PRESETS["default"], []
run = half_moons.run(settings,
    callback=lambda net, record: watched.append((net, record)))

# %%
looks = [(net, record) for net, record in watched
    if isinstance(record, LookRecord)]
for net, look in looks[:4]:
    chosen = [f"{c.kind} at {c.place}" for c in look.candidates if c.chosen]
    print(f"epoch {look.epoch}, sizes {net.sizes}: "
        f"{chosen or 'nothing is added'}")

# %% [markdown]
# At 30 and 60 nothing, at 90 a layer, and in the same epoch, after a second look, a neuron. The whole
# story lies in three networks:

# %%
early, linear, bent = looks[1][0], looks[2][0], looks[3][0]
print([net.sizes for net in (early, linear, bent)], run.hidden)

# %% [markdown]
# ## 2. The look at epoch 90, by hand
#
# The network is linear: its layer 0 receives the inputs and a constant. Its score, with the layer's own
# factors, has $G = I$ (each output is its own direction), so
#
# $$\eta_0 = \mathrm{Tr}[A^{-1} C\, C^\top], \qquad C = E[a\, g^\top].$$

# %%
def softmax_errors(net):
    y = np.exp(net(X))
    return y / y.sum(axis=1, keepdims=True) - np.eye(2)[t]

# %%
a, g, N = np.column_stack([X, np.ones(200)]), softmax_errors(linear), 200
A, C = a.T @ a / N, a.T @ g / N
eta_0, lam = np.trace(inv(A) @ C @ C.T), (g**2).sum() / N

# %%
look = looks[2][1]
print(f"eta {eta_0:.4f}, lambda {lam:.4f}")
assert np.isclose(eta_0, look.candidates[0].eta_layer)
assert np.isclose(lam, look.lam)

# %% [markdown]
# For a network of one layer that is no approximation: the score of the layer is the score of the
# network, by projection (eq. (3)).

# %%
def eta(J, g_y):
    return np.sum((J @ np.linalg.lstsq(J, g_y.ravel(), rcond=1e-9)[0]) ** 2) / N

def knobs(net):
    return net.jacobian(net.forward(X)).reshape(2 * N, -1)

assert np.isclose(eta(knobs(linear), g), eta_0)

# %% [markdown]
# Now the layer that was found: two units, $z = W_q^\top a$, which start as the identity and are undone by
# the next weights, $u = W_q^{-1} W$. By (E16) it brings two new directions for each unit,
# $\phi_v(z_k)\, u_k$ and $\phi_c(z_k)\, u_k$, and nothing else:
#
# $$\Delta\eta = \eta(J, J_v, J_c) - \eta(J).$$

# %%
W_q, u = bent.weights[0], bent.weights[1][:-1]
assert np.allclose(W_q[:-1] @ u, linear.weights[0][:-1])  # what it undoes
z = a @ W_q

# %%
J_v = np.einsum("nk,ko->nok", 2 * z / (1 + z**2), u).reshape(2 * N, 2)
J_c = np.einsum("nk,ko->nok", 1 / (1 + z**2), u).reshape(2 * N, 2)
layer = look.candidates[0]
increase = eta(np.hstack([knobs(linear), J_v, J_c]), g) - eta_0
assert np.isclose(increase, layer.exact)

# %% [markdown]
# Directions that were put in by hand give the same as the network that was really made:

# %%
print(f"eta {eta_0:.4f} -> {eta(knobs(bent), g):.4f}")
assert np.allclose(bent(X), linear(X))
assert np.isclose(eta(knobs(bent), g) - eta_0, increase)

# %% [markdown]
# Two units cost more than one, and a layer more than a neuron. What is held against the thresholds is
#
# $$\text{score} = \frac{\Delta\eta}{\text{units} \cdot \text{layer cost}},$$
#
# and the two questions of (E13) are: more than $\tau\eta_0$? more than $\alpha\lambda$?

# %%
rule = settings.acceptance
score = increase / (2 * rule.layer_cost)
print(f"score {score:.4f} = {score / eta_0:.1f} eta = {score / lam:.3f} lambda")
assert np.isclose(score, layer.score) and score > rule.tau * eta_0
assert score > rule.alpha * lam

# %% [markdown]
# Thirty epochs earlier the same was found, and not taken:

# %%
before = looks[1][1].candidates[0]
print(f"epoch 60: score {before.score:.4f} = {before.ratio:.1f} eta, "
    f"with eta {before.eta_layer:.4f}")
assert before.share > rule.alpha and not before.ratio > rule.tau
assert np.isclose(before.score, layer.score, rtol=0.05)
assert before.eta_layer > before.score

# %% [markdown]
# What the layer would bring was as large, to a few percent. But the line itself could still learn more than that.
# *Use what you have first.*

# %% [markdown]
# ## 3. The neuron of the same epoch
#
# Right after the insertion the network looks again: nothing was trained, lambda is the same. The best
# neuron for the new hidden layer has this record:

# %%
again = looks[3][1]
neuron = again.candidates[0]
print(f"exact {neuron.exact:.4f} = {neuron.ratio:.0f} eta of its layer = "
    f"{neuron.share:.2f} lambda")
assert again.lam == look.lam and neuron.chosen

# %% [markdown]
# A bargain? Look at the denominator. The receiving layer is the last one; its inputs are the
# identity's, so it can do what the line could do, and no more:
#
# $$\eta_\text{layer} = \eta_0 .$$
#
# That the units before it could now *bend* is not its business: the score by layers leaves out what
# stands in other blocks of $F$ (notebook 05). The dense score knows.

# %%
assert np.isclose(neuron.eta_layer, eta_0)
print(f"eta of the layer {neuron.eta_layer:.4f}, "
    f"of the whole network {again.eta:.4f}")
assert np.isclose(again.eta, eta_0 + increase)

# %% [markdown]
# So recompute the increase with all of $F$: the score of the network with the neuron, minus the score of
# the network without it.
#
# $$\Delta\eta_\text{dense} = \eta(J_{2,3,2}) - \eta(J_{2,2,2}).$$

# %%
wider = looks[4][0]
dense = eta(knobs(wider), g) - eta(knobs(bent), g)
print(f"sizes {wider.sizes}: by layer {neuron.exact:.4f}, dense {dense:.4f}")
assert np.isclose(dense, neuron.dense, rtol=1e-3) and dense < neuron.exact / 5

# %% [markdown]
# Most of what the neuron promises, the inserted layer has promised already: it was counted twice. By the
# dense score this neuron is worth two hundredths of eta, and (E13) would have said no:

# %%
print(f"by layer {neuron.ratio:.0f} eta of the layer; "
    f"dense {dense / again.eta:.2f} eta of the network")
assert dense / again.eta < rule.tau < neuron.ratio

# %% [markdown]
# That is a weakness of deciding by layers, as the paper and these settings do. (Layers are spared it
# here: an inserted layer counts with the smaller of both increases, so the second and third
# layer, which look as good as the first, are refused.)

# %%
for c in again.candidates[1:]:
    print(f"layer before {c.place}: by layer {c.exact:.4f}, refused: "
        f"{c.dense < 0.01 * c.exact}")

# %% [markdown]
# Two additions at one time, without training in between. Does Theorem 3.1 say how many there may be? It speaks of
# *one* eta, which $\lambda$ bounds and every addition multiplies by more than $1 + \tau$ (the table *Which eta?* in
# [08](08_when_to_add_and_when_to_stop.ipynb), lesson 3). Neither eta did that here. The dense one rose with the
# layer, and hardly with the neuron; the receiving layer's did not move with the layer, and rose with the neuron:
#
# $$\begin{aligned} \eta:&\quad \eta_0 \to \eta_0 + \Delta\eta_\text{layer} \to {} + \Delta\eta_\text{dense}, \\
#   \eta_\text{layer}:&\quad \eta_0 \to \eta_0 \to \eta_0 + \Delta\eta_\text{neuron} . \end{aligned}$$

# %%
dense_etas = [eta(knobs(net), g) for net in (linear, bent, wider)]
layer_etas = [eta_0, neuron.eta_layer, looks[4][1].candidates[0].eta_layer]
print("dense", np.array(dense_etas), " layer", np.array(layer_etas))
assert dense_etas[2] < (1 + rule.tau) * dense_etas[1]
assert layer_etas[1] < (1 + rule.tau) * layer_etas[0]
assert np.allclose(layer_etas[1:], [eta_0, eta_0 + neuron.exact])

# %% [markdown]
# So the theorem proves nothing about this pair. By the dense score it would: with $\tau = 1$ each addition would
# have to double an eta that is above $\alpha\lambda$ after the first and never exceeds $\lambda$. The second would
# have been refused. What the record calls the limit is the number of the theorem,
#
# $$1 + \frac{\ln \lambda - \ln \alpha\lambda}{\ln (1 + \tau)} = 1 + \frac{\ln 50}{\ln 2}.$$

# %%
limit = 1 + np.log(1 / rule.alpha) / np.log(1 + rule.tau)
print(f"2 additions; for decisions by the dense score fewer than {limit:.1f}")
assert np.isclose(limit, run.history.additions[-1].limit)

# %% [markdown]
# ## 4. Figure 3

# %%
figures.half_moons_figure(run, X, t);

# %% [markdown]
# Above: start, the moment of the layer, end. Between the second and the third picture, only training. In
# the middle below: the gold dots are the best proposals. After epoch 90 they lie first below the
# purple mark (there is enough to learn with what is there), and then, when eta has fallen, below the
# green one: nothing is worth it any more. The test loss (red, left) agrees: it has come to rest.

# %%
late = [max((c for c in look.candidates if c.score), key=lambda c: c.score)
    for _, look in looks if look.epoch > 90]
below_tau, below_alpha = np.array([(c.ratio < rule.tau, c.share < rule.alpha)
    for c in late]).T
assert below_tau[0] and not below_tau[-1] and below_alpha[-1]
assert np.all(below_tau | below_alpha)
test_losses = run.history.column("validation_loss")
assert test_losses[-1] < 1.01 * min(test_losses)

# %% [markdown]
# ## 5. Was it right?
#
# The loop knows nothing of the test data. So let us judge it by them, against networks of 1 to 6 hidden
# neurons that train as long, with the same steps, and may not grow.

# %%
from dataclasses import replace

from sennpy import MLP, SENN, SoftmaxCrossEntropy

senn = SENN(SoftmaxCrossEntropy(), replace(settings, max_depth=0, max_width=1))

# %%
fixed = {}
for width in (1, 2, 3, 4, 6):
    nets = [senn.fit(MLP.random((2, width, 2), rng=seed), X, t).network
        for seed in range(3)]
    fixed[width] = [senn.loss.value(net(X_test), t_test) for net in nets]
    print(f"{width} fixed neurons: test loss {np.round(sorted(fixed[width]), 2)} "
        f"(three seeds)")

# %%
print(f"grown to {run.hidden[0]}: {run.test_loss:.2f}, "
    f"accuracy {run.test_accuracy:.2f}")
assert run.test_loss < min(fixed[1])
assert run.test_loss < 1.1 * min(min(losses) for losses in fixed.values())
assert sum(loss < 0.28 for loss in fixed[2]) == 1
assert max(fixed[3] + fixed[4] + fixed[6]) < 0.28 < min(fixed[1])

# %% [markdown]
# One neuron is too few, two need luck: of three starts one finds the bend. From three on all do, and the
# grown network is as good as they are. It needed no search over widths, and no second start: its
# weights were *chosen*. On 20 fresh splits (`sennpy half-moons --splits 20`, on record in the
# repository's `figures/`) it reaches a mean accuracy of 0.908 with 4.0 neurons; a support vector machine
# with cross-validated kernel 0.905. Neither is the point: the point is that the size was found in one
# training.
#
# **The authors' settings.** With `--preset paper` (the released code's search, its scores and thresholds)
# one run takes minutes and gives three hidden layers of three, training loss 0.17 and test
# loss 0.27 (on record in `figures/half-moons-paper.json`), against 0.21 and 0.24 here: alpha is eight times smaller there, so it goes on when we stop, and
# fits the noise. Notebook 11 says what else differs.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# For which $\tau$ would the layer have been added at epoch 60 already? For which `layer_cost`, at $\tau = 1$?
# Use the record `before`.
#
# *Check:* `check("10.1", (before, tau, layer_cost))`: the record, and the largest of each with which it passes.

# %% tags=["solution"]
print(f"tau below {before.ratio:.2f}, "
    f"or a layer cost below {rule.layer_cost * before.ratio:.1f}")
assert before.score / before.ratio - before.eta_layer < 1e-12

# %% tags=["solution"]
assert check("10.1", (before, before.ratio, rule.layer_cost * before.ratio))

# %% [markdown]
# ### Exercise 2 (medium)
#
# Forbid the doubtful neuron: `max_width=2`. Is the network worse for it? What would you have to change,
# so that neurons are judged by the dense score as well?
#
# *Check:* `check("10.2", (narrow, run, rises))`: both runs, and by how much the training and the test loss of the narrow one are higher.

# %% tags=["solution"]
narrow = half_moons.run(replace(settings, max_width=2))
print(f"{narrow.hidden}: train {narrow.train_loss:.2f}, "
    f"test {narrow.test_loss:.2f}")
print(f"{run.hidden}: train {run.train_loss:.2f}, test {run.test_loss:.2f}")
assert run.train_loss < narrow.train_loss < 1.06 * run.train_loss
assert abs(narrow.test_loss - run.test_loss) < 0.01

# %% tags=["solution"]
rises = narrow.train_loss - run.train_loss, narrow.test_loss - run.test_loss
assert check("10.2", (narrow, run, rises))

# %% [markdown] tags=["solution"]
# The dense score was right: without the neuron the training loss is a few percent higher, and the test loss is the
# same to a hundredth. (Not that two neurons were easy to find from elsewhere: see the fixed ones above.) To
# judge neurons densely, hold `min(score, dense)` against $\tau$ times the *network's* eta; the record
# has both.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Why must the activation be rational? Insert a layer into a network of ReLUs and read the message. Would
# tanh do?
#
# *Check:* `check("10.3", (net, deep))`: a network whose activation allows a new layer, and the network with it.

# %% tags=["solution"]
from sennpy import ReLU, Tanh, deepen

for activation in (ReLU(), Tanh()):
    try:
        deepen(MLP.random((2, 2), activation, rng=0), 0, W_q)
    except ValueError as error:
        print(textwrap.fill(str(error), 82))

# %% tags=["solution"]
assert check("10.3", (linear, deepen(linear, 0, W_q)))

# %% [markdown] tags=["solution"]
# (E2) needs an activation that can *be* the identity and leave it by its coefficients. Neither can; with
# both one can only widen.

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# How does the final network depend on the noise of the data, and on their number? Try 0.1, 0.2 and 0.4, or
# 50 and 1000 points. Write down first what you expect of lambda, of alpha, and of the size.
#
# *Check:* `check("10.4", (calm, noisy, share))`: the runs at noise 0.1 and 0.4, and the largest share of lambda on offer at the last look of the noisy one.

# %% tags=["solution"]
from sennpy.experiments.classification import grow_classifier

others = []
for noise in (0.1, 0.4):
    data = two_moons(noise=noise)
    other = grow_classifier(data, settings)
    others.append(other)
    plots.decision_regions(other.network, data.X, data.t,
        title=f"noise {noise}: {other.hidden} hidden")
    assert bool(other.hidden) == (noise == 0.1)

# %% tags=["solution"]
last = others[1].history.looks[-1]
scored = [c for c in last.candidates if c.supremum is not None]
most = max(c.supremum if c.score is None else c.score for c in scored) / last.lam

# %% tags=["solution"]
assert check("10.4", (*others, most))

# %% [markdown] tags=["solution"]
# With little noise the line's error is nearly all *structure*, and the network bends. With much noise it stays a
# line: lambda is high, what a layer could explain is a small share of it, and alpha says no (here too early
# for the eye, which knows that there are moons). Alpha is a statement about how much of the error you believe in.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - The layer came when the line had learned its part: not because there was much error, but because eta had
#   fallen below what a layer would bring.
# - Every number of a look can be recomputed from $J$ and $g_y$. For one layer the score is exact.
# - Scores by layer do not see each other: after an insertion a neuron may be credited with what the new
#   layer can do already. The dense increase tells; the record holds both. Theorem 3.1 is about the dense one.
# - Tau decides when, alpha when to stop, and alpha stands for how much of the error is noise.
#
# Next: [11 MNIST and beyond](11_mnist_and_beyond.ipynb).
#
# </div>

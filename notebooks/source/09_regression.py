# %% [markdown]
# # 09 Regression
#
# The paper's first experiment (figure 2): fifty points of a random function in one dimension, and a network
# that starts with one neuron. With one input a neuron is a place on a map, and the score of every
# conceivable neuron is a landscape over that map. You will draw it yourself, climb it, and prove
# why it collapses when a neuron is added, and how much of that is a division by nearly nothing.
#
# - **You will be able to** read figure 2, compute each of its colours by a least-squares fit, and say what
#   stops the network when the landscape does not.
# - **You need** notebooks [06](06_the_lower_bound.ipynb) (residual gradient, bound) and
#   [07b](07b_closed_form_and_twins.ipynb) (best coefficients).
# - **Labels:** none is new; (E8), (E12), (E13) and Theorem 3.2 are applied
# - **Run time:** half a minute
# - **Previous:** [08 When to add, and when to stop](08_when_to_add_and_when_to_stop.ipynb)
# - **Next:** [10 Half-moons](10_half_moons.ipynb)

# %%
from dataclasses import replace

import numpy as np

from sennpy import MLP, SENN, SquaredError, plots, widen
from sennpy.course import check
from sennpy.datasets import random_rational
from sennpy.experiments import figures, regression

np.set_printoptions(precision=4, suppress=True)

# %% [markdown]
# ## 1. The task
#
# A random rational network of four hidden layers is the target. We see it at 50 points
# $x \sim N(0, 1)$; 1000 more are kept for testing. A network of one neuron has trained on it for 30 epochs,
# and has just come to its first look:

# %%
data = random_rational(2)
X, t, settings = data.X, data.t, regression.PRESETS["default"]
fixed = replace(settings, epochs=30, max_width=1, max_depth=0)
net = SENN(SquaredError(), fixed).fit(MLP.random((1, 1, 1), rng=2), X, t).network

# %%
plots.fit_curve(net, data, title="One neuron").legend();

# %% [markdown]
# ## 2. A neuron is a place on a map
#
# A neuron sees $z = wx + b$. Write the same with a *location* $m$ and a *scale* $s$:
#
# $$z = wx + b = \frac{x - m}{s}, \qquad m = -\frac bw, \quad s = \frac1w.$$

# %%
w, b = 2.0, -1.0
m, s = -b / w, 1 / w
print(f"w = {w}, b = {b}: location {m}, scale {s}")
assert np.allclose(w * X + b, (X - m) / s)

# %% [markdown]
# So $(m, s)$ says where the neuron bends and how sharply. What it does there is up to its three
# coefficients: it computes a mixture of
#
# $$\phi(z) = \left( \frac{2z}{1+z^2},\ \frac{1}{1+z^2},\ z \right).$$

# %%
def features(m, s, x=X):
    z = (x - m) / s
    return np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2), z])

# %%
# the library's neurons have coefficients of length 1
vcl = np.array([[2.0], [-1], [2]]) / 3
assert np.allclose(features(m, s) @ vcl, net.activation((X - m) / s, vcl))

# %% [markdown]
# ## 3. The colour of a place
#
# What would a neuron there be worth? With one output, $G = 1$. First the part of the error that the present
# neurons $a_c$ cannot explain, $g_r$, then what the three features can explain of *that*: two
# least-squares fits.
#
# $$\begin{aligned}
# g &= \hat g_c + g_r, \qquad \hat g_c \text{ fitted by } a_c, \\
# \eta_c &= E[\hat g_c^2], \qquad \lambda = E[g^2] = \eta_c + E[g_r^2].
# \end{aligned}$$

# %%
def fit(columns, target):
    return columns @ np.linalg.lstsq(columns, target, rcond=None)[0]

def split(net):
    """g, its explained part, and the rest."""
    g = net(X) - t
    explained = fit(net.forward(X).inputs[-1], g)
    return g, explained, g - explained

# %%
g, explained, g_r = split(net)
lam, eta_c = np.mean(g**2), np.mean(explained**2)
print(f"lambda {lam:.4g}, eta_c {eta_c:.2g}")
assert np.isclose(lam, eta_c + np.mean(g_r**2))

# %% [markdown]
# The best coefficients are those of the second fit, for the best mixture is the one most like $g_r$. This
# is (E12) with one output, and the bound of Theorem 3.2 for that mixture $a_p$:
#
# $$\max_{v, c, l} \Delta\eta' = E[\hat g_r^2], \qquad \hat g_r \text{ fitted by } \phi.$$

# %%
phi = features(0.5, 0.5)
a_p = fit(phi, g_r)
bound = np.mean(a_p * g_r) ** 2 / np.mean(a_p**2)
assert np.isclose(bound, np.mean(a_p**2))

# %%
rng = np.random.default_rng(9)
others = phi @ rng.standard_normal((3, 1000))
assert np.all(np.mean(others * g_r, axis=0) ** 2 / np.mean(others**2, axis=0)
    <= bound)

# %% [markdown]
# Do that for all locations and scales, divide by $\eta_c$, and the landscape is there. The library's does the
# same:

# %%
def score(m, s, g_r):
    return np.mean(fit(features(m, s), g_r) ** 2)

some = np.linspace(-2.5, 2.5, 11), np.logspace(-1, 1, 9)
by_hand = np.array([[score(m, s, g_r) / eta_c for m in some[0]] for s in some[1]])
assert np.allclose(by_hand, regression.landscape(net, X, t, *some), rtol=1e-4)

# %%
from sennpy.plots.regression import LOCATIONS, SCALES

values = regression.landscape(net, X, t, LOCATIONS, SCALES)
plots.score_landscape(values);

# %% [markdown]
# Bright places are worth a neuron (mind that the colours are logarithmic). Above (large scale) a neuron is nearly a
# straight line. Below (scale under 0.1) it is a needle that sees few points, at a scale of 0.03 often one: the
# stripes are single data. In between lies what one would call structure.

# %%
apart = np.diff(np.sort(X[:, 0]))
print(f"half of the points are less than {np.median(apart):.2f} from the next")
assert SCALES.min() < np.median(apart) < 0.1

# %% [markdown]
# ## 4. Is a neuron where the error is large?
#
# That is how the result is often retold. Find the best place with a scale of at least $\frac14$, and beside it
# the point with the largest error.

# %%
broad = np.where(SCALES[:, None] >= 0.25, values, 0)
i, j = np.unravel_index(broad.argmax(), broad.shape)

# %%
best, worst = (LOCATIONS[j], SCALES[i]), X[np.abs(g).argmax(), 0]
print(f"best at {best[0]:.2f}, scale {best[1]:.2f}; largest error at {worst:.2f}")

# %%
a_p = fit(features(*best), g_r)
order = np.argsort(X[:, 0])
plots.proposed_fit(X[order], g_r[order], {"best neuron": a_p[order]},
    title="What is left, and who can do it");

# %% [markdown]
# The best neuron *resembles* the residual gradient over as many points as possible, its changes of sign
# included. That is a correlation, not a height:
#
# $$\Delta\eta' = \rho^2\, E[g_r^2], \qquad \rho^2 = \frac{E[a_p g_r]^2}{E[a_p^2]\, E[g_r^2]}.$$

# %%
rho2 = np.mean(a_p * g_r) ** 2 / (np.mean(a_p**2) * np.mean(g_r**2))
needle = score(worst, 0.02, g_r)
print(f"rho^2 = {rho2:.2f}; of a needle at the largest error "
    f"{needle / np.mean(g_r**2):.2f}")
assert np.isclose(score(*best, g_r), rho2 * np.mean(g_r**2))
assert needle < score(*best, g_r)

# %% [markdown]
# ## 5. Why the landscape collapses
#
# Add that neuron, with outgoing weight 0. The fit does not move. What happens to the landscape?

# %%
(m, s), coefficients = best, np.linalg.lstsq(features(*best), g_r, rcond=None)[0]
wider = widen(net, 0, np.array([[1 / s], [-m / s]]),
    coefficients / np.linalg.norm(coefficients))
assert np.allclose(wider(X), net(X))

# %% [markdown]
# No place can be worth more than all of $g_r$. So the brightest spot is at most
#
# $$\max \frac{\Delta\eta'}{\eta_c} \le \frac{\lambda - \eta_c}{\eta_c}.$$

# %%
ceiling = (lam - eta_c) / eta_c
print(f"brightest {values.max():.0f}, ceiling {ceiling:.0f}")
assert values.max() <= ceiling

# %% [markdown]
# (Thousands of $\eta_c$: that says less about the neurons than about $\eta_c$, which is nearly 0 in a network that has
# trained to rest.) The addition leaves lambda as it is and moves $\Delta\eta$ (the exact increase, (E8)) from the rest to
# the explained part:
#
# $$\begin{aligned}
# \lambda &\to \lambda, \\
# \eta_c &\to \eta_c + \Delta\eta, \\
# E[g_r^2] &\to E[g_r^2] - \Delta\eta.
# \end{aligned}$$

# %%
g2, explained2, g_r2 = split(wider)
increase = np.mean(explained2**2) - eta_c
assert np.isclose(np.mean(g2**2), lam)
assert np.isclose(np.mean(g_r2**2), np.mean(g_r**2) - increase)

# %% [markdown]
# The ceiling comes down from both sides, because its numerator shrinks and its denominator grows:
#
# $$\frac{\lambda - \eta_c}{\eta_c} \ \to\ \frac{\lambda - \eta_c - \Delta\eta}{\eta_c + \Delta\eta}.$$

# %%
lower = (lam - eta_c - increase) / (eta_c + increase)
after = regression.landscape(wider, X, t, LOCATIONS, SCALES)
print(f"ceiling {ceiling:.0f} -> {lower:.2f}, "
    f"brightest {values.max():.0f} -> {after.max():.2f}")
assert after.max() <= lower < ceiling

# %% [markdown]
# Two things happened there, and only one of them is a collapse. Undo the division, and look in units of the loss:
#
# $$\underbrace{\frac{8188}{0.26}}_{\text{in units of } \eta_c}
#   = \underbrace{\frac{\max \Delta\eta'_\text{before}}{\max \Delta\eta'_\text{after}}}_{\text{what is left to find}}
#   \cdot \underbrace{\frac{\eta_c + \Delta\eta}{\eta_c}}_{\text{the denominator}} .$$

# %%
absolute, absolute_after = values * eta_c, after * (eta_c + increase)
falls = [values.max() / after.max(), absolute.max() / absolute_after.max(),
    (eta_c + increase) / eta_c]
print("in eta_c {:.0f} times less, in units of the loss {:.1f} times,\n"
    "the denominator {:.0f} times more".format(*falls))
assert np.isclose(falls[0], falls[1] * falls[2]) and 2 < falls[1] < 10
assert falls[2] > 1000

# %%
plots.score_landscape(absolute_after, label=r"$\Delta\eta'$ (units of the loss)",
    top=absolute.max());

# %% [markdown]
# In units of the loss the best that is left is a quarter of what it was; the rest of the fall is the denominator,
# which was nearly 0. For the rule that is no illusion: tau compares with what the network can do by training,
# and now that is much.

# %% [markdown]
# And where the neuron was put? The fit used all three features, so what it leaves is uncorrelated with each
# of them. The place is worth nothing any more:
#
# $$E[\phi\, (g_r - \hat g_r)] = 0.$$

# %%
assert np.allclose(features(*best).T @ (g_r - a_p), 0)

# %% [markdown]
# (Exactly nothing, if the neurons that are there do not help: that is, if the bound is tight. They do help
# a little, and the place keeps a rest.)

# %%
print(f"the place: {score(*best, g_r) / eta_c:.0f} eta before, "
    f"{score(*best, g_r2) / np.mean(explained2**2):.2f} after")
assert score(*best, g_r2) < 0.05 * score(*best, g_r)
assert after.max() < values.min()
plots.score_landscape(after, top=values.max());

# %% [markdown]
# In units of eta, the same colours as before, and all is dark: no place is now worth what the poorest was. In
# colours of its own:

# %%
plots.score_landscape(after);

# %% [markdown]
# *Break it.* Add the neuron with random coefficients in place of the best ones:
# how much of the collapse is left?
#
# <details><summary>Answer</summary>
#
# Nearly all. Over five draws eta grows by a factor of 1500 to 7000, instead of 8000, and the brightest place falls by one of
# 2000 to 27000, instead of 31000: any neuron gives training something to do, and the landscape is divided by that. But its own
# place keeps 6% to 64% of what it was worth in units of the loss, instead of next to nothing.
#
# </details>
#
# Collapse is what makes several additions in one epoch come to an end (Theorem 3.1; its premise holds here, for with
# one hidden layer the eta of the rule is that of the last layer, and $\lambda$ bounds it). Then training makes
# use of the neuron: the explained part is *learned away*, $\eta_c$ falls, and the landscape, divided by
# $\eta_c$, comes up again somewhere else.

# %% [markdown]
# ## 6. Figure 2
#
# The real thing: from one neuron, 2000 epochs, a look every 30.

# %%
run = regression.run(replace(settings, seed=2))
print("less than 1% of the variance of the test points is left:",
    bool(run.test_error < 0.01 * data.t_test.var()))
assert run.test_error < 0.01 * data.t_test.var()
assert len(run.history.additions) >= 3

# %%
figures.regression_figure(run, regression.landscape);

# %% [markdown]
# First row: target, fit, and a dashed line where each neuron lies. Second row: the landscapes, before
# and after one addition in the same colours, before the next, and at the end. White circles are where the
# search began, gold squares where it ended, the star is the neuron that was accepted. Third row: loss, score, size.
#
# The law of lesson 5 holds for each addition of the run:

# %%
def ceiling_of(network):
    _, explained, g_r = split(network)
    return np.mean(g_r**2) / np.mean(explained**2)

pairs = list(zip(run.moments[0:-1:2], run.moments[1:-1:2], strict=True))
assert all(ceiling_of(new.network) < ceiling_of(old.network)
    for old, new in pairs)

# %% [markdown]
# Now look at the last landscape, and at its colour bar. Most of it is dark. What is bright are stripes below a
# scale of 0.15, needles on single points: millions of eta. And the search has found something worth thousands.
# Why is none added? Because $\eta_c$ has become tiny, and almost *anything* new is much beside nothing. Tau says yes.
# What says no is alpha:

# %%
at_end = regression.landscape(run.network, X, t, LOCATIONS, SCALES)
assert np.median(at_end) < 10 and at_end.max() > 1e6
assert np.all(at_end[SCALES > 0.2] < 1e6)

# %%
final = [c for c in run.history.looks[-1].candidates if c.kind == "neuron"
    and c.score is not None]
rule = settings.acceptance
print("passes tau:", all(c.ratio > rule.tau for c in final), " passes alpha:",
    any(c.share > rule.alpha for c in final))
assert final
assert all(c.ratio > 1000 and c.share < 0.02 == rule.alpha for c in final)

# %% [markdown]
# Beside the error that is left, it is worth less than 2 %. (E13) again: tau decides *when*, alpha *whether*.

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# Where on the map is the neuron $w = -4$, $b = 2$? Show that $(w, b)$ and $(-w, -b)$ have the same score. Why
# is that no loss for a map that shows $1/w > 0$ only?
#
# *Check:* `check("09.1", (m, s))`: location and scale, with their signs.

# %% tags=["solution"]
print("location", 2 / 4, "scale", -1 / 4)
assert np.isclose(score(0.5, -0.25, g_r), score(0.5, 0.25, g_r))
assert np.allclose(features(0.5, -0.25), features(0.5, 0.25) * [-1, 1, -1])

# %% [markdown] tags=["solution"]
# $(-w, -b)$ turns $z$ into $-z$ at every $x$. Wave and identity are odd, the bump is even: two of the three functions change their
# sign, the functions that they span stay, and so does the fit. What one neuron can do, its mirror image can, with the
# coefficients $(-v, c, -l)$; the map need not show both.

# %% tags=["solution"]
assert check("09.1", (0.5, -0.25))

# %% [markdown]
# ### Exercise 2 (medium)
#
# The needles. Put a neuron on the data point $x_n$ with a scale far below the distance to its neighbours. Which
# three functions can it still follow, on the 50 points? Compute its score from these and compare. Which of
# the three would you not want, and why?
#
# *Check:* `check("09.2", (X, n, three))`: the points (50, 1), the index $n$, the functions (50, 3).

# %% tags=["solution"]
n, point = 7, np.eye(50)[:, [7]]
pole = 1 / (X - X[n] + point) - point
three = np.hstack([X - X[n], point, pole])
assert np.isclose(score(X[n, 0], 1e-5, g_r), np.mean(fit(three, g_r) ** 2),
    rtol=1e-3)

# %% tags=["solution"]
assert check("09.2", (X, n, three))

# %% [markdown] tags=["solution"]
# A straight line; the one point, noise included; and $1/(x - x_n)$, from $2z/(1 + z^2)$ with a huge outgoing
# weight. The point is memory, not structure, and the pole is worse. Proposals are drawn from a prior under which needles are
# rare, as in the paper, and the library's search counts against a neuron how small its activations are (`ridge`).

# %% [markdown]
# ### Exercise 3 (medium)
#
# Add noise of standard deviation 0.1 to the targets of the one-neuron network above. What happens to the
# ceiling $\lambda - \eta_c$, and to the share $\rho^2$ of the best broad neuron? Which of the two thresholds
# protects you?
#
# *Check:* `check("09.3", (shapes, g_r, noisy, shares))`: the three functions of the best broad neuron (50, 3), the rests (50, 1), and $\rho^2$ without and with noise.

# %% tags=["solution"]
noisy = g_r + 0.1 * np.random.default_rng(0).standard_normal(g_r.shape)
noisy = noisy - fit(net.forward(X).inputs[-1], noisy)
shares = [score(*best, rest) / np.mean(rest**2) for rest in (g_r, noisy)]
print("rho^2 of the best broad neuron: without noise {:.2f}, "
    "with it {:.2f}".format(*shares))
assert shares[1] < shares[0] and np.mean(noisy**2) > np.mean(g_r**2)

# %% tags=["solution"]
assert check("09.3", (features(*best), g_r, noisy, shares))

# %% [markdown] tags=["solution"]
# The ceiling rises by about the noise's variance, and broad neurons can have next to nothing of that. The share of
# lambda falls: alpha protects. That is also how to choose alpha: as the least share of the error that one
# still believes to be structure.

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# Let the network grow on a function of your own. Does it put its neurons where you would? Try a step, a
# sine with growing frequency, a straight line. Pass `data=Data(X, t, X_test, t_test)` to
# `regression.run`.
#
# *Check:* `check("09.4", (net, X_test, t_test))`: your network, and new points of your function.

# %% tags=["solution"]
from sennpy.datasets import Data

def chirp(x):
    return np.sin(1.5 * (x + 2.5) ** 2 / 2)

X4, X4_test = (np.random.default_rng(k).uniform(-2.5, 2.5, (n, 1))
    for k, n in [(1, 100), (2, 1000)])
own = regression.run(replace(settings, epochs=600),
    data=Data(X4, chirp(X4), X4_test, chirp(X4_test)))

# %% tags=["solution"]
plots.fit_curve(own.network, own.data, title="A chirp").legend()
locations = -own.network.weights[0][1] / own.network.weights[0][0]
assert own.test_error < own.data.t_test.var() and np.sum(locations > 0) >= 2
assert locations.min() < -2

# %% tags=["solution"]
assert check("09.4", (own.network, own.data.X_test, own.data.t_test))

# %% [markdown] tags=["solution"]
# At least two neurons lie on the right, where the frequency is high; not where the function is large, which it is
# everywhere. One lies at the left end of the data and beyond, a broad one that contributes a slope.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - With one input a neuron is a location $-b/w$ and a scale $1/w$. The score of a place is a least-squares
#   fit of the residual gradient by three features.
# - A good neuron *resembles* the residual gradient. Where the error is largest is another question.
# - The landscape lies below $(\lambda - \eta_c)/\eta_c$. An addition moves $\Delta\eta$ from the numerator's side to the
#   denominator: it must come down, and where $\eta_c$ was nearly 0 nearly all of that is the division.
# - Late in training $\eta_c$ is tiny, and what the search finds passes tau. Alpha ends the growth.
#
# Next: [10 Half-moons](10_half_moons.ipynb).
#
# </div>

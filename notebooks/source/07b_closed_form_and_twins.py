# %% [markdown]
# # 07b Closed form, the released kernel, and twins
#
# Three things about the search of 07. A part of it needs no searching: a neuron's best coefficients are known in
# closed form. The walkers of the authors' code sample another density than the paper's, and we can say which. And fast
# code is believed only when it agrees with slow code that can be read.
#
# - **You will be able to** find a neuron's best coefficients in closed form; predict what the released code samples; test a
#   fast version against a slow one; choose between draws, walkers and profiling.
# - **You need** walkers and detailed balance (07), the bound (06), and what the eigenvectors of a symmetric matrix are.
# - **Labels:** (E12), (E17)
# - **Run time:** about twenty seconds, and half a minute more when kernels are compiled (once a machine)
# - **Previous:** [07 Langevin proposals](07_langevin_proposals.ipynb)
# - **Next:** [08 When to add and when to stop](08_when_to_add_and_when_to_stop.ipynb)

# %%
import ipywidgets
import numpy as np
from numpy.linalg import inv

from sennpy import plots, residual_gradient
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(7)

# %% [markdown]
# The 50 points of 07, a line fitted to their wave, and the bump, with its score at every location and scale:

# %%
x = np.sort(rng.standard_normal(50))
t = np.sin(2 * x) + 0.1 * rng.standard_normal(50)
x_c = np.column_stack([x, np.ones(50)])
g_r = residual_gradient(x_c, -t[:, None])[:, 0]

# %%
def preactivations(theta):  # theta = (location, log scale)
    return (x - theta[..., :1]) * np.exp(-theta[..., 1:])

def score(theta):
    a = 1 / (1 + preactivations(theta) ** 2)
    return (a * g_r).mean(axis=-1) ** 2 / (a * a).mean(axis=-1)

# %%
locations, u, h = np.linspace(-3, 3, 181), np.linspace(-3, 3, 181), 1e-20
landscape = score(np.stack(np.meshgrid(locations, u), axis=-1))
print(f"the best bump scores {landscape.max():.4f}")

# %% [markdown]
# ## 1. What need not be searched: (E12)
#
# In 07 the neuron was a bump. The rational activation has three shapes (01),
# $\phi = (\phi_v, \phi_c, z)$, and its coefficients $k = (v, c, l)$ enter *linearly*:
# $a_p = k \cdot \phi(z)$, but for a norm that no score sees. That part of the search can be solved.
#
# **Step 1.** Put $a_p = \Phi k$ into the bound; $\Phi$ has one row a sample. Both $D$ and $A_p$ are
# forms in $k$, with $\tilde g = G^{-1/2} g_r$ (for one
# output and $G = 1$ just $g_r$):
#
# $$\begin{gathered} \Delta\eta'(k) = \frac{k^\top B B^\top k}{k^\top M k}, \\
#   B = E[\phi\, \tilde g^\top], \qquad M = E[\phi\, \phi^\top] . \end{gathered}$$

# %%
from sennpy import delta_eta_bound

def basis(z):
    return np.stack([2 * z / (1 + z**2), 1 / (1 + z**2), z], axis=-1)

# %%
white = rng.standard_normal((50, 2))  # two outputs, whitened: any numbers will do
Phi, k = basis(1.5 * x - 1), rng.standard_normal(3)
B, M = Phi.T @ white / 50, Phi.T @ Phi / 50

# %%
rayleigh = (k @ B @ B.T @ k) / (k @ M @ k)
assert np.isclose(rayleigh, delta_eta_bound((Phi @ k)[:, None], white, np.eye(2)))

# %% [markdown]
# **Step 2.** Such a quotient is largest where its derivative in $k$ vanishes:
#
# $$B B^\top k = \mu\, M k, \qquad \mu = \Delta\eta'(k) .$$
#
# A *generalised* eigenvalue problem: the best score is the largest $\mu$, at its eigenvector.

# %%
from scipy.linalg import eigh

values, vectors = eigh(B @ B.T, M)
best, top = vectors[:, -1], values[-1]

# %%
assert np.allclose(B @ B.T @ best, top * M @ best)
assert np.isclose(delta_eta_bound((Phi @ best)[:, None], white, np.eye(2)), top)

# %%
others = [delta_eta_bound((Phi @ rng.standard_normal(3))[:, None], white,
    np.eye(2)) for _ in range(500)]
print(f"in closed form {top:.4f}, "
    f"best of 500 random coefficients {max(others):.4f}")
assert max(others) <= top

# %% [markdown]
# **Step 3.** With one output $B$ is a single column, and the eigenvector is known: it is
# least squares, the fit of $g_r$ by the three shapes.
#
# $$k = M^{-1} B, \qquad \max_k \Delta\eta' = B^\top M^{-1} B .$$

# %%
b = Phi.T @ g_r / 50
fit = np.linalg.lstsq(Phi, g_r, rcond=None)[0]

# %%
assert np.allclose(inv(M) @ b, fit)
assert np.isclose(eigh(np.outer(b, b), M, eigvals_only=True)[-1], b @ inv(M) @ b)

# %% [markdown]
# For the **exact** increase put into $M$ what is left of $\phi$ when the current inputs are
# regressed out, its Schur complement. ($B$ stays, since $g_r$ is uncorrelated with $a_c$.)
#
# $$M = E[\phi\, \phi^\top] - E[\phi\, a_c^\top]\, A_c^{-1} E[a_c\, \phi^\top] .$$

# %%
from sennpy import best_coefficients, delta_eta

M_c = M - Phi.T @ x_c / 50 @ inv(x_c.T @ x_c / 50) @ x_c.T @ Phi / 50

# %%
# z is among the current inputs: see below
k_exact = np.linalg.pinv(M_c, rcond=1e-9) @ b
exact = delta_eta(x_c, (Phi @ k_exact)[:, None], g_r[:, None], np.eye(1))
assert np.isclose(exact, b @ np.linalg.pinv(M_c, rcond=1e-9) @ b)

# %%
for a_c, expected in [(None, b @ inv(M) @ b), (x_c, exact)]:
    assert np.isclose(best_coefficients(1.5 * x - 1, g_r[:, None], np.eye(1),
        a_c)[1], expected)
print(f"bound {b @ inv(M) @ b:.4f}, exact increase {exact:.4f}, "
    f"each with its own best coefficients")

# %% [markdown]
# *Break it.* Why `pinv`, and not `inv`? Here $M_c$ is *singular*: the linear part $z = 1.5x - 1$ is
# a combination of $x$ and 1, and nothing is left of it. And on the board, at
# $z = (-1, 0, 1)$, the wave $\phi_v$ *is* $z$, so already $M$ is. The library cuts such directions.

# %%
board = basis(np.array([-1.0, 0, 1]))
print("ranks:", np.linalg.matrix_rank(M_c, tol=1e-9), "and",
    np.linalg.matrix_rank(board), "of 3")

# %%
k_board, value = best_coefficients([-1.0, 0, 1], [[1.0], [-2], [1]], np.eye(1))
assert np.isclose(value, 2 / 9)  # the bump's: the wave is uncorrelated with g_r

# %% [markdown]
# Three of five parameters are gone, and the landscape over the two others is that of the *best*
# neuron at each place. Its gradient is free as well: where $k$ is best, moving it a little changes
# nothing, so only the direct dependence on $\theta$ counts (the *envelope theorem*),
#
# $$\frac{d}{d\theta} \max_k \Delta\eta'(\theta, k) = \frac{\partial \Delta\eta'}{\partial \theta}(\theta, k_\text{best}) .$$

# %%
def profiled(theta):  # one output: B^T M^-1 B
    Phi = basis(preactivations(theta))
    return g_r @ Phi @ inv(Phi.T @ Phi) @ Phi.T @ g_r / 50

def with_fixed(theta, k):
    a = basis(preactivations(theta)) @ k
    return np.mean(a * g_r) ** 2 / np.mean(a * a)

# %%
here = np.array([0.4, -0.3])
k_here = np.linalg.lstsq(basis(preactivations(here)), g_r, rcond=None)[0]

# %%
for unit in np.eye(2):
    total = profiled(here + 1j * h * unit).imag
    partial = with_fixed(here + 1j * h * unit, k_here).imag
    assert np.isclose(total / h, partial / h)

# %% [markdown]
# Here is the landscape of 06, lesson 8, once more, with the best coefficients at every place.

# %%
x_column, residual, one = x[:, None], g_r[:, None], np.eye(1)

def best_neuron(location, log_scale, a_c=None):
    z = (x - location) / 10**log_scale
    k, value = best_coefficients(z, residual, one, a_c)
    return basis(z) @ k[:, None], value

# %%
places = np.linspace(-3, 3, 49), np.linspace(-1.5, 1.5, 37)
bounds, exacts = [np.array([[best_neuron(m, log_s, a_c)[1] for m in places[0]]
    for log_s in places[1]]) for a_c in (None, x_c)]
assert np.all(bounds <= exacts * (1 + 1e-9))
assert bounds.max() > 3 * landscape.max()

# %%
def fitted(a):
    return a @ np.linalg.lstsq(a, residual, rcond=None)[0]

def show(location, log_scale):
    at = (location, 10**log_scale)
    alone, bound = best_neuron(location, log_scale)
    helped, exact = best_neuron(location, log_scale, x_c)
    fits = {"alone": fitted(alone),
        "with current inputs": fitted(np.hstack([x_c, helped]))}
    maps = {r"bound $\Delta\eta'$": bounds, r"exact $\Delta\eta$": exacts}
    return plots.proposal_figure(x_column, residual, fits, places[0],
        10 ** places[1], maps, at, (bound, exact))

show(location=0.0, log_scale=-0.2);

# %% [markdown]
# The bump had four islands, one at each hill and valley of the residual gradient. The best neuron has its summit in
# the middle, at 0: it is a wave with a straight tail, which follows two hills and two valleys at once. It is
# worth more than three of the best bumps.

# %%
row = landscape[np.argmin(np.abs(np.exp(u) - 0.3))]  # bumps of scale 0.3
islands = locations[1:-1][(row[1:-1] > row[:-2]) & (row[1:-1] > row[2:])]
sign_there = [np.sign(g_r[np.argmin(np.abs(x - m))]) for m in islands]
print("islands of the bump at", islands)
print("where the residual gradient is", np.array(sign_there))
# hills and valleys in turn
assert len(islands) == 4 and np.all(np.diff(sign_there) != 0)
assert abs(places[0][np.unravel_index(bounds.argmax(), bounds.shape)[1]]) < 0.3

# %% [markdown]
# If the notebook is running, move it. How does the fit change as the scale grows, and where do the two scores part?

# %%
def slider(value, end):
    return ipywidgets.FloatSlider(value, min=-end, max=end, step=0.1,
        continuous_update=False)

def live(location, log_scale):
    show(location, log_scale)

ipywidgets.interact(live, location=slider(0.0, 3), log_scale=slider(-0.2, 1.5));

# %% [markdown]
# ## 2. What the released code samples: (E17)
#
# The authors published their code along with the paper, and it moves its walkers differently. With
# $\delta(\theta, g) = -r\,(g/T + \theta) + \sqrt{2r}\,\xi$ and *the same* $\xi$ twice, a step goes to
#
# $$\begin{aligned} \text{half} &= \theta + \tfrac12\, \delta(\theta, g(\theta)), \\
#   \theta' &= \theta + \delta(\text{half}, g(\text{half})) . \end{aligned}$$
#
# Two things are unusual. The "gradient" is $g = +\frac12 \nabla \text{score}$, and $\delta$ goes
# *against* it: downhill. And the probability to accept is
#
# $$\mathrm{acc} = \min\left(1, \exp\frac{\mathcal E(\theta) - \mathcal E(\theta') + \bar g \cdot \delta(\theta, \bar g)}{T}\right),$$
#
# with the energy $\mathcal E = -\text{score} + \theta^2$ and $\bar g$ the mean of both gradients: not the
# $q(\theta|\theta')/q(\theta'|\theta)$ of 07, lesson 4. Written out for one parameter, beside the library's:

# %%
def released_by_hand(score, half_slope, theta, r, T, xi):
    delta = lambda theta, g: -r * (g / T + theta) + np.sqrt(2 * r) * xi
    half = theta + delta(theta, half_slope(theta)) / 2
    new = theta + delta(half, half_slope(half))
    mean = (half_slope(theta) + half_slope(new)) / 2
    gap = ((theta**2 - score(theta)) - (new**2 - score(new))
        + mean * delta(theta, mean))
    return new, np.minimum(1, np.exp(gap / T))

# %%
from sennpy.expansion.mala import draw, initial_state, step
from sennpy.growth.released import released_state, released_step

# %%
# a score with one summit, at 1
hill = lambda theta: 3 * np.exp(-2 * (theta - 1) ** 2)
hill_slope = lambda theta: -4 * (theta - 1) * hill(theta)
evaluate = lambda theta: (hill(theta)[:, 0], hill_slope(theta))

# %%
theta, xi = rng.standard_normal((2, 1000, 1))
new, acc = released_by_hand(hill, lambda theta: hill_slope(theta) / 2, theta,
    0.3, 1.0, xi)

# %%
all_in = np.full(1000, -np.inf)  # log u: accept whatever is suggested
state, probability = released_step(evaluate, released_state(evaluate, theta), 0.3,
    1.0, xi, all_in)
assert np.allclose(probability, acc[:, 0]) and np.allclose(state.position, new)

# %% [markdown]
# What does it sample? Take the simplest case, no score at all: by (E11) the walkers should follow
# the prior, $N(0, 1)$. We can say exactly what they do instead.
#
# **Step 1.** Without a score $g = 0$, and the two half steps make one linear step:
#
# $$\begin{gathered} \theta' = \kappa\, \theta + \omega\, \xi, \\
#   \kappa = 1 - r + \tfrac{r^2}{2}, \qquad \omega = \left(1 - \tfrac r2\right)\sqrt{2r} . \end{gathered}$$

# %%
r = 0.3
kappa, omega = 1 - r + r**2 / 2, (1 - r / 2) * np.sqrt(2 * r)
new, acc = released_by_hand(lambda theta: 0 * theta, lambda theta: 0 * theta,
    theta, r, 1.0, xi)

# %%
assert np.allclose(new, kappa * theta + omega * xi)
assert np.allclose(acc, np.minimum(1, np.exp(theta**2 - new**2)))

# %% [markdown]
# **Step 2.** If all were accepted, the variance would settle, as in 07, lesson 3, at
#
# $$V = \frac{\omega^2}{1 - \kappa^2} = \frac{2 - r}{2 - r + r^2/2},$$
#
# which is nearly 1. So far all is well.

# %%
V = omega**2 / (1 - kappa**2)
print(f"V = {V:.4f}")
assert np.isclose(V, (2 - r) / (2 - r + r**2 / 2))

# %% [markdown]
# **Step 3.** These suggestions are in detailed balance with $N(0, V)$ by themselves:
#
# $$N(\theta; 0, V)\, q(\theta'|\theta) = N(\theta'; 0, V)\, q(\theta|\theta') .$$

# %%
flow = lambda theta, new: np.exp(-(theta**2) / (2 * V)
    - (new - kappa * theta) ** 2 / (2 * omega**2))
assert np.allclose(flow(theta, new), flow(new, theta))

# %% [markdown]
# **Step 4.** Then comes the acceptance, $\min(1, \exp(\theta^2 - \theta'^2))$ by step 1, and filters once more.
# Which density is in balance with both? Multiply step 3 by $\exp(-\theta^2)$:
#
# $$\begin{aligned} &N(\theta; 0, V)\, e^{-\theta^2} \cdot q(\theta'|\theta) \min(1, e^{\theta^2 - \theta'^2}) \\
#   &\quad = N(\theta; 0, V)\, q(\theta'|\theta) \min(e^{-\theta^2}, e^{-\theta'^2}), \end{aligned}$$
#
# which is symmetric in $\theta$ and $\theta'$.

# %%
kept = lambda theta, new: (flow(theta, new) * np.exp(-(theta**2))
    * np.minimum(1, np.exp(theta**2 - new**2)))
assert np.allclose(kept(theta, new), flow(theta, new)
    * np.minimum(np.exp(-(theta**2)), np.exp(-(new**2))))
assert np.allclose(kept(theta, new), kept(new, theta))

# %% [markdown]
# **Step 5.** So the walkers follow $N(\theta; 0, V) \exp(-\theta^2)$: the prior is counted once by the
# suggestions and twice more by the acceptance. It is normal again, with
#
# $$\text{variance} = \frac{1}{1/V + 2} \approx \frac13 .$$

# %%
variance = 1 / (1 / V + 2)
print(f"variance {variance:.4f}; for small steps {1 / 3:.4f}")

# %%
some = rng.standard_normal(10)
assert np.allclose(some**2 / (2 * V) + some**2, some**2 / (2 * variance))

# %%
def crowd_of(kernel, start, steps=200):
    state = start
    for _ in range(steps):
        state = kernel(state, *draw(state, rng))[0]
    return state.position[:, 0]

def released(evaluate):
    start = released_state(evaluate, rng.standard_normal((20_000, 1)))
    return crowd_of(lambda state, xi, log_u: released_step(evaluate, state, r,
        1.0, xi, log_u), start)

# %%
def textbook(evaluate):  # the same score, the same prior
    def density(theta):
        score, slope = evaluate(theta)
        return score - (theta**2).sum(axis=-1) / 2, slope - theta
    start = initial_state(density, rng.standard_normal((20_000, 1)))
    return crowd_of(lambda state, xi, log_u: step(density, state, r, xi, log_u),
        start)

# %%
nothing = lambda theta: (np.zeros(len(theta)), np.zeros_like(theta))
flat = {"textbook (E11)": textbook(nothing), "released (E17)": released(nothing)}
with_hill = {"textbook (E11)": textbook(evaluate),
    "released (E17)": released(evaluate)}

# %%
error = 4 * np.sqrt(2 / 20_000)  # four standard errors of a variance 1
assert abs(flat["textbook (E11)"].var() - 1) < error
assert abs(flat["released (E17)"].var() - variance) < error * variance

# %% [markdown]
# And with a score, the hill from above? Now downhill drift and prior pull the same way.

# %%
line = np.linspace(-4, 4, 401)
prior, target = np.exp(-(line**2) / 2), np.exp(hill(line) - line**2 / 2)
plots.histograms_figure(line, {
    "no score: the prior alone": (prior / (prior.sum() * 0.02), flat),
    "a score with its summit at 1": (target / (target.sum() * 0.02), with_hill),
});

# %%
mean_score = {name: hill(where).mean() for name, where in with_hill.items()}
expected = (target * hill(line)).sum() / target.sum()
print(f"mean score by (E11): {expected:.2f}")

# %%
assert abs(mean_score["textbook (E11)"] - expected) < 0.05
assert mean_score["released (E17)"] < 0.8 * expected

# %% [markdown]
# The textbook's walkers lie under the black line, the released code's do not. How could networks
# grow well all the same? Because a search keeps good proposals: even walkers that linger beside
# the summit pass over it now and then, and 100 of them do so often. A sampler that is wrong does not crash; it looks
# like a somewhat less lucky one. That is why 07, lesson 5, *tested* what its walkers
# sample.
#
# ## 3. Loop, NumPy, compiled: equal first, then timed
#
# A search evaluates a score a million times. Fast code is harder to read, so write it three times,
# and believe the fast one only when it agrees with the slow one. A layer of a real network: 60
# points, 2 inputs, and 20 proposals $\theta$ = (3 weights, $v, c, l$).

# %%
from sennpy import MLP, SquaredError, View

X = rng.standard_normal((60, 2))
net = MLP.random((2, 3, 2), rng=rng)
t = np.column_stack([X[:, 0] * X[:, 1], np.sin(2 * X[:, 0])])
place = View.of(net, X, t, SquaredError()).place("neuron", 0)

# %%
theta = rng.standard_normal((20, 6))

# %% [markdown]
# A `Place` holds what a search needs to know: inputs, $g_r$, $G$; a `View` makes it from network and data. The library's
# objective puts the inputs into *standard* form, mean 0 and of order one, so that $N(0, I)$ is a
# sensible prior in any units; its `r` is $\tilde g = G^{-1/2} g_r$. First the loop, which could be read aloud:

# %%
from sennpy.growth.objectives import NeuronObjective

objective = NeuronObjective(place)
inputs, white = objective.inputs.x, objective.r
print("inputs", inputs.shape, "whitened residual", white.shape)

# %%
def by_loop(theta):
    scores = []
    for w_x, w_y, bias, v, c, l in theta:
        A, D = 0.0, [0.0, 0.0]
        for row, g_n in zip(inputs, white, strict=True):
            z = w_x * row[0] + w_y * row[1] + bias * row[2]
            a = (v * 2 * z + c) / (1 + z * z) + l * z
            A += a * a / 60
            for o in range(2):
                D[o] += a * g_n[o] / 60
        scores.append(sum(d * d for d in D) / A)
    return np.array(scores)

# %% [markdown]
# With arrays the loops disappear: one matrix product for all pre-activations, one for all $D$.

# %%
def by_numpy(theta):
    z, (v, c, l) = inputs @ theta[:, :3].T, theta[:, 3:].T
    a = (v * 2 * z + c) / (1 + z * z) + l * z
    D = a.T @ white / 60
    return (D**2).sum(axis=1) / (a * a).mean(axis=0)

# %% [markdown]
# And compiled: numba turns Python loops into machine code; the files of `kernels/` hold such loops.
# They also return the gradient, by hand as always, so that is compared with NumPy's too.

# %%
from sennpy.growth.compiled import CompiledNeuronObjective

compiled = CompiledNeuronObjective(place)
scores, gradients = compiled.evaluate(theta)

# %%
assert np.allclose(by_loop(theta), by_numpy(theta))
assert np.allclose(by_loop(theta), scores)
assert np.allclose(gradients, objective.evaluate(theta)[1])

# %% [markdown]
# The objective with its best coefficients (E12) has twins as well; there $\theta$ is the weights
# alone.

# %%
from sennpy.growth.compiled import CompiledProfiledNeuronObjective
from sennpy.growth.objectives import ProfiledNeuronObjective

pair = ProfiledNeuronObjective(place), CompiledProfiledNeuronObjective(place)
(score_a, slope_a), (score_b, slope_b) = [twin.evaluate(theta[:, :3])
    for twin in pair]
assert np.allclose(score_a, score_b) and np.allclose(slope_a, slope_b)
# the best coefficients are not worse than drawn ones
assert np.all(score_a >= scores)

# %% [markdown]
# Equal; now, and only now, time them. Times differ between machines, so none are stored here. If
# the notebook is running, type into a new cell
#
#     %timeit by_loop(theta)
#     %timeit by_numpy(theta)
#
#     %timeit objective.evaluate(theta)
#     %timeit compiled.evaluate(theta)
#
# Expect NumPy to beat the loop a hundredfold or more. In the other pair, which also makes gradients,
# compiled code wins again by a large factor, for a different reason: there NumPy has many *small* arrays
# to handle, and its overhead is paid for each. Whole walks are compared in the appendix.

# %% [markdown]
# ## 4. The real thing
#
# Three searches of the library with at most about 3000 evaluations each: draws, walkers, and draws
# with (E12) of which the best climb. Places with 2 inputs and with 12, eight networks each. A score is
# given as a share of the supremum of 06, what no proposal can exceed.

# %%
from sennpy import MalaSearch, ProfileSearch, RandomSearch

def place_with(n_in, seed, N=200):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, n_in))
    t = np.column_stack([np.sin(X[:, 0] + X[:, 1]), X[:, 0] * X[:, 1]])
    net = MLP.random((n_in, 3, 2), rng=rng)
    return View.of(net, X, t, SquaredError()).place("neuron", 0)

# %%
walkers = MalaSearch(chains=20, bursts=15, burst_length=10, temperature=0.01)
searches = {"random": RandomSearch(3000), "walkers": walkers,
    "profile": ProfileSearch()}
def share_of(search, at):
    return search.neurons(at, rng=0).measured(at).bound / at.supremum

# %%
shares = {}
for n_in in (2, 12):
    ats = [place_with(n_in, seed) for seed in range(8)]
    shares[n_in] = {name: np.mean([share_of(search, at) for at in ats])
        for name, search in searches.items()}
    print(f"{n_in:>2} inputs:",
        {name: f"{share:.0%}" for name, share in shares[n_in].items()})

# %% [markdown]
# With two inputs draws and walkers find about as much, and three quarters of what profiling finds. With twelve,
# draws fall behind the walkers, and both far behind profiling, which has three parameters less to search and climbs.
# (The networks are untrained, their $\eta_c$ is large, and $T$ is in units of it: hence so cold.)

# %%
few, many = shares[2], shares[12]
assert abs(few["random"] / few["walkers"] - 1) < 0.15
assert 0.6 < few["random"] / few["profile"] < 0.9
assert many["random"] < 0.85 * many["walkers"] < 0.6 * many["profile"]

# %% [markdown]
#
# ## Exercises

# %% [markdown]
# ### Exercise 1 (medium)
#
# Predict what the released kernel does without a score at $r = 1$ (variance?), then simulate. And
# mend it: which acceptance would make its suggestions sample $N(0, 1)$ exactly?
#
# *Check:* `check("07b.1", (V, variance))`: two numbers: of the suggestions alone, and of the kernel.

# %% tags=["solution"]
r3 = 1.0
V3 = (2 - r3) / (2 - r3 + r3**2 / 2)
state3 = released_state(nothing, rng.standard_normal((20_000, 1)))
found3 = crowd_of(lambda state, xi, log_u: released_step(nothing, state, r3, 1.0,
    xi, log_u), state3).var()
print(f"V = {V3:.4f}, variance {1 / (1 / V3 + 2):.4f}")
assert abs(found3 - 1 / (1 / V3 + 2)) < error / 3

# %% [markdown] tags=["solution"]
# $V = \frac23$, variance $\frac27$. To mend it, divide by what the suggestions are in balance with (step 3):
# $\mathrm{acc} = \min(1, \frac{N(\theta'; 0, 1)\, N(\theta; 0, V)}{N(\theta; 0, 1)\, N(\theta'; 0, V)})$, which for
# small $r$ is nearly always 1.

# %% tags=["solution"]
where = rng.standard_normal(20_000)
for _ in range(100):
    noise3 = np.sqrt(2 * r3) * rng.standard_normal(20_000)
    new3 = (1 - r3 + r3**2 / 2) * where + (1 - r3 / 2) * noise3
    gap3 = (where**2 - new3**2) / 2 * (1 - 1 / V3)
    where = np.where(np.log(1 - rng.random(20_000)) < gap3, new3, where)
assert abs(where.var() - 1) < error

# %% tags=["solution"]
assert check("07b.1", (V3, 1 / (1 / V3 + 2)))

# %% [markdown]
# ### Exercise 2 (medium)
#
# Two neurons have the weights $z = 1.5x - 1$ and $z = (x + 0.5)/0.4$; their six coefficients are free. Is the best pair
# made of the two best single neurons? What is an upper limit for all pairs at these weights? Use `basis` and the data
# of lesson 1.
#
# *Check:* `check("07b.2", (shapes, residual, together, limit))`: the six shapes (50, 6), the residual (50,), then two numbers.

# %% tags=["solution"]
z4 = np.stack([1.5 * x - 1, (x + 0.5) / 0.4])
singles = [basis(z) @ best_coefficients(z, residual, one)[0] for z in z4]
together = delta_eta_bound(np.column_stack(singles), residual, one)
limit = np.mean(fitted(np.hstack([basis(z) for z in z4])) ** 2)
print(f"the two best singles {together:.4f}, limit {limit:.4f}")
assert together < limit

# %% tags=["solution"]
shapes = np.hstack([basis(z) for z in z4])
assert check("07b.2", (shapes, residual, together, limit))

# %% [markdown] tags=["solution"]
# With one output the limit is the fit by all six shapes, $\Phi k$; it is reached by a pair (one
# neuron with the first three coefficients, one with the others). The best singles are not that
# pair: each was fitted alone, and what they have in common is counted twice. `ProfileSearch` finds
# the second neuron *given* the first, which is better, and not best either.

# %% [markdown]
# ### Exercise 3 (open-ended)
#
# On which landscapes do walkers pay? Change lesson 4: the number of inputs, the temperature, the
# number of steps, a target of which only one input matters. Compare equal numbers of evaluations.
# When does `RandomSearch` do as well? What could be said against `ProfileSearch`?
#
# *Check:* `check("07b.3", (place, hot, cold))`: a place, and lists of what `MalaSearch` finds there over a few seeds, at a high $T$ and at a low one.

# %% tags=["solution"]
place5, found5 = place_with(12, seed=5), []
for T5 in (10, 1, 0.1, 0.01):
    hunt = MalaSearch(chains=20, bursts=15, burst_length=10, temperature=T5)
    found5.append([hunt.neurons(place5, rng=seed) for seed in range(5)])
    shares5 = [c.measured(place5).bound / place5.supremum for c in found5[-1]]
    print(f"T = {T5:<5} {np.mean(shares5):.0%} of the supremum on average over "
        f"five seeds")
best5 = ProfileSearch().neurons(place5, rng=0).measured(place5)
assert best5.bound / place5.supremum > np.mean(shares5)

# %% tags=["solution"]
assert check("07b.3", (place5, found5[0], found5[-1]))

# %% [markdown] tags=["solution"]
# Hot walkers are draws from the prior, one after another; colder ones climb. `ProfileSearch` still
# finds more here: it maximises, and it has fewer parameters to search. Against it: it needs an
# activation that is linear in its coefficients, and the same few summits come out again and again
# where one may want variety.

# %% [markdown]
# ## Appendix: walks in bursts
#
# How the library moves many walkers: all they need to go on is kept in one object, `Chains` (the state, the best place
# that each has seen, and its score), and `burst` moves them a number of steps. There are two of it, one in NumPy and
# one compiled. Both are given the *same* noise, so that chance is no excuse: 30 steps of 20 walkers must end at the
# same places, after as many acceptances.

# %%
from sennpy.growth.objectives import Chains

unit = place.eta
start = initial_state(lambda theta: objective.density(theta, unit), theta)

# %%
chains = Chains(start, theta, objective.evaluate(theta)[0])
xi, log_u = rng.standard_normal((30, 6, 20)), np.log(1 - rng.random((30, 20)))

# %%
slow, slow_accepted = objective.burst(chains, unit, 0.1, xi, log_u)
fast, fast_accepted = compiled.burst(chains, unit, 0.1, xi, log_u)
assert np.allclose(slow.state.position, fast.state.position)
assert slow_accepted == fast_accepted
print(f"{slow_accepted} of {log_u.size} steps accepted by both")

# %% [markdown]
# If the notebook is running, time these too:
#
#     %timeit objective.burst(chains, unit, 0.1, xi, log_u)
#     %timeit compiled.burst(chains, unit, 0.1, xi, log_u)
#
# What does not depend on the machine is how often the score is evaluated, and that can be counted: a Langevin step takes
# **one** gradient, that of the suggestion, since the old one is kept.

# %%
class Counted(NeuronObjective):
    calls = 0

    def evaluate(self, theta):
        self.calls += len(theta)
        return super().evaluate(theta)

# %%
counted = Counted(place)
counted.burst(chains, unit, 0.1, xi, log_u)
print(f"{counted.calls} gradients for {len(xi)} steps of {len(theta)} walkers")
assert counted.calls == len(xi) * len(theta)

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - (E12): for given weights the best coefficients are a top generalised eigenvector; the gradient
#   of the best score is that at fixed coefficients.
# - (E17): the released kernel drifts downhill and counts the prior three times; without a score its
#   variance is $\frac13$ in place of 1.
# - Slow twin, fast twin: equal first, then timed.
#
# </div>
#
# Next: [08 When to add and when to stop](08_when_to_add_and_when_to_stop.ipynb)

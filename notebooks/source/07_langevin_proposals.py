# %% [markdown]
# # 07 Langevin proposals
#
# 06 says what a proposed neuron is worth, 04 that its incoming weights must be chosen, not learned.
# This notebook searches: first blindly, then uphill, then by walkers that climb and tremble at the
# same time. It proves that their trembling can be made *exactly* right, shows what happens when it
# is not, and ends with a part of the search that needs no searching at all.
#
# - **You will be able to** derive the Metropolis-adjusted Langevin algorithm and check its detailed
#   balance; sample proposals from the paper's density; predict what the released code samples
#   instead; find a neuron's best coefficients in closed form; test a fast version against a slow
#   one.
# - **You need** the bound and its gradient (06), the normal distribution, and what the eigenvectors
#   of a symmetric matrix are.
# - **Labels:** (E11), (E12), (E17)
# - **Run time:** about twenty seconds, and half a minute more when kernels are compiled (once a machine)
# - **Previous:** [06 The lower bound](06_the_lower_bound.ipynb)
# - **Next:** [08 When to add and when to stop](08_when_to_add_and_when_to_stop.ipynb)

# %%
import ipywidgets
import numpy as np
from numpy.linalg import inv

from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(7)

# %% [markdown]
# ## 1. Search blindly
#
# The board of 06: three points $x = (-1, 0, 1)$, residual gradient $g_r = (1, -2, 1)$, one output,
# $G = 1$. A proposal is a bump at location $m$ with scale $e^u$. It has the parameters
# $\theta = (m, u)$, and
#
# $$a_p = \frac{1}{1 + z^2}, \qquad z = (x - m)\, e^{-u}, \qquad \Delta\eta' = \frac{E[a_p g_r]^2}{E[a_p^2]} .$$

# %%
x, g_r = np.array([-1.0, 0, 1]), np.array([1.0, -2, 1])

# (..., 2) to (..., N): as many proposals at once as one likes
def activations(theta):
    z = (x - theta[..., :1]) * np.exp(-theta[..., 1:])
    return z, 1 / (1 + z**2)

def score(theta):
    a = activations(theta)[1]
    return (a * g_r).mean(axis=-1) ** 2 / (a * a).mean(axis=-1)

# %%
print("a_p =", activations(np.zeros(2))[1], f"  score {score(np.zeros(2)):.4f}")
assert np.isclose(score(np.zeros(2)), 2 / 9)

# %% [markdown]
# That is the bump of 06. From now on 50 points instead of three, and the wave that a line was
# fitted to.

# %%
from sennpy import residual_gradient

x = np.sort(rng.standard_normal(50))
t = np.sin(2 * x) + 0.1 * rng.standard_normal(50)

# %%
x_c = np.column_stack([x, np.ones(50)])
g_r = residual_gradient(x_c, -t[:, None])[:, 0]

# %%
locations, u = np.linspace(-3, 3, 181), np.linspace(-3, 3, 181)
grid = np.stack(np.meshgrid(locations, u), axis=-1)  # (scale, location, 2)
landscape = score(grid)
print(f"the best score on the grid is {landscape.max():.4f}")

# %% [markdown]
# The plainest search draws proposals from $N(0, I)$ and keeps the best. It is a good beginning: the
# draws see all of the landscape. But how many of them are any good?

# %%
draws = rng.standard_normal((20_000, 2))
good = np.mean(score(draws) > 0.95 * landscape.max())
print(f"one draw in {1 / good:.0f} reaches 95% of the best")
assert good < 0.01

# %% [markdown]
# To be nine tenths sure of one such draw, if a share $\epsilon$ of all is good, one needs as many draws as
#
# $$(1 - \epsilon)^\text{draws} = 0.1, \qquad \text{draws} = \frac{\ln 0.1}{\ln(1 - \epsilon)} \approx \frac{2.3}{\epsilon} .$$

# %%
needed = np.log(0.1) / np.log(1 - good)
assert np.isclose((1 - good) ** needed, 0.1)
assert np.isclose(needed, 2.3 / good, rtol=0.01)
print(f"{needed:.0f} draws")

# %% [markdown]
# With two parameters one can afford that. Each further parameter that has to be right divides $\epsilon$
# again: a neuron with ten inputs has fourteen (ten weights, a bias, three coefficients).
#
# ## 2. Search uphill
#
# 06 ended with the gradient (E10) in the activations; the chain rule takes it on to $\theta$. On
# the board, for the bump at $m = 0$, $u = 0$: the fit is $A_p^{-1} D = -\frac23$, so
#
# $$\begin{aligned} \frac{\partial \Delta\eta'}{\partial a_p} &= \tfrac23 \left(-\tfrac23\right) \left(g_r + \tfrac23 a_p\right) \\
#   &= \tfrac{16}{27}\, (-1, 1, -1) . \end{aligned}$$

# %%
a_b, g_b = np.array([0.5, 1, 0.5]), np.array([1.0, -2, 1])
fit = np.mean(a_b * g_b) / np.mean(a_b**2)
pull = 2 / 3 * fit * (g_b - fit * a_b)

# %%
assert np.isclose(fit, -2 / 3)
assert np.allclose(pull, 16 / 27 * np.array([-1, 1, -1]))

# %% [markdown]
# Both flanks should go down: narrower is better. With $\partial a_p / \partial z = -2 z a_p^2$,
# $\partial z/\partial m = -e^{-u}$ and $\partial z/\partial u = -z$,
#
# $$\begin{aligned} \frac{\partial \Delta\eta'}{\partial u} &= \sum_n \frac{\partial \Delta\eta'}{\partial a_p}\, 2 z^2 a_p^2 = -\tfrac{16}{27}, \\
#   \frac{\partial \Delta\eta'}{\partial m} &= \sum_n \frac{\partial \Delta\eta'}{\partial a_p}\, 2 z a_p^2 = 0 . \end{aligned}$$

# %%
z_b = np.array([-1.0, 0, 1])
assert np.isclose((pull * 2 * z_b**2 * a_b**2).sum(), -16 / 27)
assert np.isclose((pull * 2 * z_b * a_b**2).sum(), 0)

# %% [markdown]
# The same for any data and many proposals at once, and a complex step (01) to check it.

# %%
def slope(theta):
    z, a = activations(theta)
    fit = (a * g_r).mean(-1, keepdims=True) / (a * a).mean(-1, keepdims=True)
    d_z = 2 / len(x) * fit * (g_r - fit * a) * -2 * z * a**2
    return np.stack([-(d_z * np.exp(-theta[..., 1:])).sum(-1),
        -(d_z * z).sum(-1)], axis=-1)

# %%
theta, h = rng.standard_normal((5, 2)), 1e-20
for i, step in enumerate(np.eye(2)):
    assert np.allclose(score(theta + 1j * h * step).imag / h, slope(theta)[:, i])

# %% [markdown]
# Five climbers start here and there and follow the gradient.

# %%
climb = [np.array([[-2.3, -0.2], [-1.5, -1.2], [0.2, 0.5], [1.1, 1.0],
    [2.2, -1.0]])]
for _ in range(10_000):
    climb.append(climb[-1] + 0.05 * slope(climb[-1]))
climb = np.array(climb)
print("they end at the scores", score(climb[-1]), f"of {landscape.max():.4f}")

# %%
# each of them only ever climbs
assert np.all(np.diff(score(climb), axis=0) > -1e-12)
assert score(climb[-1]).min() < 0.7 * landscape.max()  # and not all to the top

# %% [markdown]
# Each ends on the hill at whose foot it started. Blind search sees everything and climbs nothing;
# climbing sees nothing else. We want walkers that do both.
#
# ## 3. Climb and tremble
#
# Think of the landscape as a *log-density*, $\log p(\theta)$, and let a walker move
#
# $$\begin{gathered} \theta' = \theta + r\, \nabla \log p(\theta) + \sqrt{2r}\; \xi, \\
#   \xi \sim N(0, I) . \end{gathered}$$
#
# This is the **Langevin** step: uphill by $r$ times the gradient, and noise. Why should such walkers stand where
# $p$ is large, and just as often as $p$ says? Follow a whole crowd of them with the density $\rho(\theta)$.
#
# For one parameter, and a small $r$.
#
# **Step 1.** Trembling alone. The walkers now at $\theta$ were at $\theta - \sqrt{2r}\, \xi$. Expand the mean over
# $\xi$ by Taylor; $\xi$ has mean 0 and variance 1:
#
# $$E_\xi\left[\rho(\theta - \sqrt{2r}\, \xi)\right] = \rho - \sqrt{2r}\, E[\xi]\, \rho' + r\, E[\xi^2]\, \rho'' + \dots
#   = \rho + r\, \rho'' + O(r^2) .$$

# %%
line_t, small = np.linspace(-6, 6, 1201), 1e-3
rho = np.exp(-((line_t - 1) ** 2))  # a crowd, not yet where it belongs
slope_of = lambda f: np.gradient(f, line_t)

# %%
# each place sends its walkers to a normal density around `to`, variance 2r
def sent(to):
    kernel = np.exp(-((line_t[:, None] - to) ** 2) / (4 * small))
    kernel = kernel / np.sqrt(4 * np.pi * small)
    return kernel @ rho * 0.01

assert np.allclose((sent(line_t) - rho) / small,
    slope_of(slope_of(rho)), atol=0.02)

# %% [markdown]
# **Step 2.** Climbing alone, by $r\, w$ with $w = (\log p)'$: whoever was between two places is between where these
# have gone. A gap of 1 becomes one of $1 + r w'$, and what was at $\theta - r w$ is at $\theta$:
#
# $$\frac{\rho(\theta - r w)}{1 + r w'} = \rho - r w \rho' - r w' \rho + O(r^2) = \rho - r\, (\rho\, w)' + O(r^2) .$$

# %%
w = -line_t  # p = N(0, 1)
# theta came from theta / (1 - r)
climbed = np.interp(line_t / (1 - small), line_t, rho) / (1 - small)
assert np.allclose((climbed - rho) / small, -slope_of(rho * w), atol=0.02)

# %% [markdown]
# **Step 3.** Together the density changes as the slope of a *flow* (Fokker and Planck's equation: density only moves,
# none is made), in many parameters $\partial \rho / \partial t = -\nabla \cdot \text{flow}$ with
#
# $$\text{flow} = \underbrace{\rho\, \nabla \log p}_{\text{climbing}} - \underbrace{\nabla \rho}_{\text{trembling}} .$$

# %%
flow_of = lambda rho: rho * w - slope_of(rho)
assert np.allclose((sent((1 - small) * line_t) - rho) / small,
    -slope_of(flow_of(rho)), atol=0.02)

# %% [markdown]
# **Step 4.** The crowd has come to rest when nothing flows. Put in $\rho = p$, and use $p\, \nabla \log p = \nabla p$:
#
# $$p\, \nabla \log p - \nabla p = 0 .$$
#
# So $p$ is stationary: *at every place as many climb up as tremble down*. No other density has no flow, since
# $\rho\, \nabla \log p = \nabla \rho$ says that $\nabla \log \rho = \nabla \log p$. All this holds in the
# limit of small $r$; what a finite $r$ does is seen next, and mended in lesson 4.

# %%
at_rest = np.exp(-(line_t**2) / 2)
assert np.allclose(flow_of(at_rest), 0, atol=1e-4)
assert np.abs(flow_of(rho)).max() > 0.5

# %% [markdown]
# On the board: $p = N(0, 1)$, so $\nabla \log p = -\theta$.

# %%
theta, xi, r = 2.0, 0.5, 0.5
moved = theta + r * -theta + np.sqrt(2 * r) * xi
print("from", theta, "to", moved)

# %%
assert moved == (1 - r) * theta + np.sqrt(2 * r) * xi == 1.5

# %% [markdown]
# How wide do such walkers scatter in the long run? In one step their variance $V$ becomes
# $(1 - r)^2 V + 2r$. When it no longer changes,
#
# $$\begin{gathered} V = (1 - r)^2\, V + 2r, \quad\text{hence} \\
#   V = \frac{2r}{1 - (1 - r)^2} = \frac{1}{1 - r/2} . \end{gathered}$$

# %%
V = 1 / (1 - r / 2)
print(f"V = {V:.4f}")
assert np.isclose(V, 4 / 3) and np.isclose((1 - r) ** 2 * V + 2 * r, V)

# %%
where = np.zeros(20_000)
for _ in range(50):
    where = (1 - r) * where + np.sqrt(2 * r) * rng.standard_normal(where.shape)
# four standard errors
assert abs(where.var() - V) < 4 * V * np.sqrt(2 / len(where))

# %% [markdown]
# It should be 1 and is $\frac43$. Smaller steps are less wrong, and slow.
#
# *Break it.* What happens with $r = 2$? And beyond?

# %%
variances = [0.0]
for _ in range(5):
    variances.append((1 - 2) ** 2 * variances[-1] + 2 * 2)
print("r = 2, variance step by step:", variances)
assert np.allclose(np.diff(variances), 4)

# %% [markdown]
# At $r = 2$ a step jumps over the summit to just as far on the other side, and the noise adds up
# for ever. Beyond, each step is longer than the one before.

# %% [markdown]
# ## 4. Metropolis: the step made exact
#
# The cure is seventy years old ([Metropolis et al. 1953](https://doi.org/10.1063/1.1699114 "metropolis1953");
# for any suggestions [Hastings 1970](https://doi.org/10.1093/biomet/57.1.97 "hastings1970"); for Langevin's
# [Roberts and Tweedie 1996](https://doi.org/10.2307/3318418 "roberts1996")): take the step as a mere
# *suggestion*, and refuse some. Which ones?
# Three places on the board with $p = (\frac12, \frac13, \frac16)$, and suggestions $q_{ij}$, from place $i$
# (row) to place $j$:

# %%
p = np.array([1 / 2, 1 / 3, 1 / 6])
q = np.array([[1 / 2, 1 / 4, 1 / 4],
              [1 / 2, 0.0, 1 / 2],
              [1 / 4, 1 / 2, 1 / 4]])

# %% [markdown]
# Let a crowd of walkers be distributed as $p$. The *flow* from $i$ to $j$ is the share of the crowd
# that stands at $i$ and is sent to $j$, $f_{ij} = p_i\, q_{ij}$. As suggested, $\frac18$ goes from
# 0 to 1 and $\frac16$ comes back:

# %%
f = p[:, None] * q
print(f)
assert np.isclose(f[0, 1], 1 / 8) and np.isclose(f[1, 0], 1 / 6)

# %% [markdown]
# So the crowd would shift. Accept a suggestion with probability
#
# $$\mathrm{acc}_{ij} = \min\left(1, \frac{p_j\, q_{ji}}{p_i\, q_{ij}}\right),$$
#
# that is, refuse just so many on the busier side that both sides are as busy as the quieter one:
#
# $$f_{ij}\, \mathrm{acc}_{ij} = \min(f_{ij}, f_{ji}) .$$

# %%
acc = np.minimum(1, np.divide(f.T, f, out=np.ones((3, 3)), where=f > 0))
print(f * acc)
assert np.allclose(f * acc, np.minimum(f, f.T))

# %% [markdown]
# The right side does not care which of the two is called $i$. That is **detailed balance**: between
# any two places the same flow goes there and back,
#
# $$p_i\, K_{ij} = p_j\, K_{ji},$$
#
# with $K$ the accepted moves, and those refused staying where they are.

# %%
K = q * acc
K += np.diag(1 - K.sum(axis=1))  # refused: stay
assert np.allclose(p[:, None] * K, (p[:, None] * K).T)

# %% [markdown]
# Sum over $i$, and the crowd keeps its shape:
#
# $$\sum_i p_i\, K_{ij} = p_j \sum_i K_{ji} = p_j .$$

# %%
assert np.allclose(p @ K, p)
print("anyone's way after 100 steps:", np.linalg.matrix_power(K, 100)[2])

# %% [markdown]
# Only the *ratio* $p_j/p_i$ occurs: a factor in front of $p$, which we would not know, cancels.
#
# *Break it.* Forget $q$ in the ratio and accept with $\min(1, p_j/p_i)$. It is an easy
# mistake to make, because it is right whenever $q$ is symmetric.

# %%
careless = q * np.minimum(1, p / p[:, None])
careless += np.diag(1 - careless.sum(axis=1))

# %%
print("it samples", np.linalg.matrix_power(careless, 100)[0], "instead of", p)
assert not np.allclose(p @ careless, p)

# %% [markdown]
# The same on a line, with Langevin steps as suggestions: $q(\theta'|\theta)$ is a normal density around
# $\theta + r \nabla \log p(\theta)$ with variance $2r$. A density with two hills, on a fine grid of places
# $\theta_i$:

# %%
line = np.linspace(-3.5, 3.5, 141)
left, right = 0.6 * np.exp(-2 * (line + 1.2) ** 2), np.exp(-3 * (line - 1.2) ** 2)

# %%
density = (left + right) / ((left + right).sum() * 0.05)
uphill = (-4 * (line + 1.2) * left - 6 * (line - 1.2) * right) / (left + right)

# %%
r = 0.2
mean = line + r * uphill
suggested = np.exp(-((line - mean[:, None]) ** 2) / (4 * r))
suggested = suggested / np.sqrt(4 * np.pi * r)
flow = density[:, None] * suggested

# %% [markdown]
# Suggested and accepted flows, and the law that they obey:
#
# $$f_{ij}\, \mathrm{acc}_{ij} = \min(f_{ij}, f_{ji}) .$$

# %%
from sennpy import explorables, plots

ratio = np.log(flow.T) - np.log(flow)
accepted = flow * np.exp(np.minimum(0, ratio))

# %%
assert np.allclose(accepted, np.minimum(flow, flow.T))
assert np.allclose(accepted, accepted.T)
assert not np.allclose(flow, flow.T, atol=0.01)

# %%
plots.detailed_balance(line, flow, accepted);

# %% [markdown]
# On the left the suggested flow is drawn out upright: suggestions lead back to the hills. In the
# middle is what goes there minus what comes back, red where too much goes. On the right, after the
# refusals, the flow is its own mirror image in the dashed line, and a picture of the difference
# would be blank. What it costs:

# %%
print(f"accepted: {accepted.sum() / flow.sum():.0%} of the suggestions")

# %% [markdown]
# The whole algorithm, the **Metropolis-adjusted Langevin algorithm** (MALA), for $p = N(0, 1)$ and
# a step that would be hopelessly wrong without refusals ($V = 4$):

# %%
def log_q(to, origin, r):
    return -((to - (origin + r * -origin)) ** 2) / (4 * r)

def one_step(theta, r, xi, log_u):
    new = theta + r * -theta + np.sqrt(2 * r) * xi
    log_acc = ((theta**2 - new**2) / 2
        + log_q(theta, new, r) - log_q(new, theta, r))
    return np.where(log_u < log_acc, new, theta)

# %%
where, r = rng.standard_normal(20_000), 1.5
for _ in range(50):
    where = one_step(where, r, rng.standard_normal(20_000),
        np.log(1 - rng.random(20_000)))

# %%
print(f"unadjusted {1 / (1 - r / 2):.0f}, adjusted within a few percent of 1")
assert abs(where.var() - 1) < 4 * np.sqrt(2 / 20_000)

# %% [markdown]
# The library's `mala` is this for any density. With the same noise, its step is ours:

# %%
from sennpy import mala
from sennpy.expansion.mala import draw, initial_state, step

# log p and its gradient
normal = lambda theta: (-(theta**2).sum(axis=-1) / 2, -theta)
state = initial_state(normal, rng.standard_normal((100, 1)))
xi, log_u = draw(state, rng)
ours = one_step(state.position, 1.5, xi, log_u[:, None])
assert np.allclose(step(normal, state, 1.5, xi, log_u)[0].position, ours)

# %% [markdown]
# ## 5. Walkers on the landscape: (E11)
#
# What should the density be? High where the score is high, but not so far out that only huge
# weights lead there. The paper takes
#
# $$p(\theta) \propto \exp\left(\frac{\Delta\eta'(\theta)}{T s}\right) N(\theta; 0, I),$$
#
# with the temperature $T$, and $s = \eta_c$, the receiving layer's own score, as the unit. So
#
# $$\nabla \log p = \frac{\nabla \Delta\eta'}{T s} - \theta .$$

# %%
eta_c = np.mean(t**2) - np.mean(g_r**2)  # what the line explains
log_p = lambda theta, T: score(theta) / (T * eta_c) - (theta**2).sum(axis=-1) / 2
gradient = lambda theta, T: slope(theta) / (T * eta_c) - theta

# %%
theta = rng.standard_normal((5, 2))
for i, unit in enumerate(np.eye(2)):
    assert np.allclose(log_p(theta + 1j * h * unit, 0.25).imag / h,
        gradient(theta, 0.25)[:, i])

# %% [markdown]
# The same starts as in lesson 2, the same landscape; cold, $T = \frac14$.

# %%
T = 0.25
chain = mala(lambda theta: log_p(theta, T), lambda theta: gradient(theta, T),
    climb[0], 0.05, 400, rng)
walked = chain.positions

# %%
summit = 0.95 * landscape.max()
climbed = (score(climb[-1]) > summit).sum()
walked_up = (score(walked).max(axis=0) > summit).sum()
print(f"{climbed} of 5 climbers came to the summit, "
    f"and more of the walkers passed it")
assert walked_up > climbed and 0.2 < chain.acceptance_rate < 0.8

# %%
def as_scales(paths):  # the picture shows scales e^u
    return np.stack([paths[..., 0], np.exp(paths[..., 1])], axis=-1)

plots.walkers_figure(locations, np.exp(u), landscape,
    {"draws": as_scales(draws[None, :200]), "climbers": as_scales(climb),
    "Langevin walkers": as_scales(walked[:200])});

# %% [markdown]
# Draws see everything and climb nothing, climbers stay on their hill, walkers climb *and* cross
# valleys. Follow such walkers step by step, and see what a hotter or colder density, a longer or shorter step
# makes of them. (The noise is drawn once and stays.)

# %%
explorables.walkers(x, x_c, g_r, eta_c, climb[0], T)

# %% [markdown]
# And, unlike any cleverly trembling climber, they visit each place exactly as often as
# (E11) says. Test it: 2000 walkers, and the share of them on each hill.

# %%
target = np.exp(log_p(grid, T))
target = target / target.sum()

# %%
starts = rng.standard_normal((2000, 2))
crowd = mala(lambda theta: log_p(theta, T), lambda theta: gradient(theta, T),
    starts, 0.1, 600, rng).positions[-1]

# %%
for name, inside in {
    "left of 0": lambda theta: theta[..., 0] < 0,
    "narrow": lambda theta: theta[..., 1] < -1,
    "high": lambda theta: score(theta) > 0.07,
}.items():
    share = target[inside(grid)].sum()
    print(f"{name:<10} density {share:.2f}")
    allowed = 5 * np.sqrt(share * (1 - share) / 2000)
    assert abs(inside(crowd).mean() - share) < allowed

# %% [markdown]
# The temperature decides what the walkers are after. Hot, they see little but the prior; cold, they
# see little but the summit, and take long to find it. The mean score under $p$ itself, by the grid:

# %%
means = []
for temperature in [4, 1, 0.25, 0.05]:
    weight = np.exp(log_p(grid, temperature))
    means.append((weight * landscape).sum() / weight.sum())
    print(f"T = {temperature:<5} mean score {means[-1]:.4f} of "
        f"{landscape.max():.4f}")
assert np.all(np.diff(means) > 0)

# %% [markdown]
# ## 6. What need not be searched: (E12)
#
# So far the neuron was a bump. The rational activation has three shapes (01),
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
    Phi = basis(activations(theta)[0])
    return g_r @ Phi @ inv(Phi.T @ Phi) @ Phi.T @ g_r / 50

def with_fixed(theta, k):
    a = basis(activations(theta)[0]) @ k
    return np.mean(a * g_r) ** 2 / np.mean(a * a)

# %%
here = np.array([0.4, -0.3])
k_here = np.linalg.lstsq(basis(activations(here)[0]), g_r, rcond=None)[0]

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
# ## 7. What the released code samples: (E17)
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
# $q(\theta|\theta')/q(\theta'|\theta)$ of lesson 4. Written out for one parameter, beside the library's:

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
# **Step 2.** If all were accepted, the variance would settle, as in lesson 3, at
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
# like a somewhat less lucky one. That is why lesson 5 *tested* what its walkers sample.
#
# ## 8. Loop, NumPy, compiled: equal first, then timed
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
# Walkers are compared with *given* noise, so that chance is no excuse: 30 steps of 20 walkers, once
# with `mala.step`, once compiled. They must end at the same places, after as many acceptances.

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
#     %timeit objective.burst(chains, unit, 0.1, xi, log_u)
#     %timeit compiled.burst(chains, unit, 0.1, xi, log_u)
#
# Expect NumPy to beat the loop a hundredfold or more. In the other groups, score and gradient and the
# walkers' steps, compiled code wins again by a large factor, for a different reason: there NumPy has
# many *small* arrays to handle, and its overhead is paid for each. What does not depend on the machine is how often the score is
# evaluated, and that can be counted: a Langevin step takes **one** gradient, that of the suggestion,
# since the old one is kept.

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
# ## 9. The real thing
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
# ### Exercise 1 (easy)
#
# On paper: $p = N(0, 1)$, a Langevin step with $r = \frac12$ from $\theta = 0$ suggests $\theta' = 2$. What is
# $\mathrm{acc}(0, 2)$? And $\mathrm{acc}(2, 0)$, should the suggestion be the way back?
#
# *Check:* `check("07.1", (there, back))`: two numbers.

# %% tags=["solution"]
log_acc = lambda theta, new: ((theta**2 - new**2) / 2
    + log_q(theta, new, 0.5) - log_q(new, theta, 0.5))
print(f"acc(0, 2) = {np.exp(min(0, log_acc(0, 2))):.4f}, "
    f"acc(2, 0) = {np.exp(min(0, log_acc(2, 0))):.0f}")
assert np.isclose(log_acc(0, 2), -1 / 2)

# %% tags=["solution"]
assert check("07.1", [np.exp(min(0, log_acc(*way))) for way in ((0, 2), (2, 0))])

# %% [markdown] tags=["solution"]
# $p(2)/p(0) = e^{-2}$. From 0 the mean is 0: $q(2|0) \propto e^{-4/2}$. From 2 the mean is 1:
# $q(0|2) \propto e^{-1/2}$. Together $e^{-2 - 1/2 + 2} = e^{-1/2} \approx 0.61$. The way back has
# $e^{+1/2}$, hence 1: one of the two directions is always accepted.

# %% [markdown]
# ### Exercise 2 (medium)
#
# How long should a step be? For $p = N(0, I)$ in 10 dimensions run `mala` with step sizes from 0.01
# to 2 and look at the acceptance rate and at the mean squared distance of a step (refused steps
# count 0). At which acceptance do walkers get on best?
#
# *Check:* `check("07.2", rate)`: the acceptance rate at the longest mean squared distance.

# %% tags=["solution"]
start10 = rng.standard_normal((500, 10))
rates, jumps = [], []
for r2 in (0.01, 0.05, 0.2, 0.6, 1.2, 2.0):
    run = mala(lambda theta: normal(theta)[0], lambda theta: -theta,
        start10, r2, 20, 0)
    rates.append(run.acceptance_rate)
    jumps.append((np.diff(run.positions, axis=0) ** 2).sum(axis=-1).mean())
    print(f"r = {r2:<5} accepted {rates[-1]:.2f}, "
        f"mean squared distance {jumps[-1]:.2f}")

# %% tags=["solution"]
assert np.all(np.diff(rates) < 0) and 0.4 < rates[np.argmax(jumps)] < 0.9

# %% tags=["solution"]
assert check("07.2", rates[np.argmax(jumps)])

# %% [markdown] tags=["solution"]
# Tiny steps are always accepted and lead nowhere, huge ones are refused. In between lies an optimum at
# about 0.6 (0.574 in the limit of many dimensions,
# [Roberts and Rosenthal 1998](https://doi.org/10.1111/1467-9868.00123 "roberts1998")). The search multiplies or
# divides its step size by 1.3 when the acceptance is far from 0.6.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Predict what the released kernel does without a score at $r = 1$ (variance?), then simulate. And
# mend it: which acceptance would make its suggestions sample $N(0, 1)$ exactly?
#
# *Check:* `check("07.3", (V, variance))`: two numbers: of the suggestions alone, and of the kernel.

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
assert check("07.3", (V3, 1 / (1 / V3 + 2)))

# %% [markdown]
# ### Exercise 4 (medium)
#
# Two neurons have the weights $z = 1.5x - 1$ and $z = (x + 0.5)/0.4$; their six coefficients are free. Is the best pair
# made of the two best single neurons? What is an upper limit for all pairs at these weights? Use `basis` and the data
# of lesson 6.
#
# *Check:* `check("07.4", (shapes, residual, together, limit))`: the six shapes (50, 6), the residual (50,), then two numbers.

# %% tags=["solution"]
z4 = np.stack([1.5 * x - 1, (x + 0.5) / 0.4])
singles = [basis(z) @ best_coefficients(z, residual, one)[0] for z in z4]
together = delta_eta_bound(np.column_stack(singles), residual, one)
limit = np.mean(fitted(np.hstack([basis(z) for z in z4])) ** 2)
print(f"the two best singles {together:.4f}, limit {limit:.4f}")
assert together < limit

# %% tags=["solution"]
shapes = np.hstack([basis(z) for z in z4])
assert check("07.4", (shapes, residual, together, limit))

# %% [markdown] tags=["solution"]
# With one output the limit is the fit by all six shapes, $\Phi k$; it is reached by a pair (one
# neuron with the first three coefficients, one with the others). The best singles are not that
# pair: each was fitted alone, and what they have in common is counted twice. `ProfileSearch` finds
# the second neuron *given* the first, which is better, and not best either.

# %% [markdown]
# ### Exercise 5 (open-ended)
#
# On which landscapes do walkers pay? Change lesson 9: the number of inputs, the temperature, the
# number of steps, a target of which only one input matters. Compare equal numbers of evaluations.
# When does `RandomSearch` do as well? What could be said against `ProfileSearch`?
#
# *Check:* `check("07.5", (place, hot, cold))`: a place, and lists of what `MalaSearch` finds there over a few seeds, at a high $T$ and at a low one.

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
assert check("07.5", (place5, found5[0], found5[-1]))

# %% [markdown] tags=["solution"]
# Hot walkers are draws from the prior, one after another; colder ones climb. `ProfileSearch` still
# finds more here: it maximises, and it has fewer parameters to search. Against it: it needs an
# activation that is linear in its coefficients, and the same few summits come out again and again
# where one may want variety.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - A Langevin step climbs and trembles: $\theta' = \theta + r \nabla\log p + \sqrt{2r}\,\xi$. In the limit of small
#   steps $p$ is where the two flows cancel; a finite step samples a slightly wrong density.
# - Metropolis: accept with $\min(1, p(\theta')q(\theta|\theta') / p(\theta)q(\theta'|\theta))$. Then the flow
#   between any two places is the same there and back (detailed balance), and the density is exact for any step size.
# - (E11): the walkers' density is $\exp(\Delta\eta'/Ts)$ times the prior. What a sampler samples is
#   a property to *test*.
# - (E17): the released kernel drifts downhill and counts the prior three times; without a score its
#   variance is $\frac13$ in place of 1.
# - (E12): for given weights the best coefficients are a top generalised eigenvector; the gradient
#   of the best score is that at fixed coefficients.
# - Slow twin, fast twin: equal first, then timed.
#
# </div>
#
# Next: [08 When to add and when to stop](08_when_to_add_and_when_to_stop.ipynb)

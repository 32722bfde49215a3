# %% [markdown]
# # 07 Langevin proposals
#
# 06 says what a proposed neuron is worth, 04 that its incoming weights must be chosen, not learned.
# This notebook searches: first blindly, then uphill, then by walkers that climb and tremble at the
# same time. It proves that their trembling can be made *exactly* right, and shows what happens when it
# is not. What need not be searched at all is the beginning of 07b.
#
# - **You will be able to** derive the Metropolis-adjusted Langevin algorithm and check its detailed
#   balance; sample proposals from the paper's density; say what the temperature does.
# - **You need** the bound and its gradient (06), and the normal distribution.
# - **Labels:** (E11)
# - **Run time:** about ten seconds
# - **Previous:** [06 The lower bound](06_the_lower_bound.ipynb)
# - **Next:** [07b Closed form, the released kernel, and twins](07b_closed_form_and_twins.ipynb)

# %%
import numpy as np

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
# Detailed balance keeps $p$ as it is. Is it necessary? Find moves $K$ between the three places of lesson 4 that also keep
# $p = (\frac12, \frac13, \frac16)$, lead from every place to every other, but more often round one way than the other.
#
# *Check:* `check("07.3", K)`: an array (3, 3), from place (row) to place.

# %% tags=["solution"]
flow3 = p[:, None] * q * acc
flow3 += np.diag(p - flow3.sum(axis=1))
one_way = np.array([[0, 1, -1], [-1, 0, 1], [1, -1, 0]])
K3 = (flow3 + 0.03 * one_way) / p[:, None]

# %% tags=["solution"]
assert np.allclose(K3.sum(axis=1), 1) and np.allclose(p @ K3, p)
assert not np.allclose(p[:, None] * K3, (p[:, None] * K3).T)
print("anyone's way after 100 steps:", np.linalg.matrix_power(K3, 100)[2])

# %% tags=["solution"]
assert check("07.3", K3)

# %% [markdown] tags=["solution"]
# Take the balanced flow, send a little more round in the order 0, 1, 2, and as much less the other way. Each place
# loses and gains the same, so that rows still sum to 1 and $p$ stays; but from 0 to 1 goes more than comes back. Balance
# *at each place* is what keeps $p$. Balance *between any two* is more than needed, but can be seen to from these two alone,
# without a sum over all the others.

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
#
# </div>
#
# Next: [07b Closed form, the released kernel, and twins](07b_closed_form_and_twins.ipynb)

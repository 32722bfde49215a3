# %% [markdown]
# # 04 How to add
#
# A network that is to grow while it learns must not forget by growing. This notebook adds a neuron,
# then a whole layer, such that no output moves, and asks of every new parameter: what can *you* do?
#
# - **You will be able to** add neurons and layers without changing the function; say which
#   activations allow that, and show on three numbers why ReLU does not; tell which new parameters
#   get a gradient at once, which later, and which bring nothing new.
# - **You need** the backward pass and the rational activation (01), and the score $\eta$ (03).
# - **Labels:** (E1), (E2), (E3), (E16)
# - **Run time:** a few seconds
# - **Previous:** [03 Natural gradient and the score](03_natural_gradient_and_the_score.ipynb)
# - **Next:** [05 Kronecker factors](05_kronecker_factors.ipynb)

# %%
import textwrap

import numpy as np
from numpy.linalg import inv, matrix_rank

from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(4)

# %% [markdown]
# ## 1. A neuron that nobody hears
#
# Three points, one hidden neuron, one output: everything fits on a board. We build neurons from the
# two curved parts of the rational activation of 01, the wave $\phi_v(z) = 2z/(1+z^2)$ and the bump
# $\phi_c(z) = 1/(1+z^2)$. The network is $y = 3a + 1$ with $a = \phi_v(x)$.

# %%
def phi_v(z):
    return 2 * z / (1 + z**2)

def phi_c(z):
    return 1 / (1 + z**2)

# %%
x = np.array([-1.0, 0.0, 1.0])
a = phi_v(x)
y = 3 * a + 1
print("a =", a, "  y =", y)

# %% [markdown]
# Now a second neuron, a bump: $a_p = \phi_c(x)$. It joins the hidden layer with an *outgoing weight
# of 0*. What is the new output?

# %%
a_p = phi_c(x)
y_wide = 3 * a + 0 * a_p + 1
print("a_p =", a_p, "  y =", y_wide)
assert np.array_equal(y_wide, y)

# %% [markdown]
# That is the whole of (E1). In the paper's notation, $+$ puts layers side by side:
#
# $$\begin{aligned} (0 + W_{i+1}) \circ (\sigma_p + \sigma_i) \circ (W_p + W_i) \\
#   = W_{i+1} \circ \sigma_i \circ W_i . \end{aligned}$$
#
# With the bias as a weight of a constant 1, the same three points read as matrices: a new *column*
# on the left, a new *row of zeros* on the right.

# %%
one = np.ones(3)
W_0 = np.array([[1.0, 1.0],    # weight of x: old neuron, new neuron
                [0.0, 0.0]])   # bias
W_1 = np.array([[3.0], [0.0], [1.0]])  # old neuron, new neuron (silent), bias

# %%
z = np.column_stack([x, one]) @ W_0
hidden = np.column_stack([phi_v(z[:, 0]), phi_c(z[:, 1]), one])
assert np.array_equal((hidden @ W_1)[:, 0], y)

# %% [markdown]
# *Break it.* Silence the new neuron on the other side: incoming weights 0, outgoing weight 1. Does
# the function stay?

# %%
deaf = 3 * a + 1 * phi_c(0 * x) + 1
print("moved by", deaf - y)
assert not np.allclose(deaf, y)

# %% [markdown]
# It does not: a bump that hears nothing still says $\phi_c(0) = 1$. Zero *outgoing* weights work
# for every activation; that is why (E1) uses them.
#
# ## 2. Which gradients does the new neuron get?
#
# Let the targets be such that $g_y = y - t = (1, -2, 1)$: the error of 03 about which a line can do
# nothing. The loss is $L = E[\frac12 (y-t)^2]$, $E$ the mean over the three points.

# %%
t = y - np.array([1.0, -2.0, 1.0])
g_y = y - t
print("g_y =", g_y, "  lambda =", np.mean(g_y**2))

# %% [markdown]
# The old output weights have nothing left to learn:
#
# $$\begin{aligned} \frac{\partial L}{\partial w} &= E[a\, g_y] = \frac{-1 + 0 + 1}{3} = 0, \\
#   \frac{\partial L}{\partial b} &= E[g_y] = \frac{1 - 2 + 1}{3} = 0 . \end{aligned}$$

# %%
assert np.mean(a * g_y) == 0 and np.mean(g_y) == 0

# %% [markdown]
# The new **outgoing** weight gets a gradient at once, although it is 0:
#
# $$\frac{\partial L}{\partial w_\text{out}} = E[a_p\, g_y] = \frac{\frac12 - 2 + \frac12}{3} = -\frac13 .$$

# %%
d_out = np.mean(a_p * g_y)
print(f"dL/dw_out = {d_out:.4f}")
assert np.isclose(d_out, -1 / 3)

# %% [markdown]
# The new **incoming** weight $w_\text{in}$ gets none. Whatever it does is multiplied by the
# outgoing weight:
#
# $$\begin{gathered} \frac{\partial L}{\partial w_\text{in}} = E[g_y\, w_\text{out}\, \phi_c'(z)\, x] = 0 , \\
#   w_\text{out} = 0, \qquad \phi_c'(z) = \frac{-2z}{(1+z^2)^2} . \end{gathered}$$

# %%
def d_phi_c(z):
    return -2 * z / (1 + z**2) ** 2

# %%
w_out = 0.0
d_in = np.mean(g_y * w_out * d_phi_c(x) * x)
assert d_in == 0

# %% [markdown]
# Never trust a gradient that was computed one way only. The complex step of 01 agrees:

# %%
def loss(w_in, w_out):
    return np.mean((3 * a + w_out * phi_c(w_in * x) + 1 - t) ** 2) / 2

# %%
h = 1e-20
assert np.isclose(loss(1.0, 1j * h).imag / h, d_out)
assert loss(1 + 1j * h, 0.0).imag == 0

# %% [markdown]
# After **one step** the neuron is heard, and its incoming weight wakes up. A gradient step of size
# 1 gives $w_\text{out} = \frac13$, hence $g_y = (\frac76, -\frac53, \frac76)$ and
#
# $$\begin{aligned} \frac{\partial L}{\partial w_\text{in}} &= E[g_y \tfrac13 \phi_c'(x)\, x] \\
#   &= \tfrac13 \cdot \tfrac13 \left( -\tfrac12 \cdot \tfrac76 - \tfrac12 \cdot \tfrac76 \right) = -\tfrac{7}{54} . \end{aligned}$$

# %%
w_out = 0 - 1 * d_out
g_next = g_y + w_out * a_p

# %%
d_in = np.mean(g_next * w_out * d_phi_c(x) * x)
assert np.isclose(d_in, -7 / 54)
assert np.isclose(loss(1 + 1j * h, w_out).imag / h, d_in)

# %% [markdown]
# Remember the consequence: at the moment of addition no gradient says where the neuron should
# *look*. Its incoming weights must be **chosen**, not learned. How to choose well is the subject of
# 06 (the score of a choice) and 07 (the search for a good one).
#
# In the language of 03: $J$ gains the column $a_p$; the columns of the incoming weights are zero.
# For the output weights alone, $\eta$ goes from 0 to everything there is, $\lambda = 2$: three
# points, three directions.

# %%
J_old = np.column_stack([a, one])
J_new = np.column_stack([a, one, a_p])
F, F_new = J_old.T @ J_old / 3, J_new.T @ J_new / 3
C, C_new = J_old.T @ g_y / 3, J_new.T @ g_y / 3

# %%
eta, eta_new = C @ inv(F) @ C, C_new @ inv(F_new) @ C_new
print(f"eta = {eta:.1f}, with the neuron {eta_new:.1f}")
assert eta == 0 and np.isclose(eta_new, 2)

# %% [markdown]
# ## 3. The same with the library
#
# `widen` does what we did by hand: a column of incoming weights, a row of zeros. An `MLP` is made
# of its layers' weights (the last row is the bias) and of its hidden neurons' coefficients, one
# column a neuron; `split` cuts a flat vector, such as a gradient, into the same blocks.

# %%
from sennpy import MLP, widen

old = MLP((np.array([[1.0], [0.0]]), np.array([[3.0], [1.0]])),
    (np.array([[1.0], [0.0], [0.0]]),))
# v, c, l
wide = widen(old, 0, weights=[[1.0], [0.0]], coefficients=[[0.0], [1.0], [0.0]])
assert np.array_equal(wide(x[:, None]), old(x[:, None]))

# %%
trace = wide.forward(x[:, None])
d_weights, d_coefficients = wide.split(wide.vjp(trace, g_y[:, None]) / 3)
print("incoming", d_weights[0][:, 1], "  v, c, l", d_coefficients[0][:, 1])
print("outgoing", d_weights[1][1])

# %%
assert np.all(d_weights[0][:, 1] == 0) and np.all(d_coefficients[0][:, 1] == 0)
assert np.isclose(d_weights[1][1, 0], -1 / 3)

# %% [markdown]
# A bigger network: 50 points, 2 inputs, 3 hidden neurons, 2 outputs; one neuron joins. It brings
# one new direction *per output*, so the rank of $J$ grows by 2.

# %%
X = rng.standard_normal((50, 2))
net = MLP.random((2, 3, 2), rng=rng)
wider = widen(net, 0, rng.standard_normal((3, 1)), rng.standard_normal((3, 1)))
assert np.allclose(wider(X), net(X), rtol=0, atol=1e-14)

# %%
def jacobian(net, X):
    return net.jacobian(net.forward(X)).reshape(-1, net.num_parameters)

# %%
before, after = matrix_rank(jacobian(net, X)), matrix_rank(jacobian(wider, X))
print(f"parameters {net.num_parameters} -> {wider.num_parameters}, "
    f"rank {before} -> {after}")
assert after == before + 2 and before == 26 - 3

# %% [markdown]
# Eight new parameters, two new directions: the other six sleep. (And 26 old parameters have rank
# 23, because the length of each neuron's $(v, c, l)$ has no effect.)
#
# *Break it.* Take a step away from silence. How many directions are there now?

# %%
step = rng.standard_normal(wider.num_parameters)
awake = matrix_rank(jacobian(wider.replace(wider.parameters + step), X))
print("rank", after, "->", awake, "of", wider.num_parameters, "parameters")
assert awake == wider.num_parameters - 4  # one length a neuron is without effect

# %% [markdown]
# ## 4. A layer that changes nothing
#
# Depth needs more care than width: everything passes *through* a new layer. (E2) undoes it in the
# next one. On the board, put $z = 2a + 1$ in front of $y = 3a + 1$. Solve for $a$, put it in:
#
# $$a = \frac{z - 1}{2}, \qquad y = 3\,\frac{z-1}{2} + 1 = \tfrac32 z - \tfrac12 .$$

# %%
z = 2 * a + 1
assert np.array_equal((z - 1) / 2, a)
assert np.array_equal(3 / 2 * z - 1 / 2, y)

# %% [markdown]
# With several inputs, $W_q$ is a square matrix with a shift $s$. Our rows are samples, so matrices
# stand on the right (the paper writes $W_i W_q^{-1}$, we write $W_q^{-1} W_i$). Solve for $a$:
#
# $$z = a W_q + s \quad\Longrightarrow\quad a = (z - s)\, W_q^{-1} .$$

# %%
a2 = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
W_q, s = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, -1.0])
z = a2 @ W_q + s
assert np.array_equal((z - s) @ inv(W_q), a2)

# %% [markdown]
# Put it into $y = aW + b$. The next layer gets new weights $u$ and a new bias:
#
# $$\begin{gathered} y = z\,u + b', \\ u = W_q^{-1} W, \qquad b' = b - s\,u . \end{gathered}$$

# %%
W, b = np.array([[2.0, 0.0], [1.0, -1.0]]), np.array([0.5, 1.0])
u = inv(W_q) @ W
assert np.array_equal(z @ u + (b - s @ u), a2 @ W + b)

# %% [markdown]
# Between $z$ and $u$ stands the new layer's activation, and here it must do *nothing*. The rational
# activation (E3) can:
#
# $$\begin{gathered} \sigma(z) = \alpha z + \frac{\beta + \gamma z}{1 + z^2}, \\
#   \sigma(z) = z \ \text{ at } \ (\alpha, \beta, \gamma) = (1, 0, 0) . \end{gathered}$$
#
# In terms of the learnable numbers, $(\alpha, \beta, \gamma) = (l, c, 2v)/\sqrt{v^2 + c^2 + l^2}$,
# so the identity is $(v, c, l) = (0, 0, 1)$.

# %%
def sigma(z, v, c, l):
    norm = np.sqrt(v**2 + c**2 + l**2)
    return (l * z + (c + 2 * v * z) / (1 + z**2)) / norm

# %%
assert np.array_equal(sigma(z, 0, 0, 1), z)

# %% [markdown]
# Together that is (E2), in the paper's notation:
#
# $$W_i = (W_i W_q^{-1}) \circ (\sigma_q = \text{identity}) \circ W_q .$$

# %%
inserted = sigma(a2 @ W_q + s, 0, 0, 1)
assert np.array_equal(inserted @ u + (b - s @ u), a2 @ W + b)

# %% [markdown]
# `deepen` is exactly this. `position` 1 is between the hidden neurons and the outputs; the last row
# of the weights is the shift.

# %%
from sennpy import deepen

deep = deepen(old, position=1, weights=[[2.0], [1.0]])
print(old.sizes, "->", deep.sizes, "  next layer:", deep.weights[2].ravel())
assert np.array_equal(deep(x[:, None]), old(x[:, None]))

# %% [markdown]
# *Break it.* $W_q$ must be invertible. If it is *nearly* singular, $W_q^{-1}$ is huge, and what
# (E2) says exactly, a computer does with rounding errors times the condition number: with a
# condition of $10^7$ half of the digits are gone. `deepen` draws a line at $10^8$.

# %%
rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)))
for smallest, at_most in [(1, 1e-14), (1e-7, 1e-7)]:
    W_q = rotation @ np.diag([1, 1, smallest]) @ rotation.T
    moved = np.abs(deepen(net, 1, np.vstack([W_q, np.zeros(3)]))(X)
        - net(X)).max()
    assert moved < at_most
assert moved > 1e-12

# %%
try:
    deepen(net, 1, [[1.0, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 0]])
except ValueError as error:
    print(textwrap.fill(str(error), 82))

# %% [markdown]
# ## 5. Why ReLU cannot
#
# (E2) asks of the new layer's units that each be the identity by itself. Neither ReLU nor tanh is, and
# neither has coefficients that could make it so. The library says so at once:

# %%
from sennpy import ReLU, Tanh

for activation in (ReLU(), Tanh()):
    try:
        deepen(MLP.random((2, 3, 1), activation, rng), 1, np.eye(4, 3))
    except ValueError as error:
        print(textwrap.fill(str(error), 82), "\n")

# %% [markdown]
# Could one cheat? ReLU *is* the identity where $z > 0$. So take a shift so large that all three
# points land there. It holds on the data, and breaks one step outside:

# %%
def relu(z):
    return np.maximum(z, 0)

# %%
assert np.array_equal(relu(a + 5) - 5, a)

# %%
outside = np.array([-6.0])
print("a =", outside, " becomes", relu(outside + 5) - 5)

# %% [markdown]
# Worse: where ReLU passes for the identity it is *linear*, so the layer brings no new direction
# either. Its parameters move $y$ along $a$ and $1$ only, which the old weights did already:
# $y = 3\,\mathrm{relu}(a + 5) - 14$ has four parameters and rank 2, as the line has. A layer of shifted ReLUs
# is invisible and useless. (*Pairs* of ReLUs are another matter: exercise 3.)

# %%
no_coefficients = (np.zeros((0, 1)),)
hidden = MLP(([[1.0], [5.0]], [[3.0], [-14.0]]), no_coefficients, ReLU())
assert np.array_equal(hidden(a[:, None])[:, 0], y)
assert matrix_rank(jacobian(hidden, a[:, None])) == 2

# %% [markdown]
# Tanh is nearly linear near 0: $\tanh(\epsilon z)/\epsilon = z - \epsilon^2 z^3/3 + \dots$ One gets
# as close as one likes, never there, and the weight behind it is $1/\epsilon$.

# %%
z = np.linspace(-2, 2, 5)
for epsilon in [1.0, 0.1, 0.01]:
    error = np.abs(np.tanh(epsilon * z) / epsilon - z).max()
    print(f"epsilon {epsilon:<4}  error {error:.1e}   eps^2 z^3 / 3 = "
        f"{epsilon**2 * 8 / 3:.1e}")

# %%
assert np.isclose(error, 0.01**2 * 8 / 3, rtol=1e-3)

# %% [markdown]
# Even the rational activation is the identity only if its norm is exact. The authors' code divides
# by $\sqrt{v^2 + c^2 + l^2 + 10^{-8}}$. How far off is its identity?

# %%
slope = 1 / np.sqrt(0 + 0 + 1 + 1e-8)
print(f"1 - slope = {1 - slope:.1e}")
assert np.isclose(1 - slope, 5e-9, rtol=1e-6)

# %% [markdown]
# ## 6. Which gradients does an inserted layer get?
#
# The new layer brings $W_q$, its shift, and $(v, c, l)$ of each unit, and it turns $W$ into $u$.
# Move each a little and see what $y$ does. On the board, with $z = 2a + 1$ and $u = \frac32$:
#
# | parameter | moves $y$ along | new? |
# |---|---|---|
# | $W_q$ | $a\,u$ | no: the old weight did that |
# | shift | $u$ | no: the old bias did |
# | next weight | $z = 2a + 1$ | no: both together |
# | $l$ | 0 | vanishes: only the direction of $(v, c, l)$ counts |
# | $v$ | $\phi_v(z)\,u$ | **yes** |
# | $c$ | $\phi_c(z)\,u$ | **yes** |
#
# The Jacobian of `deep` has these columns.

# %%
J = jacobian(deep, x[:, None])
blocks = [deep.split(row) for row in J]  # one a sample
column = {
    "W_q": [weights[1][0, 0] for weights, _ in blocks],
    "shift": [weights[1][1, 0] for weights, _ in blocks],
    "next": [weights[2][0, 0] for weights, _ in blocks],
} | {name: [k[1][i, 0] for _, k in blocks] for i, name in enumerate("vcl")}

# %%
z, u = 2 * a + 1, 3 / 2
assert np.allclose(column["W_q"], a * u) and np.allclose(column["shift"], u)
assert np.allclose(column["next"], z) and np.allclose(column["l"], 0)
assert np.allclose(column["v"], phi_v(z) * u)
assert np.allclose(column["c"], phi_c(z) * u)

# %% [markdown]
# Why does $l$ vanish? $\sigma = q \cdot \phi$ with $q = k/\lVert k\rVert$, $k = (v, c, l)$, and at
# $k = (0, 0, 1)$
#
# $$\begin{aligned} \frac{\partial \sigma}{\partial k} &= \frac{\phi - q\,(q \cdot \phi)}{\lVert k \rVert} \\
#   &= (\phi_v - 0,\ \phi_c - 0,\ z - z) . \end{aligned}$$

# %%
assert np.allclose(sigma(z, 1j * h, 0, 1).imag / h, phi_v(z))
assert np.allclose(sigma(z, 0, 1j * h, 1).imag / h, phi_c(z))
assert np.allclose(sigma(z, 0, 0, 1 + 1j * h).imag / h, 0)

# %% [markdown]
# One picture for both ways of growing: three networks, one function, and what the new parameters
# can do to it.

# %%
from sennpy import plots

grid = np.linspace(-4, 4, 201)[:, None]
plots.how_to_add_figure(old, wide, deep, grid);

# %% [markdown]
# In a bigger network each of the $n$ units of an inserted layer brings at most two directions,
# **however many outputs there are**: $u_k$, the way on from unit $k$, is fixed. (Compare a new
# neuron: one direction per output.) A linear network with 3 inputs and 2 outputs, and a layer of 3:

# %%
X = rng.standard_normal((50, 3))
linear = MLP.random((3, 2), rng=rng)
W_q = rng.standard_normal((4, 3))
deep3 = deepen(linear, 0, W_q)

# %%
before, after = matrix_rank(jacobian(linear, X)), matrix_rank(jacobian(deep3, X))
print(f"parameters {linear.num_parameters} -> {deep3.num_parameters}, "
    f"rank {before} -> {after}")
assert after == before + 2 * 3

# %% [markdown]
# ## 7. What the layer adds to the score: (E16)
#
# Write the new columns out: unit $k$ moves the outputs along $\phi_v(z_k)\,u_k$ and
# $\phi_c(z_k)\,u_k$, where $u_k$ is row $k$ of $u = W_q^{-1}W$.

# %%
a_c = np.column_stack([X, np.ones(50)])
z, u = a_c @ W_q, inv(W_q[:-1]) @ linear.weights[0][:-1]
phi, u_twice = np.hstack([phi_v(z), phi_c(z)]), np.vstack([u, u])
# rows (sample, output), columns new
J_p = (phi[:, None, :] * u_twice.T).reshape(-1, 6)

# %%
J_c = jacobian(linear, X)
assert matrix_rank(np.hstack([J_c, J_p])) == matrix_rank(jacobian(deep3, X))

# %% [markdown]
# What the old parameters can already do is taken off by least squares, from the columns and from
# the gradient alike. The rest is eq. (3) for what is left:
#
# $$\begin{gathered} \Delta\eta = r^\top S^{-1} r, \\
#   r = \tfrac1N \tilde J_p^\top \tilde g_y, \qquad S = \tfrac1N \tilde J_p^\top \tilde J_p, \end{gathered}$$
#
# with $\tilde J_p$, $\tilde g_y$ the residuals. (06 takes this formula apart.)

# %%
t = np.column_stack([X[:, 0] * X[:, 1], np.sin(2 * X[:, 2])])
g_y = linear(X) - t

# %%
left = np.column_stack([J_p, g_y.ravel()])
left = left - J_c @ np.linalg.lstsq(J_c, left, rcond=None)[0]
r, S = left[:, :6].T @ left[:, 6] / 50, left[:, :6].T @ left[:, :6] / 50

# %%
from sennpy import projected_score

delta = r @ inv(S) @ r
gained = projected_score(jacobian(deep3, X), g_y) - projected_score(J_c, g_y)
print(f"r S^-1 r = {delta:.6f}, eta after - eta before = {gained:.6f}")
assert np.isclose(delta, gained)

# %% [markdown]
# `inserted_layer_delta_eta` computes it from the layer alone: $G$ is the layer's gradient factor
# (05), here the identity.

# %%
from sennpy import inserted_layer_delta_eta, inserted_layer_surrogate

exact = inserted_layer_delta_eta(a_c, W_q, linear.weights[0], g_y, np.eye(2))
assert np.isclose(exact, delta)

# %% [markdown]
# The authors score something else: the $n$ features $\sigma(z_k)$, with drawn $(v, c, l)$, as if
# they were neurons *beside* the layer with free outgoing weights. Is that a bound? Try 200 layers.

# %%
pairs = []
for _ in range(200):
    # k: v, c, l of the three units
    W_q, k = rng.standard_normal((4, 3)), rng.standard_normal((3, 3))
    exact = inserted_layer_delta_eta(a_c, W_q, linear.weights[0], g_y, np.eye(2))
    pairs.append((exact, inserted_layer_surrogate(a_c, W_q, k, g_y, np.eye(2))))
above = np.mean([surrogate > exact for exact, surrogate in pairs])
print(f"the surrogate is above the exact increase for {above:.0%} of the layers")
assert 0 < above < 1

# %% [markdown]
# It is neither a lower nor an upper bound: free outgoing weights make it too large; that each
# feature has but one combination of $\phi_v$ and $\phi_c$, and that it is scored by a lower bound
# (06), make it too small. `sennpy` decides by the exact one and records both.
#
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# Net2Net ([Chen et al. 2016](https://arxiv.org/abs/1511.05641 "chen2016")), an older way to grow, copies a neuron and gives each of the two half of the outgoing
# weights. Show on the `net` of lesson 3 that the function stays: build the new `MLP` from
# `net.weights` and `net.coefficients`. Then compare the ranks of $J$: how many directions does the
# copy bring?
#
# *Check:* `check("04.1", (net, split))`: the two networks.

# %% tags=["solution"]
W0, W1, k = net.weights[0], net.weights[1], net.coefficients[0]
halved = np.vstack([W1[0] / 2, W1[1:3], W1[0] / 2, W1[3]])
split = MLP((np.column_stack([W0, W0[:, 0]]), halved),
    (np.column_stack([k, k[:, 0]]),))
X2 = rng.standard_normal((50, 2))
assert np.allclose(split(X2), net(X2))

# %% tags=["solution"]
print("rank", matrix_rank(jacobian(net, X2)), "->",
    matrix_rank(jacobian(split, X2)))
assert matrix_rank(jacobian(split, X2)) == matrix_rank(jacobian(net, X2))

# %% tags=["solution"]
assert check("04.1", (net, split))

# %% [markdown] tags=["solution"]
# What the neuron and its copy send on is $\frac12 w\, a + \frac12 w\, a = w\, a$, as before: the function stays. And the copy brings no
# direction: each column of the copy is a multiple of one that is there. So the score does not rise, and
# neuron and copy keep getting the same gradient until something tells them apart.

# %% [markdown]
# ### Exercise 2 (easy)
#
# Insert $W_q = \begin{pmatrix}2&0\\0&4\end{pmatrix}$ with shift $(1, 1)$ in front of
# $y = a_1 + 2a_2 + 3$. Find $u$ and the new bias on paper, then check them with `deepen`.
# (`MLP((W,))` is a network without hidden layer.)
#
# *Check:* `check("04.2", (u_1, u_2, bias))`: three numbers.

# %% tags=["solution"]
linear2 = MLP((np.array([[1.0], [2.0], [3.0]]),))
following = deepen(linear2, 0, [[2.0, 0], [0, 4], [1, 1]]).weights[1].ravel()
print("u and bias:", following)
assert np.array_equal(following, [1 / 2, 2 / 4, 3 - 1 / 2 - 2 / 4])

# %% tags=["solution"]
assert check("04.2", following)

# %% [markdown]
# ### Exercise 3 (medium)
#
# Since $z = \mathrm{relu}(z) - \mathrm{relu}(-z)$, a ReLU layer of width $2n$ can be the identity.
# Build its two weight matrices for the data `a2` of lesson 4 and check. What does it cost,
# compared with (E2), and does it bring new directions?
#
# *Check:* `check("04.3", (first, second))`: (2, 4) before the ReLUs and (4, 2) behind them.

# %% tags=["solution"]
first = np.hstack([np.eye(2), -np.eye(2)])
second = np.vstack([np.eye(2), -np.eye(2)])
assert np.array_equal(relu(a2 @ first) @ second, a2)
assert np.array_equal(relu(a2 @ first) @ (second @ W), a2 @ W)

# %% tags=["solution"]
def pair_columns(z):  # what the weights behind relu(z) and relu(-z) move y along
    return np.column_stack([z, np.ones(len(z)), relu(z), relu(-z)])

z3 = np.array([-2.0, -1, 1, 2])
print("rank with the pair", matrix_rank(pair_columns(z3)), "instead of 2")
assert matrix_rank(pair_columns(z3)) == 3
assert np.array_equal(relu(z3) + relu(-z3), np.abs(z3))

# %% tags=["solution"]
assert check("04.3", (first, second))

# %% [markdown] tags=["solution"]
# So ReLU *can* insert a layer without a trace, by pairs; it is (E2), unit by unit, that it cannot do. The price:
# twice as many units, and the layer cannot have any width one likes.
# It does bring new directions: weights out of $\mathrm{relu}(z_k)$ and $\mathrm{relu}(-z_k)$
# separately are weights out of $z_k$ (old) and of $|z_k|$ (new), and a shift moves $y$ along the
# step $[z_k > 0]$. The paper prefers an activation that starts as the identity and bends later.

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# (E2) holds for *every* invertible $W_q$, but $\Delta\eta$ depends on it. Draw many for `linear`,
# `a_c`, `X` and `g_y` of lesson 7, and find what good ones have in common. Does the scale of $W_q$
# matter? Its shift? Is there a scale at which $\Delta\eta$ vanishes, and why?
#
# *Check:* `check("04.4", (linear, X, g_y, W_q))`: lesson 7's, and a $W_q$ (4, 3) that brings more than nine of ten random ones of scale 1.

# %% tags=["solution"]
def increases(scale, draws=100):
    found = []
    for _ in range(draws):
        W_q = scale * rng.standard_normal((4, 3))
        found.append(inserted_layer_delta_eta(a_c, W_q, linear.weights[0],
            g_y, np.eye(2)))
    return np.median(found), np.max(found)

# %% tags=["solution"]
for scale in [1e-2, 0.1, 1.0, 10.0, 100.0]:
    median, best = increases(scale)
    print(f"scale {scale:<5g}: median {median:.3f}, best {best:.3f}")
assert increases(0.1, 40)[0] > increases(100.0, 40)[0]
assert increases(1e-9, 40)[1] == 0 < increases(1e-4, 40)[0]

# %% tags=["solution"]
layers = [0.1 * rng.standard_normal((4, 3)) for _ in range(100)]
gains = [inserted_layer_delta_eta(a_c, W_q, linear.weights[0], g_y, np.eye(2))
    for W_q in layers]
best_W_q = layers[np.argmax(gains)]

# %% tags=["solution"]
assert check("04.4", (linear, X, g_y, best_W_q))

# %% [markdown] tags=["solution"]
# Your numbers will look like these, not equal them. Small layers do well here: a small $z$ makes
# $\phi_v \approx 2z - 2z^3$ and $\phi_c \approx 1 - z^2$ nearly linear, but what is *left* of them
# after regression is small, not zero, and $\Delta\eta$ does not care about the size of a direction.
# So they offer squares and cubes of $z$, and the targets are a product and a wave. Large layers
# offer spikes at the few points with $z \approx 0$. Below a scale of about $10^{-7}$ what is left
# can no longer be told from rounding, and the library reports 0. In practice damping (05) sets in
# long before: it makes small directions cost.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - **Width** (E1): any incoming weights, outgoing weights 0. The outgoing weights learn at once,
#   the incoming ones only after them: they must be *chosen*.
# - **Depth** (E2): $W_q$ in front, $W_q^{-1}$ behind, the identity between. Each unit must be able to *be* the
#   identity, as (E3) is. (ReLUs can in pairs, which is another construction.)
# - A new neuron brings one direction per output; a unit of an inserted layer brings two, through
#   $v$ and $c$. Everything else about it is redundant or asleep (E16).
# - The function has not moved, so neither have $g_y$ and $\lambda$. All that changes is what the
#   network *could do next*.
#
# </div>
#
# Next: [05 Kronecker factors](05_kronecker_factors.ipynb)

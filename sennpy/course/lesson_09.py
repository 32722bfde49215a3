"""Exercises of notebook 09, regression."""

import numpy as np

from .exercise import Exercise, Mistake


def needle(value):
    """What is wrong with (x, n, three): points (N,), an index, and three functions (N, 3)."""
    x, n, three = np.ravel(np.asarray(value[0], float)), int(value[1]), np.asarray(value[2], float)
    if three.shape != (len(x), 3):
        return f"the functions are {three.shape}, expected ({len(x)}, 3): a column each"
    gap = np.abs(np.delete(x, n) - x[n]).min()
    z = (x - x[n])[:, None] / (1e-5 * gap)
    followed = np.hstack([2 * z / (1 + z**2), 1 / (1 + z**2), z])
    followed, given = (a / np.linalg.norm(a, axis=0) for a in (followed, three))
    rest = followed - given @ np.linalg.lstsq(given, followed, rcond=None)[0]
    names = ("the pole 1 / (x - x_n)", "the one point", "the straight line through the point")
    missing = [name for name, r in zip(names, rest.T, strict=True) if np.linalg.norm(r) > 1e-2]
    return f"not among what they span: {', '.join(missing)}" if missing else ""


def shares_of_noise(value):
    """What is wrong with (shapes, g_r, noisy, shares): what a broad neuron explains of both."""
    shapes, g_r, noisy = (np.asarray(one, dtype=float) for one in value[:3])
    rests = [np.reshape(rest, (len(shapes), 1)) for rest in (g_r, noisy)]
    added = float(np.mean((rests[1] - rests[0]) ** 2))
    if not 0.004 < added < 0.02:
        return f"the mean square of noisy - g_r is {added:.2g}: noise of deviation 0.1 is asked for"
    gains = [np.mean((shapes @ np.linalg.lstsq(shapes, r, rcond=None)[0]) ** 2) for r in rests]
    rights = np.array(gains) / [np.mean(r**2) for r in rests]
    given = np.asarray(value[3], dtype=float)
    if np.allclose(given, gains, rtol=5e-3):
        return "these are the gains; the share is what they are of the mean square of the rest"
    if np.allclose(given, np.sqrt(rights), rtol=5e-3):
        return "this is rho; its square is asked for"
    return "" if np.allclose(given, rights, rtol=5e-3) else "not the shares that the shapes explain"


def better_than_the_mean(value):
    """What is wrong with (net, X_test, t_test): the network must beat the mean of the targets."""
    net, X, t = value[0], np.asarray(value[1], float), np.asarray(value[2], float)
    error = float(np.mean((net(X) - t.reshape(len(X), -1)) ** 2))
    told = f"the mean squared error is {error:.3g}, the variance of the targets {t.var():.3g}"
    return "" if error < t.var() else told


EXERCISES = (
    Exercise(
        "09.1",
        "location and scale of the neuron w = -4, b = 2",
        (
            "z = w x + b = (x - m) / s.",
            "Where is z = 0, and by how much must x change for z to change by 1?",
        ),
        lambda: (0.5, -0.25),
        (
            Mistake(lambda: (-0.5, -0.25), "z = 0 at x = -b / w: look at the signs"),
            Mistake(lambda: (0.5, 0.25), "the scale is 1 / w, with its sign"),
            Mistake(lambda: (0.5, -4.0), "that is w; the scale is 1 / w"),
            Mistake(lambda: (2.0, -0.25), "that is b; the location is where w x + b is 0"),
        ),
    ),
    Exercise(
        "09.2",
        "(x, n, three): the points (N,), the index n, and the three functions (N, 3)",
        (
            "What do 2z/(1 + z^2), 1/(1 + z^2) and z become when |z| is huge everywhere but at one "
            "point?",
            "A straight line through the point, something that is 1 at the point and 0 elsewhere, "
            "and something that falls like 1/z.",
        ),
        judge=needle,
    ),
    Exercise(
        "09.3",
        "(shapes, g_r, noisy, shares): the best broad neuron's three functions (N, 3), the rest "
        "without and with noise (N, 1), and rho^2 of the neuron in each, two numbers",
        (
            "Noise raises the ceiling and lambda; what does it do to a broad neuron's share?",
            "rho^2 is score(*best, rest) / mean(rest^2); fit what a_c explains of the noise away.",
        ),
        judge=shares_of_noise,
    ),
    Exercise(
        "09.4",
        "(net, X_test, t_test): your network and new points of your function",
        (
            "Draw training and test points of your function, and give them to regression.run.",
            "data=Data(X, t, X_test, t_test); the network is run.network.",
        ),
        judge=better_than_the_mean,
    ),
)

# %% [markdown]
# # 12 What grows best
#
# The paper claims much and leaves questions open. Studies put them to the test, and each wrote down every run. This
# notebook trains nothing: it reads those rows, asks what they say, and above all what they do not say. Half of it is about
# how a number that is right can mislead.
#
# - **You will be able to** read a paired bootstrap interval, say what it does not cover, find out what a pooled
#   interval, a ratio or a long table hides, and tell "does not" from "not decided".
# - **You need** thresholds and removal (08), and what $F$ is to $H$ (02).
# - **Labels:** Theorem 3.1, (E13), (E14), (E15)
# - **Run time:** about half a minute
# - **Previous:** [11 MNIST and beyond](11_mnist_and_beyond.ipynb)
# - **Next:** [13 A criterion of your own](13_a_criterion_of_your_own.ipynb)

# %%
import json
from pathlib import Path

import numpy as np

import sennpy
from sennpy import plots
from sennpy.course import check

np.set_printoptions(precision=4, suppress=True)
rng = np.random.default_rng(12)

# %% [markdown]
# ## 1. What is on record
#
# `sennpy study NAME` runs a study and writes `figures/study-NAME.json` with the question, every run as a row, and
# verdicts. Which are there?

# %%
folder = Path(sennpy.__file__).parents[1] / "figures"
files = sorted(folder.glob("study-*.json"))
records = {file.stem.removeprefix("study-"): json.loads(file.read_text("utf-8"))
    for file in files if not file.stem.endswith("-quick")}

# %%
for name, record in records.items():
    print(f"{name:15} {len(record['rows']):>3} runs, {record['seeds']} seeds")
needed = ("approximations", "curvature", "duel", "factorial", "fixed", "oracle",
    "pruning", "sensitivity", "task_size", "when")
assert set(needed) <= set(records), "run them, or read them in a clone"

# %% [markdown]
# A verdict is a measurement with its interval, and one of four words. `figures/claims.json` gathers all of them by
# claim, and each claim has a word of its own:

# %%
claims = json.loads((folder / "claims.json").read_text("utf-8"))["claims"]
for claim in claims:
    words = [verdict["verdict"] for verdict in claim["verdicts"]]
    held, unknown = words.count("holds"), words.count("not decided")
    print(f"{claim['claim']:17} {claim['verdict']:13} of {len(words):>2} "
        f"{held:>2} hold, {unknown:>2} not decided")

# %%
verdicts = [verdict for claim in claims for verdict in claim["verdicts"]]
words = [verdict["verdict"] for verdict in verdicts]
assert set(words) == {"holds", "holds in part", "does not", "not decided"}
assert len(words) / 2 < words.count("not decided") < 2 * len(words) / 3
assert all(verdict in [{"study": name} | one for one in records[name]["verdicts"]]
    for verdict in verdicts for name in [verdict["study"]])

# %%
def verdict_of(study, words):
    return next(v for v in records[study]["verdicts"] if words in v["text"])

def told(verdict):
    return "{estimate:.3g} [{low:.3g}, {high:.3g}]".format(**verdict)

# %% [markdown]
# More than half of the verdicts are "not decided". Tempting, to count the words and go home. Let us first see where such a
# verdict comes from.
#
# ## 2. A pair at a time
#
# Two ways to train, five seeds. A seed decides data, start and batches, the same for both ways: a pair.

# %%
first = np.array([0.31, 0.52, 0.23, 0.44, 0.64])
second = np.array([0.28, 0.50, 0.24, 0.40, 0.60])
u = first - second
print("differences", u, "median", round(np.median(u), 3))

# %% [markdown]
# The losses differ a lot from seed to seed, and alike for both ways. What a pair has in common, its difference does
# not have:
#
# $$\mathrm{Var}(x - y) = \mathrm{Var}(x) + \mathrm{Var}(y) - 2\, \mathrm{Cov}(x, y) .$$

# %%
cov = np.cov(first, second)
assert np.isclose(np.var(u, ddof=1), cov[0, 0] + cov[1, 1] - 2 * cov[0, 1])
assert 40 * np.var(u, ddof=1) < cov[0, 0] + cov[1, 1]

# %% [markdown]
# Here pairs leave less than a fortieth of the variance. How sure is the median now? Five seeds were drawn; others would
# have given other differences. We have no others, so we draw from the five, with replacement, ten thousand times. The
# middle 95 % of the medians are the interval:

# %%
drawn = np.random.default_rng(0).integers(5, size=(10_000, 5))
medians = np.median(u[drawn], axis=1)
low, high = np.quantile(medians, [0.025, 0.975])
print(f"median {np.median(u):.2f} [{low:.2f}, {high:.2f}]")

# %%
from sennpy.studies.statistics import bootstrap, paired_bootstrap

assert np.allclose(paired_bootstrap(first, second), (np.median(u), low, high))
assert low < 0 < high and np.sum(u > 0) == 4

# %% [markdown]
# Four of five seeds favour the second way, and the interval still holds 0. That is no fault of the bootstrap. If the ways are alike, each
# sign is a toss of a coin, and that all $n$ fall on one side has the chance
#
# $$2 \cdot 2^{-n} .$$

# %%
signs = np.sign(rng.standard_normal((100_000, 5))).sum(axis=1)
one_sided = np.mean(np.abs(signs) == 5)
assert abs(one_sided - 2 * 2.0**-5) < 0.005
assert 2 * 2.0**-5 > 0.05 > 2 * 2.0**-6 and 2 * 2.0**-3 == 0.25

# %% [markdown]
# With five seeds that is above 5 %: by signs alone five can never convince. Six can. With three, all agree in one of four cases by
# chance. A bootstrap of three values knows nothing of that, and gives an interval all the same. How often does such a
# 95 % interval hold the true median?

# %%
def covers(n, times=2000):
    values = rng.standard_normal((times, n))  # their true median is 0
    drawn = rng.integers(n, size=(400, n))
    low, high = np.quantile(np.median(values[:, drawn], axis=2),
        [0.025, 0.975], axis=1)
    return np.mean((low <= 0) & (high >= 0))

# %%
coverage = {n: covers(n) for n in (3, 5, 12, 24)}
for n, share in coverage.items():
    print(f"{n:>2} pairs: {100 * share:.0f} % hold it")
assert 0.70 < coverage[3] < 0.80 and min(coverage[n] for n in (5, 12, 24)) > 0.9

# %% [markdown]
# Of three pairs about three of four intervals do, not 19 of 20. From five on more than nine of ten do.
#
# And what an interval is *not*: a place where the next seed will lie.

# %%
pruning = records["pruning"]["rows"]

def by_pair(keep, value, tasks=("function", "moons", "spiral")):
    return np.array([value(row) for task in tasks for row in pruning
        if row["task"] == task and row["keep"] == keep])

# %%
def log_loss(row):
    return np.log(row["test_loss"])

# %%
with_removal = by_pair(10.0, log_loss, ["spiral"])
without = by_pair(0.0, log_loss, ["spiral"])
gap = with_removal - without
at = paired_bootstrap(with_removal, without, np.mean)
print("differences", gap, "\nmean", at)
outside = np.sum((gap < at.low) | (gap > at.high))

# %%
assert outside == 3 and len(gap) == 6

# %% [markdown]
# These are six real pairs: ln of the test loss on the spiral, of networks that also remove neurons (E15), less that of networks that do not. Three of
# six lie outside of the interval, which is of their *mean*. Would the same twelve runs say as much without pairs?

# %%
i, j = rng.integers(6, size=(2, 10_000, 6))  # each on its own
apart = np.quantile(with_removal[i].mean(axis=1) - without[j].mean(axis=1),
    [0.025, 0.975])
print(f"in pairs {at.high - at.low:.2f} wide, without {np.ptp(apart):.2f}")
assert np.ptp(apart) > 4 * (at.high - at.low)

# %% [markdown]
# Without pairs the interval is more than four times as wide. As its width falls with the root of the number of seeds,
# pairs are worth here more than sixteen times as many.
#
# ## 3. What a pooled interval hides
#
# The study `sensitivity` asks what a default loses. On each map of settings the best cell is chosen on the other
# seeds, and the default is compared with it: ln of its test loss over that cell's. It should not be above ln 1.1. Four
# tasks, four maps of the thresholds (E13), three seeds:

# %%
from sennpy.studies import sensitivity

settings_rows = records["sensitivity"]["rows"]
by_thresholds = [row for row in settings_rows
    if row["map"] not in sensitivity.OF_DEFAULT]
lost = {task: np.array(sensitivity.regrets([row for row in by_thresholds
    if row["task"] == task])) for task in sensitivity.DATA}

# %%
together = np.concatenate(list(lost.values()))
pooled = bootstrap(together)
print(f"{len(together)} values, median {pooled}; asked {np.log(1.1):.3f} at most")
assert len(together) == 48 and pooled.estimate == 0 and pooled.high < 0.01

# %% [markdown]
# All 48 together: the median is 0, and its interval ends below 0.01. "The default holds", wrote this project once. Now look at the
# dots.

# %%
intervals = {task: bootstrap(values) for task, values in lost.items()}
plots.differences(lost, intervals, title="What the thresholds' default loses",
    label="ln of test loss over the best cell's");

# %%
for task, values in lost.items():
    grown = [row["size"] > 0 for row in by_thresholds if row["task"] == task]
    print(f"{task:7} {intervals[task]!s:28} zeros {np.sum(values == 0):>2} "
        f"of {len(values)}; {sum(grown):>3} of {len(grown)} runs grew")

# %%
still = [row for row in by_thresholds if row["task"] in ("wine", "digits")]
assert not any(row["size"] for row in still) and len(still) == 2 * 108
no_steps = [row for row in still if row["map"] != "steps"]
assert not any(sensitivity.regrets(no_steps)) and len(no_steps) == 216 * 3 / 4
assert np.sum(together == 0) == 23 and np.sum(lost["wine"] == 0) == 10
assert np.sum(lost["digits"] == 0) == 9 and np.sum(together < 0) == 7
assert 0.3 < intervals["spiral"].estimate < intervals["spiral"].high
assert max(np.abs(intervals["moons"])) < 0.01

# %% [markdown]
# On wine and digits none of 216 runs grew a single neuron. A threshold, a search or a price of layers then changes nothing at all: on
# three maps of four the difference is 0 by construction (on the fourth the damping of the steps differs). So 23 of the 48 values are zeros, and some
# lie on either side: the median is one of the zeros, whatever the tasks say that did grow. And they disagree. On the moons the
# default loses nothing, on the spiral about 0.3, a third more test loss.
# Its interval holds ln 1.1: not decided, where the pooled one said "holds".

# %%
spiral = verdict_of("sensitivity", "spiral, the thresholds'")
assert spiral["verdict"] == "not decided" and spiral["low"] < np.log(1.1)
assert 1.3 < np.exp(intervals["spiral"].estimate) < 1.4

# %% [markdown]
# Who knows the trick sees it elsewhere. `pruning` with hysteresis (a neuron goes when it costs less than a tenth of what
# one must bring): ln of the test loss over that without removal, 0 [0, 0], "holds". Task by task:

# %%
tasks = ("function", "moons", "spiral")

def changed(keep, value):
    return {task: by_pair(keep, value, [task]) - by_pair(0.0, value, [task])
        for task in tasks}

# %%
hysteresis = changed(0.1, log_loss)
for task, values in hysteresis.items():
    removed = by_pair(0.1, lambda row: row["removed"], [task])
    print(f"{task:9} removed {removed}\n    ln of test losses {values}")

# %%
assert not by_pair(0.1, lambda row: row["removed"], ["moons", "spiral"]).any()
assert not hysteresis["moons"].any() and not hysteresis["spiral"].any()
assert np.sum(hysteresis["function"] > np.log(1.2)) == 1
assert hysteresis["function"].max() > np.log(15)

# %%
told_once = verdict_of("pruning", "that without removal, with hysteresis")
assert told(told_once) == "0 [0, 0]" and told_once["verdict"] == "holds"
assert by_pair(0.1, lambda row: row["removed"], ["function"]).min() > 0

# %% [markdown]
# On moons and spiral nothing was ever removed. Two thirds of the pairs compare a run with itself. Where something was removed, on the
# function, one of six networks ended with more than fifteen times the test loss. "No worse" has not been shown.
#
# ## 4. What a ratio hides
#
# Does a score tell what its proposal brings? Take many states of trainings, at each a few proposals, and correlate
# score and gain. States differ in their loss $L$ by orders of magnitude, so divide both by it. Reasonable? Let scores and
# gains be *random*, of each other and of the loss:

# %%
L = np.exp(2 * rng.standard_normal((40, 1)))  # 40 states
scores, gains = np.exp(rng.standard_normal((2, 40, 6)))  # six proposals at each

# %%
from sennpy.studies.statistics import spearman

divided = spearman((scores / L).ravel(), (gains / L).ravel())
print("of the quotients", divided, " of themselves",
    spearman(scores.ravel(), gains.ravel()))
assert divided.low > 0.6

# %% [markdown]
# Random scores "foretell" random gains, with an interval far from 0. Both quotients carry the same $1/L$, and where they are
# independent otherwise, that is all they share:
#
# $$\mathrm{Cov}(\ln(\mathrm{score}/L), \ln(\mathrm{gain}/L)) = \mathrm{Var}(\ln L) .$$

# %%
many = 2 * rng.standard_normal(100_000)  # ln L
shared = np.cov(*(rng.standard_normal((2, 100_000)) - many))[0, 1]
assert np.isclose(shared, np.var(many), rtol=0.03)

# %% [markdown]
# The study `oracle` fell for it at first, and random proposals gave it away: of them, too, it said that the score tells. The
# cure: rank the proposals of *one* state among each other, where $L$ is the same, and take the mean over states.

# %%
from sennpy.studies.statistics import rank_correlation

within = rank_correlation(scores / L, gains / L)
print("within a state, in the mean", bootstrap(within, np.mean))
assert bootstrap(within, np.mean).low < 0 < bootstrap(within, np.mean).high

# %% [markdown]
# *Break it.* Is it enough to leave the division out? Let large losses come with large scores *and* large gains, as in trainings they do:

# %%
undivided = spearman((scores * L).ravel(), (gains * L).ravel())
print("undivided", undivided)
assert undivided.low > 0.6

# %% [markdown]
# No: then the raw numbers share $L$. A control that must come out empty belongs to each study.
#
# ## 5. What a long table hides
#
# Now the question of the title. `duel` lets fourteen criteria, and a network that is large from the start, train alike, on eleven
# tasks with up to three seeds. On the left is log10 of their training loss, less that of random units that send on nothing at first:

# %%
from sennpy.studies.study import picture_of

duel = records["duel"]["rows"]
picture_of("duel")(duel);

# %%
control = "random fan-out 0"
lines = {line["criterion"]: line for line in records["duel"]["table"]}
alone = [line for name, line in lines.items()
    if name not in (control, "large, longer")]
off = [line for line in alone
    if line["train - control low"] * line["train - control high"] > 0]

# %%
print(f"{len(off)} of {len(alone)} intervals of training losses leave 0 out")
assert (len(off), len(alone)) == (11, 15)

# %% [markdown]
# A red line is an interval of 95 % by itself. Eleven of fifteen leave 0 out. Eleven discoveries? With two questions about a
# network that is large from the start, the study asks seventeen. If nothing were there, it would find something all the same,
# more often than not, unless the seventeen share the 5 %:
#
# $$1 - 0.95^{17} \approx 0.58, \qquad 1 - (1 - 0.05 / 17)^{17} < 0.05 .$$

# %%
errs = rng.random((100_000, 17))  # below its share a question errs
assert np.isclose(np.mean(errs.min(axis=1) < 0.05), 1 - 0.95**17, atol=0.01)
assert 0.58 < 1 - 0.95**17 < 0.59 and 1 - (1 - 0.05 / 17) ** 17 < 0.05

# %% [markdown]
# (The first is of independent questions; that the sum of the shares is never exceeded holds of any.) So the verdicts'
# intervals are of 99.7 % each:

# %%
asked = records["duel"]["verdicts"]
for verdict in asked[:4]:
    print(told(verdict), verdict["text"].split(" ends")[0])
assert len(asked) == 17 and all(one["low"] < 0 < one["high"] for one in asked)

# %% [markdown]
# All seventeen hold 0. To say it plainly: **no criterion is shown to end lower than random units, SENN's score included, and
# none to end higher.** Nor is SENN's shown to be better or worse than a network that is large from the start. Are they all
# alike then? That is not shown either. Friedman's test asks whether ranks agree from task to task:

# %%
names = [name for name in lines if lines[name]["mean rank"] is not None]
for name in sorted(names, key=lambda name: lines[name]["mean rank"]):
    print(f"{lines[name]['mean rank']:5.1f} {name}")
assert lines[control]["Friedman's p"] < 1e-10 and len(names) == 16

# %%
from sennpy.studies.statistics import ranks

mean_of = [[np.mean([row["train"] for row in duel if row["train"] is not None
    and (row["task"], row["criterion"]) == (task, name)]) for name in names]
    for task in sorted({row["task"] for row in duel})]
pairs = ranks(mean_of).posthoc < 0.05

# %%
print(f"told apart: {np.sum(pairs) // 2} of {16 * 15 // 2} pairs,",
    f"with random units {np.sum(pairs[names.index(control)])}")

# %%
assert pairs[names.index("firefly"), names.index("gradmax")]
assert np.shape(mean_of) == (11, 16)
assert 8 < lines[control]["mean rank"] < 10
assert not pairs[names.index(control)].any() and np.sum(pairs) // 2 == 32

# %% [markdown]
# They agree far beyond chance: not all are alike, and Nemenyi's test after it tells 32 pairs apart, Firefly from GradMax for one.
# Random units it tells from nobody: they stand in the middle. All that is of ranks, on these tasks, by one schedule, and of training
# losses. Would more seeds decide the rest? Take the means of the tasks as exact, as if there were endless seeds:

# %%
from sennpy.studies.duel import differences
from sennpy.studies.family import nested

groups = differences(duel, "senn profile", "train")
endless = nested([[np.mean(group)] for group in groups], 17)
print(nested(groups, 17), "with endless seeds", endless)
assert endless.low < 0 < endless.high
assert 0.75 < np.ptp(endless[1:]) / np.ptp(nested(groups, 17)[1:]) < 0.85

# %% [markdown]
# About a fifth narrower, and 0 still in it: tasks differ more than seeds do. More *tasks* are needed.
#
# `oracle` asks whether a score tells how far the loss will fall. It ranks the proposals of a state (lesson 4):

# %%
picture_of("oracle")(records["oracle"]["rows"]);

# %%
asked = records["oracle"]["verdicts"]
widths = [one["high"] - one["low"] for one in asked
    if "all criteria" not in one["text"]]
retest = next(line["retest"] for line in records["oracle"]["table"]
    if line["criterion"] == "all")
print(f"narrowest {min(widths):.2f}, retest {retest:.2f}")
assert len(asked) == 18 and all(one["low"] < 0 < one["high"] for one in asked)
assert len(widths) == 15 and min(widths) > 0.5 and 0.115 < retest < 0.125

# %% [markdown]
# All eighteen hold 0, those of each criterion's own score and those of three yardsticks for all proposals. And look at the
# widths. Train the *same* proposals of a state a second time: the two rankings correlate by no more than 0.12. Most of a ranking is
# chance, and no interval of a criterion is narrower than 0.5. This study could hardly have seen what was there. It does not say that scores tell nothing.
#
# `factorial` switches the ingredients of the score one by one:

# %%
factors = {line["factor"]: line for line in records["factorial"]["table"]}
for name, line in factors.items():
    print(f"{name:29} {line['train']:+.3f} [{line['train low']:.3f}, "
        f"{line['train high']:.3f}] alone")

# %%
assert factors["nonlinear for linear"]["train high"] < 0
assert all(v["low"] < 0 < v["high"] for v in records["factorial"]["verdicts"])
assert len(records["factorial"]["verdicts"]) == 4

# %%
metric = factors["G for I"]
assert metric["train low"] == metric["train"] == metric["train high"] == 0

# %% [markdown]
# By itself the interval of "nonlinear for linear" leaves 0 out; of five that share the error none does: not decided, all of them.
# $G$ for $I$ has no verdict: with one output $G$ is a number, and both choose the same neurons. 0 by construction, once more.
#
# ## 6. Seven more, read
#
# **Curvature.** How far is the Hessian $H$ from the Fisher matrix $F$ that stands in for it? $\lVert H - F \rVert / \lVert F \rVert$ at
# six epochs of each task:

# %%
curvature = records["curvature"]["rows"]

# %%
def distance(task, epoch):
    return np.median([state["distance_true"] for row in curvature
        if row["task"] == task for state in row["states"]
        if state["epoch"] == epoch])

# %%
for task in tasks:
    print(f"{task:9}", *(f"{distance(task, epoch):6.3f}"
        for epoch in (1, 10, 30, 60, 120, 200)))

# %%
assert min(distance(task, 1) for task in tasks) > 0.6
assert max(distance(task, 200) for task in tasks) < 0.1

# %%
near = verdict_of("curvature", "with the loss's own metric")
assert 10 * distance("function", 30) < near["estimate"] < distance("spiral", 30)
print("all:", told(near))

# %% [markdown]
# Early they are far apart, by more than 0.6 of $F$; at the end by less than 0.1. The one number for all is the number of none of
# them: at epoch 30 the function is far below it, the spiral above. And $\eta/2$, which the score foretells?

# %%
def share(state, name, of="eta"):
    return state[name] / (state["eta"] / 2)

steps = np.array([share(state, "lost_by_step") for row in curvature
    for state in row["states"]])
print(f"a full natural step raises the loss in {np.sum(steps < 0)} "
    f"of {len(steps)} states")

# %%
damped = verdict_of("curvature", "damped")
assert np.sum(steps < 0) == 141 and len(steps) == 144
assert 1.0 < damped["low"] < damped["high"] < 1.1

# %% [markdown]
# A full natural step raises the loss in 141 of 144 states. The same step, damped, takes off what is foretold of *it*, 1.0 to
# 1.1 times. So the promise is a slope, not a distance. Additions stay far below their bounds, Theorem 3.1 at
# one time and (E14) in all, and do not move the outputs:

# %%
at_once = max(made / bound for row in curvature
    for _, made, bound in row["together"])
in_all = max(row["total"]["made"] / row["total"]["bound"] for row in curvature)
events = [event for row in curvature for event in row["disturbed"]]
print(f"at once {at_once:.2f} of the bound, in all {in_all:.2f}")
assert at_once < 0.5 and in_all < 0.25
assert max(event["moved"] for event in events) < 1e-14

# %% [markdown]
# **Approximations.** The exact increase with Kronecker factors decides otherwise than the dense one in about a fifth of looks.
# Does that hurt? Here is ln of the test losses on the function, factors less dense:

# %%
judged = [row for row in records["approximations"]["rows"]
    if row["kind"] == "judge"]

def ends(which, task, value=log_loss):
    return np.array([value(row) for row in judged
        if row["task"] == task and row["which"] == which])

# %%
by_factors = {task: ends("exact", task) - ends("dense", task) for task in tasks}
larger = ends("exact", "function", lambda row: row["size"]) - ends("dense",
    "function", lambda row: row["size"])
print(by_factors["function"], "\nneurons more", larger)

# %%
other = verdict_of("approximations", "exact decides otherwise than dense")
assert 0.15 < other["estimate"] < 0.2
assert by_factors["function"].max() < 0
assert (len(larger), larger.min(), larger.max()) == (8, 4, 9)
assert np.abs(np.median(by_factors["moons"])) < 0.01

# %% [markdown]
# On the function they end *better* on all eight seeds. But they end larger, by four to nine neurons: against the same thresholds the
# dense score adds less. That is not one score being truer than the other, it is one threshold meaning two things. Fair would be: loss at equal size.
#
# **Pruning.** Growing and shrinking (E15), neurons going when they cost less than ten times what a new one must bring:

# %%
picture_of("pruning")(pruning);

# %%
thrashed = by_pair(10.0, lambda row: row["thrashes"])
fewer = {task: values.mean()
    for task, values in changed(10.0, lambda row: row["size"]).items()}
print(f"{thrashed.mean():.1f} removals are undone at once, in the mean")
print("neurons more:", *(f"{task} {n:+.1f}" for task, n in fewer.items()))

# %%
assert 14 < thrashed.mean() < 16 and fewer["function"] < -2 < 0 < fewer["spiral"]

# %% [markdown]
# About fifteen removals of a run are undone at once: the network breathes. It ends smaller on the function and *larger* on the spiral.
#
# **Sensitivity.** We met it. What it does show is that thresholds decide the size, on the two tasks that grow:

# %%
corners = records["sensitivity"]["verdicts"][-1]
print("neurons more at the lowest tau and alpha:", told(corners))
assert corners["low"] > 4 and corners["claim"] == "signs-of-failure"

# %% [markdown]
# **Fixed.** How many times fewer neurons than the smallest fixed network that is as good?

# %%
for task in ("half-moons", "spirals", "digits", "MNIST", "CIFAR-10"):
    print(f"{task:10} {told(verdict_of('fixed', task))}")

# %%
none = [line["task"] for line in records["fixed"]["table"]
    if line["grown neurons"] == line["fixed neurons"] == 0]
assert none == ["digits", "MNIST", "CIFAR-10"] and records["fixed"]["seeds"] == 2

# %%
assert not any(row["neurons"] for row in records["fixed"]["rows"]
    if row["kind"] == "grown" and row["task"] in none)
assert {v["verdict"] for v in records["fixed"]["verdicts"]} == {"not decided"}

# %% [markdown]
# On three tasks the grown network has no neuron, and the smallest that is as good has none: 1 [1, 1], by construction. And two seeds,
# says lesson 2, decide nothing, whatever their interval.
#
# **Task size.** Is the network larger where the task is harder?

# %%
picture_of("task_size")(records["task_size"]["rows"]);

# %%
with_complexity = "rank correlation of neurons with complexity"
harder = [verdict_of("task_size", f"{rule}: {with_complexity}")
    for rule in ("thresholds", "honest look")]
print(*map(told, harder))
assert harder[0]["high"] < -0.3 and harder[1]["low"] > 0.7

# %% [markdown]
# By the thresholds (E13) it is *smaller*, by an honest look larger, and both are decided, on six seeds of these tasks. So the rule decides, not
# the score alone.
#
# **When.** Which share of trainings on pure noise adds anything, by the thresholds?

# %%
noise = {}
for row in records["when"]["rows"]:
    if row["task"] == "noise" and row["rule"] == "thresholds":
        kind = row["samples"], row["inputs"]
        noise.setdefault(kind, []).append(row["neurons"])

# %%
on_noise = told(verdict_of("when", "thresholds: share of trainings on noise"))
print(on_noise)
print(*(f"{kind}: {sizes}" for kind, sizes in noise.items()), sep="\n")

# %%
assert on_noise == "0.167 [0.167, 0.167]"
assert len(noise) == 6 and min(noise[50, 5]) >= 13
assert not any(sum(sizes) for kind, sizes in noise.items() if kind != (50, 5))

# %% [markdown]
# 0.167 [0.167, 0.167]: an interval of no width. Certainty? Of six kinds of noise one, with 50 samples, always grew at least 13 neurons, and
# five never did. One in six, whichever seeds are drawn; with other kinds it would be another number.
#
# ## 7. So what grows best?
#
# "Not decided" is not "no difference", and not "no". It says: with so many seeds one cannot tell. How many would one need?
# An interval of a mean over $n$ seeds shrinks with their root,
#
# $$\frac{\text{width of } 4n}{\text{width of } n} \approx \frac{1}{2} .$$

# %%
sample = rng.standard_normal(400)
widths = [np.ptp(bootstrap(sample[:n], np.mean)[1:]) for n in (25, 100, 400)]
assert np.allclose(np.divide(widths[1:], widths[:-1]), 0.5, atol=0.1)

# %% [markdown]
# So before a study says "not decided", look at its width. If the interval is narrow around 0, there is nothing of importance to
# be found. If it is wide, nothing was learned. Pruning at ten times the threshold: 1.2 neurons fewer, from 2.6 fewer to 0.3 more.

# %%
ten = verdict_of("pruning", "than without removal, without hysteresis")
width = ten["high"] - ten["low"]
print(told(ten), f"{width:.1f} wide; {6 * width**2:.0f} seeds for a width of 1")
assert ten["verdict"] == "not decided" and 45 < 6 * width**2 < 55

# %% [markdown]
# About fifty seeds instead of six would leave a width of one neuron.
#
# What holds in these rows: additions leave the outputs where they are, and stay below their bounds; a damped step keeps its
# promise; thresholds decide the size. What does not: a full natural step keeps no promise, factors do not decide as the dense score does, removal
# without hysteresis thrashes, Langevin chains find less than climbing with closed coefficients, and by the thresholds size does not follow the task. What is open: which
# criterion grows best, whether any beats random units, which ingredient of the score earns what, whether fewer neurons do, and whether removal pays.

# %%
def words_of(study, claim):
    return [verdict["verdict"] for verdict in records[study]["verdicts"]
        if verdict["claim"] == claim]

# %%
assert set(words_of("curvature", "undisturbed")) == {"holds"}
assert set(words_of("curvature", "bounded-additions")) == {"holds"}
assert words_of("curvature", "promise")[:2] == ["does not", "holds"]
assert words_of("approximations", "kronecker-decides")[0] == "does not"
assert words_of("approximations", "langevin-starts")[1] == "does not"
assert words_of("pruning", "prune-no-thrashing")[2] == "does not"
assert words_of("task_size", "wider-or-deeper")[1:3] == ["does not"] * 2
for study in ("duel", "oracle", "factorial"):
    assert set(words_of(study, "criteria")) == {"not decided"}
assert set(words_of("fixed", "fewer-neurons")) == {"not decided"}

# %% [markdown]
# So there is no winner on record. A table that named one would have to say: on which tasks, at which size, after how long, and
# among how many.
#
# ## Exercises

# %% [markdown]
# ### Exercise 1 (easy)
#
# On the function, with removal at the threshold itself (`keep` 1): how many neurons more or fewer are there than without
# removal (`keep` 0), pair by pair, and what is the 95 % interval of the *median*? Compute it by NumPy, or ask the library.
#
# *Check:* `check("12.1", (differences, low, high))`: six differences, with less without, and two numbers.

# %% tags=["solution"]
sizes1 = changed(1.0, lambda row: row["size"])["function"]
drawn1 = np.random.default_rng(1).integers(6, size=(10_000, 6))
low1, high1 = np.quantile(np.median(sizes1[drawn1], axis=1), [0.025, 0.975])
print(sizes1, f"median {np.median(sizes1)} [{low1}, {high1}]")

# %% tags=["solution"]
assert check("12.1", (sizes1, low1, high1))
assert low1 < 0 < high1

# %% [markdown] tags=["solution"]
# The interval holds 0: not decided. The six values themselves reach further than the interval, which is of their median.

# %% [markdown]
# ### Exercise 2 (medium)
#
# How much are pairs worth on the function? Take ln of the test loss with `keep` 100 and with `keep` 0, and the width of the
# 95 % interval of the difference of *means*: once in pairs, once with both drawn anew on their own.
#
# *Check:* `check("12.2", (first, second, in_pairs, on_their_own))`: six values, six values, and the two widths.

# %% tags=["solution"]
first2, second2 = (by_pair(keep, log_loss, ["function"]) for keep in (100.0, 0.0))
paired2 = paired_bootstrap(first2, second2, np.mean)
i2, j2 = np.random.default_rng(2).integers(6, size=(2, 10_000, 6))
own2 = np.quantile(first2[i2].mean(axis=1) - second2[j2].mean(axis=1),
    [0.025, 0.975])
widths2 = np.ptp(paired2[1:]), np.ptp(own2)
print(f"in pairs {widths2[0]:.2f}, on their own {widths2[1]:.2f}")

# %% tags=["solution"]
assert check("12.2", (first2, second2, *widths2))
assert 1.5 < widths2[1] / widths2[0] < 2.5

# %% [markdown] tags=["solution"]
# About two, where it was more than four on the spiral: the two networks of a pair have less in common here. Pairs never cost
# anything but the care to make them.

# %% [markdown]
# ### Exercise 3 (medium)
#
# Take the twelve losses of the spiral, `lost["spiral"]`, and add tasks that cannot lose, a zero at a time. How many zeros make
# "not decided" into "holds", that is, bring the upper end of the pooled interval to ln 1.1 or below?
#
# *Check:* `check("12.3", (losses, zeros))`: the twelve values, and a whole number.

# %% tags=["solution"]
def upper3(zeros):
    return bootstrap(np.append(lost["spiral"], np.zeros(zeros))).high

# %% tags=["solution"]
zeros3 = next(n for n in range(100) if upper3(n) <= np.log(1.1))
print(f"{zeros3} zeros: {upper3(zeros3 - 1):.3f} -> {upper3(zeros3):.3f}")

# %% tags=["solution"]
assert check("12.3", (lost["spiral"], zeros3))
assert zeros3 < np.sum(lost["wine"] == 0) + np.sum(lost["digits"] == 0) == 19

# %% [markdown] tags=["solution"]
# Fewer than the 19 that wine and digits brought. Nothing was learned about the spiral meanwhile.

# %% [markdown]
# ### Exercise 4 (open-ended)
#
# Make random scores look good, and then unmask them. Draw losses of states, and scores and gains that are independent of each other; correlate
# the quotients over all, and then within states. How much must losses differ between states until Spearman of the quotients is above 0.3?
#
# *Check:* `check("12.4", (scores, gains, losses, over_all, within))`: (states, proposals) twice, (states,), and two correlations.

# %% tags=["solution"]
def masked4(spread):
    L4 = np.exp(spread * np.random.default_rng(4).standard_normal(50))
    scores4, gains4 = np.exp(np.random.default_rng(5).standard_normal((2, 50, 8)))
    s4, g4 = scores4 / L4[:, None], gains4 / L4[:, None]
    over4 = spearman(s4.ravel(), g4.ravel()).estimate
    return scores4, gains4, L4, over4, np.mean(rank_correlation(s4, g4))

# %% tags=["solution"]
for spread in (0.0, 0.5, 1.0, 2.0):
    print(f"spread {spread}: over all {masked4(spread)[3]:+.2f}, "
        f"within states {masked4(spread)[4]:+.2f}")

# %% tags=["solution"]
assert masked4(0.5)[3] < 0.3 < masked4(1.0)[3]
assert check("12.4", masked4(1.0))

# %% [markdown] tags=["solution"]
# As soon as ln of the losses varies as much as ln of scores and gains do: half of the variance is shared then. Within states the correlation does not move at all, for
# ranks do not know by what all of them were divided.

# %% [markdown]
# <div class="alert alert-info">
#
# **What to remember**
#
# - Pairs take out what a seed does to both; the difference is what is left to be judged.
# - An interval is of the median or the mean, not of the next seed. Of three pairs it is too narrow; of five no signs
#   can convince.
# - A pooled interval speaks of no task in particular. Zeros by construction make its median 0: look at the dots, task by task.
# - Who asks much finds something: questions of one table share one error. None decided is not all alike.
# - A common denominator correlates what has nothing in common. Have a control that must come out empty.
# - "Not decided" with a narrow interval says much, with a wide one nothing.
# - A better loss with more neurons is not a better score.
#
# Next: [13 A criterion of your own](13_a_criterion_of_your_own.ipynb).
#
# </div>

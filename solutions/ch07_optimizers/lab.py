# %% [markdown]
# # Optimizers
#
# Chapter 6 ended with a network that learns: compute the gradient, take a small step against it,
# repeat. That last line, `value -= lr * gradient`, is the simplest of many possible ones. In this
# chapter you write seven optimizers, three plans for the learning rate, a limit to the gradient,
# and a trainer that puts them to work on real digits.
#
# You write everything in `optimizers.py`, next to this notebook. Open it beside the notebook, write
# one class or function, save, and run the cells here again. There is no need to restart. From
# section 9 on you also need your layers of chapter 6.

# %%
from autograder.lab import start

check = start("ch07_optimizers")

# %%
import matplotlib.pyplot as plt
import numpy as np
import optimizers

import datasets

digits = datasets.load("mnist5k")  # 4,000 training images and 1,000 test images of digits

# %% [markdown]
# ## 1. A ravine
#
# Before a network with 40,000 parameters, a landscape with two. The function
#
# $$ f(x, y) = \tfrac{1}{20}\, x^2 + y^2 $$
#
# is a ravine: steep from side to side, nearly flat along its floor, with the lowest point at
# $(0, 0)$. Its gradient is $(x/10,\; 2y)$. Loss functions of networks are full of such places: some
# directions are steep, others matter just as much and are flat.


# %%
def ravine(x, y):
    return x**2 / 20 + y**2


def ravine_gradient(p):
    return np.array([p[0] / 10, 2 * p[1]])


def walk(optimizer, gradient, begin, steps):
    """Return the path of an optimizer, (steps + 1, 2)."""
    params = {"p": np.array(begin, dtype=float)}
    path = [params["p"].copy()]
    for _ in range(steps):
        optimizer.step(params, {"p": gradient(params["p"])})
        path.append(params["p"].copy())
    return np.array(path)


def draw_ravine(axes, title):
    """Draw the contour lines of the ravine and its lowest point."""
    x, y = np.meshgrid(np.linspace(-8, 4, 200), np.linspace(-2.6, 2.6, 150))
    levels = np.array([0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.5, 5])
    axes.contour(x, y, ravine(x, y), levels=levels, colors="#bbbbbb", linewidths=0.8)
    axes.plot(0, 0, "k+", markersize=9)
    axes.set(title=title, xlim=(-8, 4), ylim=(-2.6, 2.6))
    axes.grid(False)


def draw_path(axes, path, colour, label=None):
    """Draw a path with a dot for every step."""
    axes.plot(*path.T, color=colour, marker="o", markersize=2.5, linewidth=1.1, label=label)


# %% [markdown]
# **Plain gradient descent** takes a step straight downhill:
#
# $$ p \leftarrow p - \mathrm{lr} \cdot g $$
#
# Write `SGD` in `optimizers.py`. One thing matters for everything that follows: the arrays in
# `params` belong to the layers, and they must *change*. An array that merely gets a successor
# under the same name leaves the network as it was.

# %%
_, panels = plt.subplots(1, 3, figsize=(9, 2.9), sharey=True)
for panel, lr in zip(panels, (0.1, 0.9, 1.02), strict=True):
    draw_ravine(panel, f"SGD, lr = {lr}")
    draw_path(panel, walk(optimizers.SGD(lr=lr), ravine_gradient, (-7, 2), 30), "C0")
plt.show()

# %% [markdown]
# Thirty steps each. With a small rate we creep along the floor. With a large one we jump from wall
# to wall, since straight downhill is mostly *across* the ravine. A little larger still, and the
# jumps grow. The steep direction dictates the rate, the flat one pays for it.

# %% check="SGD"

# %% [markdown]
# ## 2. Momentum
#
# A ball in the ravine would do better. It keeps its velocity: pushes from left and right cancel
# each other, pushes along the floor add up.
#
# $$ v \leftarrow \mu\, v - \mathrm{lr} \cdot g \qquad\qquad p \leftarrow p + v $$
#
# $\mu$ is what friction leaves of the velocity from step to step, usually 0.9. If the gradient
# stays the same, the velocity grows until friction eats what the push adds:
# $v = \mu v - \mathrm{lr} \cdot g$, hence $v = -\mathrm{lr} \cdot g / (1 - \mu)$, a step ten
# times as long as before.
#
# The velocity has to be kept from step to step, for every parameter by itself. A dict in the
# optimizer does it, under the same keys as `params`.

# %%
_, (left, right) = plt.subplots(1, 2)
draw_ravine(left, "30 steps each")
paths = {
    "SGD, lr = 0.9": walk(optimizers.SGD(lr=0.9), ravine_gradient, (-7, 2), 30),
    "Momentum, lr = 0.6, mu = 0.6": walk(
        optimizers.Momentum(lr=0.6, mu=0.6), ravine_gradient, (-7, 2), 30
    ),
}
for number, (label, path) in enumerate(paths.items()):
    draw_path(left, path, f"C{number}", label)
left.legend(loc="lower right", fontsize=8)

steady = np.diff(walk(optimizers.Momentum(lr=0.1), lambda p: np.ones(1), (0.0,), 40)[:, 0])
right.plot(range(1, 41), -steady, color="C1")
right.axhline(1, color="black", linewidth=0.8)
right.set(title="gradient 1, lr = 0.1, mu = 0.9", xlabel="step", ylabel="length of the step")
plt.show()

# %% check="Momentum"

# %% [markdown]
# ## 3. Looking ahead
#
# The velocity will carry us on anyway, by $\mu v$. So Nesterov measures the slope *there* and not
# here: if the ground rises ahead, the ball brakes before it gets there. Written in terms of the
# point at which the gradient is taken, so that an optimizer needs nothing but $g$, this becomes
#
# $$ v \leftarrow \mu\, v - \mathrm{lr} \cdot g \qquad\qquad
# p \leftarrow p + \mu\, v - \mathrm{lr} \cdot g $$
#
# with the *new* velocity in the second formula. It overshoots less:

# %%
_, (left, right) = plt.subplots(1, 2)
draw_ravine(left, "lr = 0.1, mu = 0.9")
for number, name in enumerate(["Momentum", "Nesterov"], start=1):
    optimizer = getattr(optimizers, name)(lr=0.1, mu=0.9)
    path = walk(optimizer, ravine_gradient, (-7, 2), 60)
    draw_path(left, path, f"C{number}", name)
    right.plot(path[:, 1], color=f"C{number}", label=name)
right.axhline(0, color="black", linewidth=0.8)
right.set(title="the same paths, from side to side", xlabel="step", ylabel="y")
left.legend(loc="lower right", fontsize=8)
right.legend()
plt.show()

# %% check="Nesterov"

# %% [markdown]
# ## 4. A step size for every number: AdaGrad
#
# Another idea: steep directions get small steps, flat ones large steps. How steep a direction is
# shows in the squares of its gradients, so add them up, for every single number of every parameter:
#
# $$ h \leftarrow h + g^2 \qquad\qquad
# p \leftarrow p - \mathrm{lr} \cdot \frac{g}{\sqrt{h} + \varepsilon} $$
#
# Squares, root and division act on each number by itself. The tiny $\varepsilon$ stands outside
# the root; without it, a weight whose gradient has always been 0 would be moved by $0/0$.
#
# The first step has the size lr in every direction, whatever the gradient: $g / \sqrt{g^2}$ is
# $\pm 1$. In the ravine AdaGrad therefore sets out diagonally.
#
# ## 5. Forgetting: RMSProp
#
# The sum $h$ only grows, so the steps of AdaGrad only shrink. A running mean forgets what is long
# past:
#
# $$ h \leftarrow \rho\, h + (1 - \rho)\, g^2 $$
#
# and the step stays the same as before.

# %%
_, (left, right) = plt.subplots(1, 2)
draw_ravine(left, "40 steps each")
for number, (name, lr) in enumerate([("AdaGrad", 1.5), ("RMSProp", 0.3)], start=2):
    path = walk(getattr(optimizers, name)(lr=lr), ravine_gradient, (-7, 2), 40)
    draw_path(left, path, f"C{number}", f"{name}, lr = {lr}")
    moves = np.diff(walk(getattr(optimizers, name)(lr=0.1), lambda p: np.ones(1), (0.0,), 60)[:, 0])
    right.plot(range(1, 61), -moves, color=f"C{number}", label=name)
left.legend(loc="lower right", fontsize=8)
right.set(title="gradient 1, lr = 0.1", xlabel="step", ylabel="length of the step")
right.legend()
plt.show()

# %% [markdown]
# The right-hand picture is the difference in a nutshell. The gradient is 1 in every step. AdaGrad's
# steps shrink like $1/\sqrt{t}$; RMSProp's settle at lr. It also shows a blemish of RMSProp: its
# first step is too long by a factor of $1/\sqrt{1 - \rho} \approx 3.2$, the next ones by less. The
# mean began at 0 and takes a while to warm up, so that we divide by too little. Adam repairs that.

# %% check="AdaGrad"

# %% check="RMSProp"

# %% [markdown]
# ## 6. Adam
#
# A velocity *and* a step size for every number: a running mean $m$ of the gradients, a running mean
# $v$ of their squares.
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad\qquad
# v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2 $$
#
# Both begin at 0. If the gradient is always $g$, then after t steps $m = (1 - \beta_1^t)\, g$ and
# $v = (1 - \beta_2^t)\, g^2$. Dividing by these factors takes the start out:
#
# $$ \hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad
# p \leftarrow p - \mathrm{lr} \cdot \frac{\hat m}{\sqrt{\hat v} + \varepsilon} $$

# %%
t = np.arange(1, 61)
_, (left, right) = plt.subplots(1, 2)
left.plot(t, 1 - 0.9**t, color="C0", label="m, beta1 = 0.9")
left.plot(t, 1 - 0.999**t, color="C1", label="v, beta2 = 0.999")
left.axhline(1, color="black", linewidth=0.8)
left.set(title="gradient 1: the means before correction", xlabel="step t")
left.legend(loc="center right")

moves = np.diff(walk(optimizers.Adam(lr=0.1), lambda p: np.ones(1), (0.0,), 60)[:, 0])
right.plot(t, -moves, color="C5", label="Adam")
right.plot(t, 0.1 * (1 - 0.9**t) / np.sqrt(1 - 0.999**t), color="C3", label="without correction")
right.set(
    title="gradient 1, lr = 0.1", xlabel="step t", ylabel="length of the step", ylim=(0, None)
)
right.legend()
plt.show()

# %% [markdown]
# With the correction a steady gradient gives steps of length lr from the first step on. Without
# it the first steps are three to more than six times as long, because $v$ warms up much later
# than $m$.

# %% check="Adam"

# %% [markdown]
# ### AdamW
#
# Large weights are often a sign of learning by heart. *Weight decay* lets every number shrink a
# little in each step. AdamW does this beside Adam's step and not by way of the gradient, where the
# division by $\sqrt{\hat v}$ would distort it:
#
# $$ p \leftarrow p - \mathrm{lr} \cdot \lambda \cdot p_{\text{old}} - (\text{Adam's step}) $$
#
# $\lambda$ is the argument `weight_decay`. The factor lr before it is usual in libraries; the
# paper multiplies $\lambda$ by the schedule's factor alone and not by the base rate.

# %%
_, axes = plt.subplots(figsize=(6, 2.8))
for weight_decay in (0.0, 0.5, 2.0):
    optimizer = optimizers.AdamW(lr=0.02, weight_decay=weight_decay)
    path = walk(optimizer, lambda p: np.zeros(1), (1.0,), 100)
    axes.plot(path[:, 0], label=f"weight_decay = {weight_decay}")
axes.set(title="AdamW with gradient 0, lr = 0.02", xlabel="step", ylabel="p", ylim=(0, 1.05))
axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
plt.show()

# %% check="AdamW"

# %% [markdown]
# ## 7. All of them, on two landscapes
#
# First the ravine. Then a harder one, **Beale's function**:
#
# $$ f(x, y) = (1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2 $$
#
# It has its lowest point at $(3, 0.5)$, at the end of a long, bent valley; and it has walls on
# which the gradient is a thousand times as large as on the valley's floor.


# %%
def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def beale_gradient(p):
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    return 2 * np.array(
        [a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1), a * x + 2 * b * x * y + 3 * c * x * y**2]
    )


def draw_beale(axes, title):
    """Draw the contour lines of Beale's function, close together where it is steep."""
    x, y = np.meshgrid(np.linspace(-0.5, 4.2, 240), np.linspace(-1.2, 1.9, 200))
    levels = 10.0 ** np.arange(-1.5, 4, 0.5)
    axes.contour(x, y, beale(x, y), levels=levels, colors="#bbbbbb", linewidths=0.8)
    axes.plot(3, 0.5, "k+", markersize=9)
    axes.set(title=title, xlim=(-0.5, 4.2), ylim=(-1.2, 1.9))
    axes.grid(False)


# %%
NAMES = ["SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam"]
RAVINE_RATES = [0.9, 0.1, 0.1, 1.5, 0.3, 0.6]
BEALE_RATES = [0.005, 0.003, 0.003, 0.6, 0.03, 0.1]

fig, grid = plt.subplots(2, 3, figsize=(9, 4.8), sharex=True, sharey=True)
for panel, name, lr, number in zip(grid.flat, NAMES, RAVINE_RATES, range(6), strict=True):
    draw_ravine(panel, f"{name}, lr = {lr}")
    path = walk(getattr(optimizers, name)(lr=lr), ravine_gradient, (-7, 2), 40)
    draw_path(panel, path, f"C{number}")
fig.suptitle("the ravine, 40 steps")
plt.show()

# %%
fig, grid = plt.subplots(2, 3, figsize=(9, 5.6), sharex=True, sharey=True)
for panel, name, lr, number in zip(grid.flat, NAMES, BEALE_RATES, range(6), strict=True):
    draw_beale(panel, f"{name}, lr = {lr}")
    path = walk(getattr(optimizers, name)(lr=lr), beale_gradient, (0.8, 1.6), 300)
    draw_path(panel, path, f"C{number}")
    distance = np.linalg.norm(path[-1] - [3, 0.5])
    panel.text(0.97, 0.04, f"{distance:.2g} left", transform=panel.transAxes, ha="right")
fig.suptitle("Beale's function, 300 steps from (0.8, 1.6)")
plt.show()

# %% [markdown]
# Look at how they start. SGD, Momentum and Nesterov set out along the gradient, AdaGrad, RMSProp
# and Adam diagonally. Momentum swings out and comes back. RMSProp never quite settles: near the
# goal its steps are still about as long as lr, because both $g$ and $\sqrt{h}$ become small.
#
# Do not read a ranking into two pictures. Each rate was chosen by hand, and with another one the
# order would be another.

# %% [markdown]
# ## 8. The learning rate over time
#
# Large steps to get near, small ones to settle. A **schedule** is a function of the epoch's number
# $t$ that gives the rate. With $s = t/(\text{steps} - 1)$, the share of the way behind us:
#
# $$ \text{linear:}\quad a + (b - a)\, s \qquad
# \text{exponential:}\quad a \left(\tfrac{b}{a}\right)^{s} \qquad
# \text{cosine:}\quad b + (a - b)\, \tfrac{1 + \cos \pi s}{2} $$
#
# from $a$ at $t = 0$ to $b$ at $t = \text{steps} - 1$, and $b$ from then on. You write functions
# that *return* such a function.

# %%
_, (left, right) = plt.subplots(1, 2)
for name, marker in (("linear_decay", "o"), ("exponential_decay", "s"), ("cosine_decay", "^")):
    rates = [getattr(optimizers, name)(0.1, 0.001, 20)(t) for t in range(25)]
    for axes in (left, right):
        axes.plot(range(25), rates, marker=marker, markersize=3.5, linewidth=1.2, label=name)
left.set(title="from 0.1 to 0.001 in 20 epochs", xlabel="epoch", ylabel="learning rate")
right.set(title="the same, on a logarithmic scale", xlabel="epoch", yscale="log")
left.legend()
plt.show()

# %% check="linear_decay"

# %% check="exponential_decay"

# %% check="cosine_decay"

# %% [markdown]
# ### A limit to the gradient
#
# On the walls of Beale's function, one gradient is enough to be thrown out of the landscape for
# good. **Clipping** limits the length of the gradient and keeps its direction. All gradients
# together are seen as one long vector with the norm
#
# $$ \lVert g \rVert = \sqrt{\sum_{\text{all parameters}}\ \sum_{\text{all entries}} g_i^2}\,, \quad
# g \leftarrow g \cdot \frac{\text{max\_norm}}{\lVert g \rVert} \quad
# \text{if } \lVert g \rVert > \text{max\_norm}. $$

# %%
clipped, norm = optimizers.clip_grad_norm({"p": beale_gradient((3.5, 1.6))}, 10.0)
print("norm at (3.5, 1.6):", round(norm, 1))
print("direction before:", (beale_gradient((3.5, 1.6)) / norm).round(3).tolist())
print("direction after: ", (clipped["p"] / np.linalg.norm(clipped["p"])).round(3).tolist())


def clipped_beale_gradient(p):
    return optimizers.clip_grad_norm({"p": beale_gradient(p)}, 10.0)[0]["p"]


# %%
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
draw_beale(left, "SGD, lr = 0.01, from (3.5, 1.6)")
with np.errstate(all="ignore"):
    wild = walk(optimizers.SGD(lr=0.01), beale_gradient, (3.5, 1.6), 3)
tame = walk(optimizers.SGD(lr=0.01), clipped_beale_gradient, (3.5, 1.6), 200)
draw_path(left, wild[:2], "C1", f"unclipped: next y = {wild[1, 1]:.0f}")
draw_path(left, tame, "C0", "clipped to norm 10")
left.legend(loc="lower left", fontsize=8)

y = np.linspace(-0.5, 1.9, 200)
norms = [np.linalg.norm(beale_gradient((3.5, one))) for one in y]
right.plot(y, norms, color="C1", label="norm of the gradient")
right.plot(y, np.minimum(norms, 10), color="C0", label="after clipping")
right.set(title="along x = 3.5", xlabel="y", yscale="log")
right.legend()
plt.show()

# %% check="clip_grad_norm"

# %% [markdown]
# ## 9. A trainer for real digits
#
# Now to a network. `Trainer` is the loop of chapter 6, grown up: any optimizer, a schedule,
# clipping, and a record of what happened. It works with everything that has `forward`,
# `backward`, `params`, `grads` and `predict`, so it will serve for convolutions, recurrent
# networks and autoencoders too.
#
# Write `train_epoch`, `accuracy` and `fit`. The loss of an epoch is a mean over its *examples*: the
# last batch may be short and then counts for less. The accuracy is taken after each epoch on
# *validation data*, `x_val` and `y_val`, from which nothing is learned. Below, the test images
# serve as such. That is fair as long as we only look on; whoever chooses a setting by these numbers
# needs yet other images to judge the choice.

# %%
from layers import Dense, ReLU, Sequential, SoftmaxCrossEntropy


def make_network(seed):
    """Return a network for digits, 784-50-10, in float32."""
    rng = np.random.default_rng(seed)
    hidden, out = (Dense(784, 50, rng, dtype=np.float32), Dense(50, 10, rng, dtype=np.float32))
    return Sequential([hidden, ReLU(), out])


def learn(optimizer, epochs=8, seed=1, schedule=None, max_norm=None):
    """Train a new network; return the history of the training."""
    trainer = optimizers.Trainer(make_network(seed), SoftmaxCrossEntropy(), optimizer, schedule)
    rng = np.random.default_rng(seed)
    return trainer.fit(
        digits.x_train,
        digits.y_train,
        epochs,
        50,
        rng,
        x_val=digits.x_test,
        y_val=digits.y_test,
        max_norm=max_norm,
    )


# %%
RATES = {
    "SGD": 0.01,
    "Momentum": 0.01,
    "Nesterov": 0.01,
    "AdaGrad": 0.01,
    "RMSProp": 0.001,
    "Adam": 0.001,
    "AdamW": 0.001,
}
histories = {name: learn(getattr(optimizers, name)(lr=lr)) for name, lr in RATES.items()}

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), sharex=True)
markers = dict(zip(RATES, "osv^DPX", strict=True))
for name, history in histories.items():
    line = dict(marker=markers[name], markersize=4, linewidth=1.3, label=name)
    left.plot(range(1, 9), history["loss"], **line)
    right.plot(range(1, 9), history["accuracy"], **line)
left.set(title="loss while training", xlabel="epoch", yscale="log")
left.set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"])
left.minorticks_off()
right.set(title="accuracy on the test images", xlabel="epoch")
right.legend(fontsize=8)
plt.show()

print("optimizer    lr      loss   accuracy   after 8 epochs")
for name, history in histories.items():
    print(f"{name:10} {RATES[name]:6} {history['loss'][-1]:8.3f} {history['accuracy'][-1]:8.1%}")

# %% [markdown]
# SGD and Momentum have the same rate here. What is between their curves is the velocity alone: with
# $\mu = 0.9$ the steps are effectively ten times as long. SGD with `lr=0.1` comes close to it; try.
# Adam and AdamW lie on top of each other, since in so few steps so little decay hardly counts.

# %% check="Trainer"

# %% [markdown]
# ### A plan helps
#
# A rate that is large at first and small at the end: quick *and* settled. Here Adam gets a rate
# that is rather too large for it.

# %%
EPOCHS = 12
plans = {
    "always 0.02": None,
    "linear_decay": optimizers.linear_decay(0.02, 0.0002, EPOCHS),
    "exponential_decay": optimizers.exponential_decay(0.02, 0.0002, EPOCHS),
    "cosine_decay": optimizers.cosine_decay(0.02, 0.0002, EPOCHS),
}
planned = {
    name: learn(optimizers.Adam(lr=0.02), EPOCHS, schedule=plan) for name, plan in plans.items()
}

_, (left, right) = plt.subplots(1, 2)
for number, (name, history) in enumerate(planned.items()):
    style = dict(marker="os^D"[number], markersize=4, linewidth=1.3, label=name)
    left.plot(range(1, EPOCHS + 1), history["loss"], **style)
    right.plot(range(1, EPOCHS + 1), history["accuracy"], **style)
left.set(title="Adam: loss while training", xlabel="epoch", yscale="log")
right.set(title="accuracy on the test images", xlabel="epoch", ylim=(0.85, None))
right.legend(fontsize=8)
plt.show()

for name, history in planned.items():
    print(f"{name:18} last rate {history['lr'][-1]:.4f}, accuracy {history['accuracy'][-1]:.1%}")

# %% [markdown]
# With the constant rate the accuracy goes up and down to the end: each step is so long that it
# spoils what others have learned. With a plan it settles, one or two points higher.
#
# ### And so does a limit
#
# Momentum with a rate that is far too large, without clipping and with it:

# %%
_, (left, right) = plt.subplots(1, 2)
for number, max_norm in enumerate((None, 0.5, 0.1)):
    with np.errstate(all="ignore"):
        history = learn(optimizers.Momentum(lr=0.5), 6, max_norm=max_norm)
    style = dict(marker="os^"[number], markersize=4, label=f"max_norm = {max_norm}")
    left.plot(range(1, 7), history["loss"], **style)
    right.plot(range(1, 7), history["accuracy"], **style)
left.set(title="Momentum, lr = 0.5: loss while training", xlabel="epoch", ylim=(0, None))
right.set(title="accuracy on the test images", xlabel="epoch", ylim=(0, 1))
right.legend(loc="lower right", fontsize=8)
plt.show()

# %% [markdown]
# The last check trains a network with your `Trainer` and each of your optimizers for three epochs.

# %% check="mnist"

# %% [markdown]
# ## 10. In your own words

# %% [markdown] question="ravine"
# **The ravine (5 points).** Why does SGD jump from wall to wall in section 1, and why does a
# smaller rate not solve the problem? Explain what Momentum and what AdaGrad do about it: they use
# different ideas. Then turn the ravine by 45 degrees, so that its floor runs along the diagonal
# $x = y$. Which of the two still helps as before, and why? Five to seven sentences.
#
# ### BEGIN SOLUTION
# The gradient is the direction of steepest descent, and in the ravine that is mostly across it: 2y
# against x/10. A rate that suits the flat direction makes each step across longer than the way to
# the floor, so SGD lands on the other wall. With a smaller rate the jumps stop, but the steps along
# the floor become tiny: one rate has to serve two directions.
#
# Momentum adds the gradients up. Across the ravine they change sign and cancel, along the floor
# they agree and grow. AdaGrad divides each coordinate by the size of its own gradients so far,
# which makes the flat coordinate's steps as long as the steep one's.
#
# Turned by 45 degrees, both coordinates have gradients of about the same size, and dividing each by
# its own size changes nearly nothing: AdaGrad loses its advantage. Momentum adds vectors, whatever
# the axes are, and helps exactly as before.
# ### END SOLUTION

# %% [markdown] question="first_steps_of_adam"
# **The first steps of Adam (5 points).** A weight gets the gradient 0.0001 in the first step,
# another one the gradient 100. How far does Adam with lr = 0.001 move each? Show it with the
# formulas. What would happen in this step without the correction of $m$ and $v$ (with the usual
# $\beta_1 = 0.9$, $\beta_2 = 0.999$)? And why does it matter that $t$ is counted for each key by
# itself when a parameter joins the training later? Four to six sentences.
#
# ### BEGIN SOLUTION
# Both move by 0.001 (up to $\varepsilon$). In the first step $\hat m = g$ and $\hat v = g^2$, since
# the factors $1 - \beta^1$ cancel, and $g / \sqrt{g^2}$ is $\pm 1$ whatever the size of g.
#
# Without the correction $m = 0.1\, g$ and $\sqrt{v} = \sqrt{0.001}\, |g| = 0.0316\, |g|$. The
# step would be $0.1 / 0.0316 = 3.16$ times as long, and the next few would be longer still.
#
# For a parameter that joins later, m and v begin at 0 at that moment. With a common count t would
# already be large and the correction close to 1, so that its first steps would be too long in the
# same way.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. Chapter 6: the ravine and four of the optimizers.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019. Chapter 4: momentum and learning-rate decay.
# - B. T. Polyak: Some methods of speeding up the convergence of iteration methods. *USSR
#   Computational Mathematics and Mathematical Physics* 4(5), 1964, pp. 1-17. Momentum.
# - Y. Nesterov: A method of solving a convex programming problem with convergence rate O(1/k^2).
#   *Soviet Mathematics Doklady* 27, 1983, pp. 372-376.
# - I. Sutskever, J. Martens, G. Dahl, G. Hinton: On the importance of initialization and momentum
#   in deep learning. *ICML*, PMLR 28(3), 2013, pp. 1139-1147.
# - J. Duchi, E. Hazan, Y. Singer: Adaptive subgradient methods for online learning and stochastic
#   optimization. *Journal of Machine Learning Research* 12, 2011, pp. 2121-2159. AdaGrad.
# - T. Tieleman, G. Hinton: Lecture 6.5, rmsprop: divide the gradient by a running average of its
#   recent magnitude. *Coursera: Neural Networks for Machine Learning*, 2012.
# - D. P. Kingma, J. Ba: Adam: a method for stochastic optimization. *ICLR*, 2015, arXiv:1412.6980.
# - I. Loshchilov, F. Hutter: Decoupled weight decay regularization. *ICLR*, 2019,
#   arXiv:1711.05101. AdamW.
# - I. Loshchilov, F. Hutter: SGDR: stochastic gradient descent with warm restarts. *ICLR*, 2017,
#   arXiv:1608.03983. The cosine.
# - R. Pascanu, T. Mikolov, Y. Bengio: On the difficulty of training recurrent neural networks.
#   *ICML*, PMLR 28(3), 2013, pp. 1310-1318. Clipping the norm.
# - E. M. L. Beale: On an iterative method for finding a local minimum of a function of more than
#   one variable. Technical Report 25, Statistical Techniques Research Group, Princeton University,
#   1958.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits.
#
# **Where to read on.** G. Goh: Why momentum really works. *Distill*, 2017, with pictures that
# move. I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*. MIT Press, 2016 (free online),
# chapter 8. S. Ruder: An overview of gradient descent optimization algorithms. arXiv:1609.04747,
# 2016. In this course, `ch08_training` is about where the weights start and how to keep a network
# from learning by heart.

# %% [markdown]
# # Layers, losses and training
#
# So far a function and its derivative were two separate things. In this chapter they become one
# object: a *layer*, which computes something on the way forward, remembers what it needs, and on
# the way back turns "how the loss depends on my output" into "how the loss depends on my input".
# Layers can be put in a row, and a row of layers with a loss at the end can learn.
#
# You write `layers.py`, next to this notebook: a fully connected layer, three activation layers,
# one that lays images out as rows, two losses, the row of layers, and the training loop. With them
# you will read handwritten digits. The activation functions come from your chapter 3.

# %%
from autograder.lab import start

check = start("ch06_layers")

# %%
import functools
import itertools

import layers
import matplotlib.pyplot as plt
import numpy as np

import datasets

digits = datasets.load("mnist5k")  # 4,000 training images and 1,000 test images of digits


def draw_chain(names, forward, backward):
    """Draw boxes in a row; arrows to the right carry `forward`, arrows to the left `backward`."""
    _, axes = plt.subplots(figsize=(9, 1.7))
    style = {"arrowstyle": "-|>", "linewidth": 1.5, "mutation_scale": 14}
    for i, name in enumerate(names):
        box = {"boxstyle": "round,pad=0.9", "facecolor": "#eeeeee", "edgecolor": "black"}
        axes.text(2 * i + 1, 0, name, ha="center", va="center", bbox=box, fontsize=11)
    for i, (ahead, back) in enumerate(zip(forward, backward, strict=True)):
        left, right = 2 * i - 0.32, 2 * i + 0.32
        for text, y, colour, ends in (
            (ahead, 0.2, "C0", ((left, 0.2), (right, 0.2))),
            (back, -0.2, "C1", ((right, -0.2), (left, -0.2))),
        ):
            if text:
                arrow = {**style, "color": colour}
                axes.annotate("", xy=ends[1], xytext=ends[0], arrowprops=arrow)
                place = "bottom" if y > 0 else "top"
                axes.text(2 * i, 1.4 * y, text, ha="center", va=place, color=colour, fontsize=10)
    axes.set(xlim=(-0.7, 2 * len(forward) - 1.3), ylim=(-0.95, 0.95))
    axes.axis("off")
    plt.show()


# %% [markdown]
# ## 1. A chain of small parts
#
# A network is a chain. Numbers go through it from left to right. At the end stands one number, the
# loss: how wrong the network is. Then the chain rule goes through the same chain from right to
# left.

# %%
draw_chain(
    ["Dense", "ReLU", "Dense", "loss"],
    ["x", "h", "a", "scores", "L"],
    ["", "dL/dh", "dL/da", "dL/dscores", "1"],
)

# %% [markdown]
# Each part needs to know only its own little function $y = f(x)$. From the right it is handed
# $\partial L/\partial y$, which the code calls `dout`, and it hands on to the left
#
# $$ \underbrace{\frac{\partial L}{\partial x}}_{\texttt{dx}}
# = \underbrace{\frac{\partial L}{\partial y}}_{\texttt{dout}}
# \cdot \frac{\partial y}{\partial x}. $$
#
# If the part has numbers of its own that can be learned, it also computes the gradients of those,
# and keeps them. That is all. Two rules keep the code simple: the gradient of an array has **the
# shape of that array**, and `forward` remembers what `backward` will need.

# %% [markdown]
# ## 2. The fully connected layer
#
# $$ y = x\,W + b, \qquad
# \texttt{dx} = \texttt{dout}\; W^{\mathsf T}, \quad
# \texttt{dW} = x^{\mathsf T}\, \texttt{dout}, \quad
# \texttt{db} = \sum_{\text{examples}} \texttt{dout} $$
#
# Rows are examples. You need not memorise the formulas: the shapes leave no other choice. Below,
# each rectangle is an array, its height and width are its numbers of rows and columns.


# %%
def draw_product(axes, title, parts):
    """Draw arrays as rectangles: parts are (name, rows, columns, colour) or a sign between them."""
    place = 0.0
    for part in parts:
        if isinstance(part, str):
            axes.text(place + 0.8, 0, part, ha="center", va="center", fontsize=12)
            place += 1.6
            continue
        name, rows, columns, colour = part
        box = plt.Rectangle((place, -rows / 2), columns, rows, facecolor=colour, alpha=0.5)
        axes.add_patch(box)
        axes.text(place + columns / 2, 0, name, ha="center", va="center")
        place += columns
    axes.set(title=title, xlim=(-0.5, 18.5), ylim=(-4, 4), aspect="equal")
    axes.axis("off")


N, D, M = 6, 4, 3  # examples, inputs, outputs
_, panels = plt.subplots(2, 2, figsize=(9, 3.9))
draw_product(
    panels[0, 0],
    "forward",
    [("y", N, M, "C0"), "=", ("x", N, D, "C2"), "·", ("W", D, M, "C4"), "+", ("b", 1, M, "C5")],
)
draw_product(
    panels[0, 1], "dx", [("dx", N, D, "C2"), "=", ("dout", N, M, "C0"), "·", ("Wᵀ", M, D, "C4")]
)
draw_product(
    panels[1, 0], "dW", [("dW", D, M, "C4"), "=", ("xᵀ", D, N, "C2"), "·", ("dout", N, M, "C0")]
)
draw_product(
    panels[1, 1], "db: the rows added up", [("db", 1, M, "C5"), "=", "Σ", ("dout", N, M, "C0")]
)
plt.show()

# %% [markdown]
# Why does `db` sum over the examples? Every example used the same $b$, so a small change of $b$
# reaches the loss along as many ways as there are examples, and the ways add up. The same sum
# hides in $x^{\mathsf T}\,\texttt{dout}$.
#
# Write `Dense` in `layers.py`, save, and try it:

# %%
layer = layers.Dense(2, 3, np.random.default_rng(0))
layer.params["W"][...] = [[1, 0, 2], [0, 1, 3]]
layer.params["b"][...] = [10, 20, 30]
print("y  =", layer.forward(np.array([[1.0, 2.0]])))
print("dx =", layer.backward(np.array([[1.0, 0.0, -1.0]])))
print("dW =", layer.grads["W"].tolist())
print("db =", layer.grads["b"])

# %% [markdown]
# You can always find out whether a gradient is right, without a solution to compare with: change
# one number a little, and see how much the result changes. Here the loss is $\sum \texttt{dout}
# \cdot y$ with random `dout`, and every weight gets its turn.


# %%
def measured_gradient(layer, name, x, dout, h=1e-5):
    """Return the gradient of sum(dout * y) in one parameter, by central differences."""
    value = layer.params[name]
    result = np.zeros_like(value)
    for index in np.ndindex(*value.shape):
        old = value[index]
        value[index] = old + h
        above = np.sum(dout * layer.forward(x))
        value[index] = old - h
        below = np.sum(dout * layer.forward(x))
        value[index] = old
        result[index] = (above - below) / (2 * h)
    return result


rng = np.random.default_rng(1)
layer = layers.Dense(4, 3, rng)
x, dout = rng.normal(size=(6, 4)), rng.normal(size=(6, 3))
for name in ("W", "b"):
    by_differences = measured_gradient(layer, name, x, dout)
    layer.forward(x)
    layer.backward(dout)
    print(f"d{name}: largest difference {np.abs(layer.grads[name] - by_differences).max():.1e}")

# %% [markdown]
# **Where the weights begin.** They must differ from each other (why, is a question at the end),
# and they must have the right size: too small, and the numbers fade away from layer to layer; too
# large, and they grow. For layers followed by ReLU, He and his colleagues found the variance
# $2/n_{\text{in}}$. Each curve below sends 500 digits through ten of your layers with ReLU between
# them.

# %%
images = digits.x_train[:500].astype(float)
_, axes = plt.subplots(figsize=(6, 3))
for label, factor, marker in (("half of it", 0.5, "v"), ("He", 1.0, "o"), ("twice", 2.0, "^")):
    rng = np.random.default_rng(2)
    value, sizes = images, []
    for _ in range(10):
        layer = layers.Dense(value.shape[1], 100, rng)
        layer.params["W"] *= factor
        value = np.maximum(layer.forward(value), 0)
        sizes.append(np.sqrt(np.mean(value**2)))
    axes.plot(range(1, 11), sizes, marker=marker, label=label)
axes.set(xlabel="layer", ylabel="typical size of its output", yscale="log", xticks=range(1, 11))
axes.legend(title="standard deviation")
plt.show()

# %% check="Dense"

# %% [markdown]
# ## 3. Activation layers: a memory is enough
#
# The functions are those of chapter 3. What the layer adds is the memory. `ReLU` has to remember
# where its *input* was positive; only there may the gradient pass:

# %%
rng = np.random.default_rng(4)
x, dout = rng.normal(size=(4, 6)).round(1), rng.normal(size=(4, 6)).round(1)
layer = layers.ReLU()
y = layer.forward(x)
dx = layer.backward(dout)

_, panels = plt.subplots(1, 4, figsize=(9, 1.9))
for panel, (name, value) in zip(
    panels, {"x": x, "y": y, "dout": dout, "dx": dx}.items(), strict=True
):
    panel.imshow(value, cmap="RdBu_r", vmin=-2.5, vmax=2.5)
    for row, column in np.ndindex(*value.shape):
        panel.text(
            column, row, f"{value[row, column] + 0.0:.1f}", ha="center", va="center", fontsize=7
        )
    panel.set(title=name, xticks=[], yticks=[])
    panel.grid(False)
plt.show()

# %% [markdown]
# Where `x` is negative, `y` and `dx` are 0. The sign of `dout` plays no part.
#
# `Sigmoid` and `Tanh` can be thriftier than their derivatives in chapter 3, which start from x:
# the slope can be had from the output, and the output is at hand.
#
# $$ \sigma' = y\,(1 - y), \qquad \tanh' = 1 - y^2 $$

# %%
x = np.linspace(-5, 5, 201)[None, :]
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
for name, colour in (("Sigmoid", "C0"), ("Tanh", "C1"), ("ReLU", "C2")):
    layer = getattr(layers, name)()
    left.plot(x[0], layer.forward(x)[0], color=colour, label=name)
    right.plot(x[0], layer.backward(np.ones_like(x))[0], color=colour)
left.set(title="forward", xlabel="x", ylim=(-1.2, 2))
right.set(title="backward, with dout = 1", xlabel="x")
left.legend()
plt.show()

# %% check="ReLU"

# %% check="Sigmoid"

# %% check="Tanh"

# %% [markdown]
# ## 4. Flatten
#
# An image has rows and columns; a fully connected layer wants one row per example. `Flatten` lays
# the lines of the image one behind the other, and `backward` puts them back.

# %%
image = digits.x_train[7].reshape(1, 28, 28)
layer = layers.Flatten()
row = layer.forward(image)
_, panels = plt.subplots(1, 3, figsize=(9, 1.9), width_ratios=[1, 3, 1])
panels[0].imshow(image[0])
panels[1].plot(row[0], linewidth=0.8, color="C0")
panels[1].set(title=f"forward: {image.shape} becomes {row.shape}", xlabel="pixel")
panels[2].imshow(layer.backward(row)[0])
for panel, title in ((panels[0], "x"), (panels[2], "and back")):
    panel.set(title=title)
    panel.axis("off")
plt.show()

# %% check="Flatten"

# %% [markdown]
# ## 5. Two losses
#
# **For numbers:** the mean of the squared differences, over all elements.
#
# $$ L = \frac{1}{n}\sum_i (p_i - t_i)^2, \qquad
# \frac{\partial L}{\partial p_i} = \frac{2\,(p_i - t_i)}{n} $$
#
# It is the simplest loss there is. Its only trap is NumPy's willingness to broadcast:

# %%
pred, target = np.array([[1.0], [2.0], [3.0]]), np.array([1.0, 2.0, 3.0])
print("shape of pred - target:", (pred - target).shape)
try:
    print("loss:", layers.MeanSquaredError().forward(pred, target))
except ValueError as error:
    print("your loss refuses:", error)

# %% check="MeanSquaredError"

# %% [markdown]
# **For classes:** the network gives one *score* per class, any number at all. Softmax makes
# probabilities of them, and the loss is minus the logarithm of the probability of the right class.
#
# $$ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad
# L = -\frac{1}{N} \sum_{n} \log p_{n, y_n}, \qquad
# \frac{\partial L}{\partial z} = \frac{p - \text{one-hot}(y)}{N} $$
#
# A step against this gradient pulls the score of the right class up and pushes all the others down,
# each in proportion to its share of the mistake. Hence its sign in the picture below: negative for
# the right class, positive for the others. In each row the gradient adds up to 0.

# %%
scores, right_class = np.array([[2.0, 0.5, -1.0, 1.5]]), np.array([3])
loss = layers.SoftmaxCrossEntropy()
value = loss.forward(scores, right_class)
gradient = loss.backward()
probabilities = gradient[0] + np.eye(4)[3]

_, panels = plt.subplots(1, 4, figsize=(9, 2.5))
colours = ["C0", "C0", "C0", "C1"]
for panel, (title, heights) in zip(
    panels[:3],
    {"scores": scores[0], "probabilities": probabilities, "gradient": gradient[0]}.items(),
    strict=True,
):
    panel.bar(range(4), heights, color=colours)
    panel.axhline(0, color="black", linewidth=0.8)
    panel.set(title=title, xlabel="class", xticks=range(4))
p = np.linspace(0.005, 1, 200)
panels[3].plot(p, -np.log(p), color="C0")
panels[3].plot(probabilities[3], value, "o", color="C1")
panels[3].set(title=f"loss {value:.2f}", xlabel="p of the right class")
plt.show()

# %% [markdown]
# Two things can go wrong, both with large scores: $e^{1000}$ cannot be stored, and the logarithm
# of a probability that has become 0 is infinite. The cure for both is one line of algebra.
# Subtract the largest score $m$ first, and never take the logarithm of a finished probability:
#
# $$ \log p_k = (z_k - m) - \log \sum_j e^{z_j - m} $$

# %%
extreme = np.array([[1000.0, -1000.0, 0.0]])
with np.errstate(divide="raise", over="raise", invalid="raise"):
    for k in range(3):
        print(
            f"right class {k}: loss", layers.SoftmaxCrossEntropy().forward(extreme, np.array([k]))
        )

# %% check="SoftmaxCrossEntropy"

# %% [markdown]
# ## 6. Layers in a row
#
# `Sequential` is the chain of section 1: forward through the layers, backward through them in
# reverse. It is a layer itself. Its parameters are those of its layers, under names like `"0.W"`:
# the number of the layer, a dot, the layer's own name.

# %%
rng = np.random.default_rng(0)
net = layers.Sequential([layers.Dense(2, 20, rng), layers.ReLU(), layers.Dense(20, 2, rng)])
scores = net.forward(np.zeros((5, 2)))
print("scores:", scores.shape)
for name, value in net.params.items():
    print(f"{name}: shape {value.shape}, {value.size} numbers")

# %% check="Sequential"

# %% [markdown]
# ## 7. Learning
#
# The gradient says in which direction the loss grows. So we go a small step in the opposite
# direction, and again, and again:
#
# $$ W \leftarrow W - \eta\; \texttt{dW} $$
#
# The *learning rate* $\eta$ says how long the step is, as a multiple of the gradient. We do not ask
# all examples before every step, only a handful, a *batch*, drawn in random order; its gradient
# points roughly the same way and costs far less. One passage through all examples is an *epoch*.
# Write `train`, and let us see it at work on 200 points, which no straight line can separate.


# %%
def two_rings(rng, n=200):
    """Return points on two rings and the number, 0 or 1, of each point's ring."""
    ring = np.arange(n) % 2
    radius = 1 + ring + 0.15 * rng.normal(size=n)
    angle = rng.uniform(0, 2 * np.pi, size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), ring


def spiral(rng, n=300, arms=3):
    """Return points on the arms of a spiral and the number of each point's arm."""
    arm = np.arange(n) % arms
    t = rng.uniform(0.1, 1, size=n)
    angle = 5 * t + 2 * np.pi * arm / arms + 0.15 * rng.normal(size=n)
    return np.stack([2 * t * np.cos(angle), 2 * t * np.sin(angle)], axis=1), arm


def multilayer(widths, rng, activation=None, dtype=np.float64):
    """Return Dense layers of the given widths with an activation (ReLU) between them."""
    activation = activation or layers.ReLU
    parts = []
    for n_in, n_out in itertools.pairwise(widths):
        parts += [layers.Dense(n_in, n_out, rng, dtype=dtype), activation()]
    return layers.Sequential(parts[:-1])


def draw_regions(axes, net, points, classes, title):
    """Colour the plane by the class that the network says, and draw the points."""
    side = np.linspace(-2.7, 2.7, 200)
    plane = np.stack(np.meshgrid(side, side), axis=-1)  # (200, 200, 2)
    said = net.predict(plane).argmax(axis=-1)
    colours = plt.matplotlib.colors.ListedColormap([f"C{k}" for k in range(3)])
    shown = {"cmap": colours, "vmin": 0, "vmax": 2}
    axes.imshow(said, extent=(-2.7, 2.7, -2.7, 2.7), origin="lower", alpha=0.3, **shown)
    axes.scatter(*points.T, c=classes, s=8, **shown)
    axes.set(title=title, xticks=[], yticks=[])
    axes.grid(False)


# %%
rng = np.random.default_rng(5)
points, rings = two_rings(rng)
_, panels = plt.subplots(1, 4, figsize=(9, 2.5))
for panel, widths in zip(panels, [(2, 2), (2, 3, 2), (2, 20, 2)], strict=False):
    net = multilayer(widths, np.random.default_rng(0))
    losses = layers.train(
        net, layers.SoftmaxCrossEntropy(), points, rings, 0.3, 60, 20, np.random.default_rng(1)
    )
    share = np.mean(net.predict(points).argmax(axis=1) == rings)
    name = " - ".join(map(str, widths))
    draw_regions(panel, net, points, rings, f"{name}: {share:.0%} right")
    panels[3].plot(losses, linewidth=0.7, label=name)
panels[3].set(title="loss of each batch", xlabel="step", ylim=(0, 1.5))
panels[3].legend(fontsize=7)
plt.show()

# %% [markdown]
# Without a hidden layer the border is a straight line, little better than guessing. Three hidden
# units give three bends, just enough for a triangle; twenty make it round. `predict` was asked for
# 40,000 points of the plane at once, since your `Dense` acts on the last axis of whatever it gets.
#
# The spiral is harder, so the network gets two hidden layers. (One wide layer would do as well.)
# Watch the border take shape. Every picture goes on training the same network.

# %%
rng = np.random.default_rng(6)
points, arms = spiral(rng)
net, loss = multilayer((2, 30, 30, 3), rng), layers.SoftmaxCrossEntropy()
epochs = 0
_, panels = plt.subplots(1, 4, figsize=(9, 2.5))
for panel, more in zip(panels, (0, 3, 7, 90), strict=True):
    layers.train(net, loss, points, arms, 0.1, more, 20, rng)
    epochs += more
    share = np.mean(net.predict(points).argmax(axis=1) == arms)
    draw_regions(panel, net, points, arms, f"{epochs} epochs: {share:.0%}")
plt.show()

# %% check="train"

# %% [markdown]
# ## 8. Reading digits
#
# The same parts, nothing added, on real data: 4,000 images of 784 pixels to learn from, and 1,000
# others to be examined on.

# %%
SIZES = (784, 64, 32, 10)


@functools.cache
def digit_reader():
    """Train a network on the digits; return it with the loss of every batch."""
    rng = np.random.default_rng(0)
    net = multilayer(SIZES, rng, dtype=np.float32)
    loss = layers.SoftmaxCrossEntropy()
    return net, layers.train(net, loss, digits.x_train, digits.y_train, 0.1, 20, 50, rng)


def accuracy(net, x, y):
    return np.mean(net.predict(x).argmax(axis=1) == y)


net, losses = digit_reader()
epoch_means = np.mean(np.reshape(losses, (20, 80)), axis=1)
_, axes = plt.subplots(figsize=(7, 3))
axes.plot(losses, color="C0", linewidth=0.5, alpha=0.6, label="each batch of 50")
axes.plot(80 * np.arange(20) + 40, epoch_means, color="C1", label="mean of each epoch")
axes.axhline(np.log(10), color="black", linestyle=":", linewidth=1, label="guessing: log 10")
axes.set(xlabel="step", ylabel="loss", ylim=(0, 2.6))
axes.legend()
plt.show()
print(f"{sum(value.size for value in net.params.values()):,} numbers learned")
print(f"training images read correctly: {accuracy(net, digits.x_train, digits.y_train):.1%}")
print(f"test images read correctly:     {accuracy(net, digits.x_test, digits.y_test):.1%}")

# %% [markdown]
# The curve begins near $\log 10 \approx 2.3$, which is what a network that knows nothing has to
# pay for ten classes. If your own ever starts much higher, the weights are too large; if it never
# leaves $\log 10$, no gradient arrives.
#
# The network knows its training images almost by heart and does worse on new ones. This gap is
# called *overfitting*; chapter 8 is about it.
#
# ### What the first layer looks for
#
# Each hidden unit has 784 weights, one per pixel, so they can be looked at as an image. Blue
# pixels count against the unit, red ones for it.

# %%
net, _ = digit_reader()
before = multilayer(SIZES, np.random.default_rng(0), dtype=np.float32).params["0.W"]
_, grid = plt.subplots(2, 12, figsize=(9, 2))
for row, weights, label in zip(grid, (before, net.params["0.W"]), ("before", "after"), strict=True):
    for panel, column in zip(row, weights.T, strict=False):
        panel.imshow(column.reshape(28, 28), cmap="RdBu_r", vmin=-0.2, vmax=0.2)
        panel.set(xticks=[], yticks=[])
        panel.grid(False)
    row[0].set_ylabel(label)
plt.show()

# %% [markdown]
# At the margin, where no digit ever has ink, the weights are what they were at the beginning: a
# pixel that is always 0 gives a gradient of 0. In the middle there are strokes.
#
# ### What it gets wrong
#
# Rows of the *confusion matrix* are true digits, columns are what the network said. The diagonal,
# which is right, is left out.

# %%
net, _ = digit_reader()
said = net.predict(digits.x_test).argmax(axis=1)
confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (digits.y_test, said), 1)  # += would count each pair of digits once
mistakes = confusion - np.diag(np.diag(confusion))

_, axes = plt.subplots(figsize=(4.2, 4))
axes.imshow(mistakes, cmap="Oranges")
for true, guess in np.argwhere(mistakes):
    axes.text(guess, true, mistakes[true, guess], ha="center", va="center", fontsize=9)
axes.set(xlabel="the network said", ylabel="true digit", xticks=range(10), yticks=range(10))
axes.grid(False)
plt.show()
print(f"{mistakes.sum()} mistakes in {len(said)} images")

# %% [markdown]
# And these are the mistakes it was surest of, with the probability it gave to its own answer:

# %%
net, _ = digit_reader()
scores = net.predict(digits.x_test).astype(float)
probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
probabilities /= probabilities.sum(axis=1, keepdims=True)
said = scores.argmax(axis=1)
wrong = np.flatnonzero(said != digits.y_test)
surest = wrong[np.argsort(-probabilities[wrong, said[wrong]])][:16]
_, grid = plt.subplots(2, 8, figsize=(9, 3))
for panel, i in zip(grid.flat, surest, strict=True):
    panel.imshow(digits.x_test[i].reshape(28, 28))
    panel.set_title(
        f"{digits.y_test[i]} as {said[i]} ({probabilities[i, said[i]]:.0%})", fontsize=8
    )
    panel.axis("off")
plt.show()

# %% check="mnist"

# %% [markdown]
# ### Does the loss matter?
#
# The squared error can be used for classes as well: sigmoid units at the end, and as targets a 1
# for the right class and a 0 for the others. Same network, same data, same number of steps. For
# each loss we try several learning rates and keep the best. (Strictly, a rate chosen by its result
# on the test images needs yet other images for a fair examination. Here only the shape of the
# curves matters.)


# %%
def learning_curve(kind, lr):
    """Train for ten epochs; return the test accuracy after each."""
    rng = np.random.default_rng(0)
    net = multilayer(SIZES, rng, dtype=np.float32)
    targets, loss = digits.y_train, layers.SoftmaxCrossEntropy()
    if kind == "squared error":
        net.layers.append(layers.Sigmoid())
        targets, loss = np.eye(10)[digits.y_train], layers.MeanSquaredError()
    curve = []
    for _ in range(10):
        layers.train(net, loss, digits.x_train, targets, lr, 1, 50, rng)
        curve.append(accuracy(net, digits.x_test, digits.y_test))
    return curve


_, axes = plt.subplots(figsize=(6, 3))
for kind, rates in (("cross entropy", (0.03, 0.1, 0.3)), ("squared error", (0.3, 1.0, 3.0))):
    curves = {lr: learning_curve(kind, lr) for lr in rates}
    best = max(curves, key=lambda lr: curves[lr][-1])
    axes.plot(range(1, 11), curves[best], marker="o", label=f"{kind}, learning rate {best}")
axes.set(xlabel="epoch", ylabel="share of test images right", xticks=range(1, 11))
axes.legend()
plt.show()

# %% [markdown]
# Both learn; the squared error sets out more slowly. An output unit that is badly wrong sits on a
# flat end of the sigmoid, and its gradient contains the factor $y\,(1 - y)$, which is almost 0
# there. In the cross entropy that factor cancels: what remains is $p - \text{one-hot}$, large
# where the mistake is large.

# %% [markdown]
# ## 9. In your own words
#
# For the first question, an experiment: all weights of a layer begin with the same number.

# %%
rng = np.random.default_rng(0)
points, rings = two_rings(np.random.default_rng(5))
_, panels = plt.subplots(1, 2, figsize=(5.4, 2.6))
for panel, start_value in zip(panels, (0.0, 0.5), strict=True):
    net = multilayer((2, 20, 2), rng)
    for name in ("0.W", "2.W"):
        net.params[name][...] = start_value
    layers.train(net, layers.SoftmaxCrossEntropy(), points, rings, 0.3, 60, 20, rng)
    share = np.mean(net.predict(points).argmax(axis=1) == rings)
    draw_regions(panel, net, points, rings, f"all weights {start_value}: {share:.0%}")
    units = np.unique(net.params["0.W"].round(9), axis=1).shape[1]
    print(f"all weights {start_value}: after training {units} of 20 hidden units differ")
plt.show()

# %% [markdown] question="same_weights"
# **Equal weights (5 points).** Explain what you see: why do the twenty hidden units stay alike
# although they are trained for 60 epochs, and why does nothing at all happen to the first layer
# when every weight is 0? Use the formulas for `dW` and `dx` of section 2. Which part of your
# `Dense` prevents this, and why is it no problem that all *biases* begin with 0? Four to six
# sentences.
#
# ### BEGIN SOLUTION
# If all columns of the first W are equal, all hidden units compute the same number h for every
# example. The rows of the second W are equal too, so `dx = dout Wᵀ` gives every hidden unit the
# same gradient. Then the columns of `dW = xᵀ dout` of the first layer are equal, the step moves
# all units alike, and they are equal again before the next step: by induction the network never
# does more than a single hidden unit could. With zeros, `dx` of the last layer is `dout` times 0,
# so the first layer's gradient is exactly 0; and as h is 0, `dW` of the last layer is 0 too. Only
# the last bias learns, which gives one answer for all points. The random numbers in the
# constructor of `Dense` break the tie. Biases may be equal, since units with different weights
# give different outputs and get different gradients, and so their biases part with the first step.
# ### END SOLUTION

# %% [markdown] question="misread_digits"
# **Misread digits (5 points).** Look at the confusion matrix and at the mistakes of section 8.
# Which pair of digits does *your* network confuse most, and what have the misread images in
# common? Then take one image and shift it by two pixels to the side: a human sees no difference.
# What changes for this network, and why? Name one change of the data or of the network that would
# help. Four to six sentences.
#
# ### BEGIN SOLUTION
# Often confused are pairs that share most of their strokes, such as 4 and 9, 3 and 5, or 7 and 9;
# the misread images are those in which the one distinguishing stroke is missing, broken, or closed
# by a loop (a 4 with a closed top, a 5 whose upper stroke is short). For a fully connected layer
# each pixel is an input of its own with a weight of its own. After a shift, the same stroke meets
# other weights, which learned nothing about it; for the network it is a different image, and the
# scores can change completely. Nothing in `Flatten` and `Dense` knows which pixels are neighbours.
# Training with shifted copies of the images helps, and so do layers that use the same weights at
# every place: convolutions (chapter 9).
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. Chapter 5 builds the layers of a network from their computational graphs.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019. Chapters 3 and 4: layers, losses and a trainer; softmax with cross entropy.
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: Learning representations by back-propagating
#   errors. *Nature* 323, 1986, pp. 533-536.
# - J. S. Bridle: Probabilistic interpretation of feedforward classification network outputs, with
#   relationships to statistical pattern recognition. In: F. Fogelman Soulié, J. Hérault (eds.):
#   *Neurocomputing*. Springer, 1990, pp. 227-236. Softmax.
# - H. Robbins, S. Monro: A stochastic approximation method. *Annals of Mathematical Statistics*
#   22(3), 1951, pp. 400-407. Where stochastic gradient descent comes from.
# - K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers: surpassing human-level
#   performance on ImageNet classification. *ICCV*, 2015, pp. 1026-1034. The size of the first
#   weights.
# - P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and softmax
#   functions. *IMA Journal of Numerical Analysis* 41(4), 2021, pp. 2311-2330.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits.
#
# **Where to read on.** M. Nielsen, *Neural Networks and Deep Learning* (2015, free online),
# chapters 1 and 2, read the same digits with a network of the same kind. I. Goodfellow, Y. Bengio,
# A. Courville, *Deep Learning* (MIT Press, 2016, free online), chapter 6. A. G. Baydin, B. A.
# Pearlmutter, A. A. Radul, J. M. Siskind: Automatic differentiation in machine learning: a survey.
# *Journal of Machine Learning Research* 18(153), 2018, on what `backward` has become. In this
# course, `ch07_optimizers` takes better steps than plain ones.

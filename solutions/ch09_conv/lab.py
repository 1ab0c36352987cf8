# %% [markdown]
# # Convolution and pooling
#
# A dense layer knows its 784 pixels by number. Move a digit two pixels to the right, and every
# number means something else. In this chapter you build layers that look at an image the way we
# do: through a small window that is moved over it, searching for the same thing everywhere.
#
# You write `conv.py`, next to this notebook: first convolution as its definition says, with loops,
# then the same thing so fast that a network of it learns to read in seconds; then pooling, and a
# whole convolutional network. Dense layers, ReLU, the loss and the training loop come from your
# chapter 6.

# %%
from autograder.lab import start

check = start("ch09_conv")

# %%
import functools
import time

import conv
import layers
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

import datasets

digits = datasets.load("mnist5k", images=True)  # images (N, 1, 28, 28), 4,000 and 1,000 of them


def show(images, titles=None, *, height=1.5, limits=(0, 1), map_="gray_r"):
    """Show arrays (H, W) in a row."""
    _, panels = plt.subplots(1, len(images), figsize=(9, height), squeeze=False)
    for i, (panel, image) in enumerate(zip(panels[0], images, strict=True)):
        panel.imshow(image, vmin=limits[0], vmax=limits[1], cmap=map_)
        panel.axis("off")
        if titles is not None:
            panel.set_title(titles[i], fontsize=10)
    plt.show()


# %% [markdown]
# ## 1. What a dense network does not know
#
# First a network as in chapter 6: 784 pixels, 50 hidden units, 10 classes. It is trained on the
# digits as they are, and then asked to read the test digits, moved sideways by a few pixels.


# %%
def moved(images, pixels):
    """Images (N, 1, 28, 28) moved to the right, zeros coming in from the left."""
    out = np.zeros_like(images)
    out[..., pixels:] = images[..., : images.shape[-1] - pixels]
    return out


def share_right(net, pixels=0):
    """The share of the test digits, moved by some pixels, that a network reads correctly."""
    scores = net.predict(moved(digits.x_test, pixels))
    return float(np.mean(np.argmax(scores, axis=1) == digits.y_test))


def learn(net, lr, epochs):
    """Train a network on the 4,000 digits; return the losses of all batches."""
    loss, rng = layers.SoftmaxCrossEntropy(), np.random.default_rng(2)
    began = time.perf_counter()
    losses = layers.train(net, loss, digits.x_train, digits.y_train, lr, epochs, 50, rng)
    print(f"{epochs} epochs in {time.perf_counter() - began:.1f} s, {share_right(net):.1%} right")
    return losses


@functools.cache
def dense_network():
    """Make the network and train it, once; return it and its losses."""
    rng = np.random.default_rng(1)
    hidden = layers.Dense(784, 50, rng, dtype=np.float32)
    out = layers.Dense(50, 10, rng, dtype=np.float32)
    net = layers.Sequential([layers.Flatten(), hidden, layers.ReLU(), out])
    return net, learn(net, lr=0.1, epochs=15)


dense_net, _ = dense_network()

# %%
dense_net, _ = dense_network()
steps = range(7)
seven = digits.x_test[digits.y_test == 7][2:3]
show([moved(seven, p)[0, 0] for p in steps], [f"{share_right(dense_net, p):.0%}" for p in steps])

# %% [markdown]
# The same seven, moved by 0 to 6 pixels; above it the share of all test digits that the network
# reads when they are moved that far. To us every one of them is the same seven. To the network the
# last ones are noise: it has learned at *which* pixels sevens are dark, not what a stroke looks
# like.
#
# Two ideas help. **Look locally**: a stroke, a corner, an end of a line are things of a few pixels.
# **Search everywhere with the same eyes**: what is worth finding in one place is worth finding in
# another.

# %% [markdown]
# ## 2. Along a line
#
# Start with one dimension. A *filter* of K numbers is laid on the signal, multiplied number by
# number and added up; then it moves on by one place:
#
# $$ y_t = \sum_{k=0}^{K-1} w_k \; x_{t+k} + b $$
#
# Strictly speaking this is a *cross-correlation*: in a convolution of mathematics, the filter is
# turned round first. Frameworks do not turn it round, call it convolution, and so do we.
#
# At the ends the filter would hang over. Either we stop before, and the result is shorter than the
# signal, or we first put zeros around it: **padding**. Write `pad`.

# %%
print(conv.pad(np.array([[[1.0, 2.0, 3.0]]]), 1))

# %% check="pad"

# %% [markdown]
# With several input channels the window has all of them, and with several filters each makes an
# output channel of its own. A **stride** of 2 moves the window by two places at a time. So with
# `x (N, C_in, L)`, `W (C_out, C_in, K)`:
#
# $$ y_{n,f,t} = \sum_c \sum_k W_{f,c,k} \; x_{n,c,\,t \cdot \mathrm{stride} + k} + b_f,
# \qquad T = \left\lfloor \frac{L + 2\,\mathrm{pad} - K}{\mathrm{stride}} \right\rfloor + 1 $$
#
# Backward needs no new idea, only patience. Each $W_{f,c,k}$ takes part in every output $t$, and is
# multiplied there by $x_{n,c,\,t \cdot \mathrm{stride}+k}$. So its gradient is the sum of
# $\partial L / \partial y_{n,f,t}$ times that number, over all n and t. For x it is the same with
# the roles exchanged. Write `conv1d_forward` and `conv1d_backward` with a loop over t.
#
# Here is one row of pixels through the middle of a digit, and three filters:

# %%
row = digits.x_test[digits.y_test == 0][0:1, :, 14]  # (1, 1, 28): through a zero
filters = np.array([[[1 / 3, 1 / 3, 1 / 3]], [[-1.0, 0.0, 1.0]], [[-1.0, 2.0, -1.0]]])
answers = conv.conv1d_forward(row, filters, np.zeros(3), pad=1)[0]

_, panels = plt.subplots(1, 4, figsize=(9, 2.2), sharey=True)
lines = [row[0, 0], *answers]
names = ["pixels", "mean of three", "right minus left", "middle minus sides"]
for panel, line, name in zip(panels, lines, names, strict=True):
    panel.plot(line, color="black" if name == "pixels" else "C0", linewidth=1.5)
    panel.axhline(0, color="gray", linewidth=0.8)
    panel.set(title=name, xlabel="place")
plt.show()

# %% [markdown]
# One smooths, one answers at edges (up where it gets darker, down where it gets lighter), one at
# thin lines. Three numbers decide what a filter looks for. Nobody will choose them later: they are
# parameters, and training finds them.

# %% check="conv1d"

# %% [markdown]
# ## 3. Over an image
#
# In two dimensions the window has two sides, and nothing else changes:
#
# $$ y_{n,f,r,s} = \sum_c \sum_i \sum_j W_{f,c,i,j}\;
# x_{n,c,\;r \cdot \mathrm{stride} + i,\;s \cdot \mathrm{stride} + j} + b_f $$

# %%
image = np.array([[0, 0, 1, 1, 0], [0, 1, 2, 0, 1], [1, 2, 0, 1, 0], [2, 0, 0, 1, 2]], float)
diagonal = np.array([[0.0, 1, 2], [1, 2, 0], [2, 0, 0]])


def grid(panel, numbers, title, frame=None):
    """Draw a table of numbers as coloured squares; frame = (row, column, height, width)."""
    panel.imshow(numbers, cmap="Blues", vmin=-0.2 * numbers.max(), vmax=1.6 * numbers.max())
    for (i, j), value in np.ndenumerate(numbers):
        panel.text(j, i, f"{value:g}", ha="center", va="center", fontsize=10)
    if frame is not None:
        outline(panel, *frame, linewidth=3)
    panel.set_title(title, fontsize=10)
    panel.axis("off")


def outline(panel, row, column, height, width, **style):
    """Draw a frame around some squares of a grid."""
    corner = (column - 0.5, row - 0.5)
    panel.add_patch(Rectangle(corner, width, height, fill=False, edgecolor="C1", **style))


def answer(**how):
    """What conv2d_naive makes of the image above."""
    return conv.conv2d_naive(image[None, None], diagonal[None, None], np.zeros(1), **how)[0, 0]


# %%
seen = answer()
_, panels = plt.subplots(1, 5, figsize=(9, 2.1), width_ratios=[5, 3, 3, 5, 3])
grid(panels[0], image, "window at (0, 0)", (0, 0, 3, 3))
grid(panels[1], diagonal, "filter")
grid(panels[2], seen, "result", (0, 0, 1, 1))
grid(panels[3], image, "window at (1, 2)", (1, 2, 3, 3))
grid(panels[4], seen, "result", (1, 2, 1, 1))
plt.show()

# %% [markdown]
# The result is large where the image looks like the filter: a *match*, and its size says how good
# it is. Padding keeps the size of the image, a stride makes the result smaller:

# %%
_, panels = plt.subplots(1, 4, figsize=(9, 2.3), width_ratios=[2.5, 7, 5, 3])
grid(panels[0], diagonal, "filter")
grid(panels[1], conv.pad(image[None, None], 1)[0, 0], "padded by 1; stride 2", (0, 0, 3, 3))
for top, left in ((0, 2), (0, 4), (2, 0)):
    outline(panels[1], top, left, 3, 3, linewidth=1.5, linestyle=":")
grid(panels[2], answer(pad=1), "pad 1")
grid(panels[3], answer(stride=2, pad=1), "pad 1, stride 2", (0, 0, 1, 1))
plt.show()

# %% [markdown]
# Write `conv2d_naive` as the formula stands, with loops over images, filters, rows and columns.
# It will be slow, and you will trust it. Then four filters made by hand look at a digit:

# %%
by_hand = np.array(
    [
        [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
        [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
        [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]],
        [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    ],
    float,
)[:, None]  # (4, 1, 3, 3)
five = digits.x_test[digits.y_test == 5][1:2].astype(float)
found = conv.conv2d_naive(five, by_hand, np.zeros(4), pad=1)[0]
names = ["image", "lower edges", "right edges", "slanting edges", "lines"]
show([4 * five[0, 0], *found], names, height=2.1, limits=(-4, 4), map_="RdBu")

# %% [markdown]
# Blue is a match, red a match with the opposite, white is indifference. Each result is again an
# image, a **feature map**: a map of where in the image a feature was found.

# %% check="conv2d_naive"

# %% [markdown]
# ## 4. The same, fast
#
# Count what the loops do for 100 digits and 30 filters of 5 by 5: 24 by 24 places each, so 1.7
# million results, and each costs a multiplication, a sum and some bookkeeping of Python. NumPy is
# quick at *one* big operation, not at a million small ones. Which big operation is this?
#
# **Lay every window out as a row.** Then filtering one window is an inner product of its row with
# the filter, laid out as a row, too. Filtering all windows with all filters is one matrix product:
#
# $$ \underbrace{Y}_{(N \cdot OH \cdot OW,\; C_{out})} =
# \underbrace{\mathrm{im2col}(x)}_{(N \cdot OH \cdot OW,\; C_{in} \cdot KH \cdot KW)} \;
# \underbrace{W_{rows}^{\mathsf T}}_{(C_{in} \cdot KH \cdot KW,\; C_{out})} + b $$
#
# The price is memory: with windows of 5 by 5, each pixel is written down up to 25 times.
# `_windows`, at the top of `conv.py`, is given: it shows every window without copying anything.
# What is left for `im2col` is to bring the axes into the right order and to make rows of them.

# %%
tiny = np.arange(1.0, 13.0).reshape(1, 1, 3, 4)
cols = conv.im2col(tiny, 2, 2)
_, (left, right) = plt.subplots(1, 2, figsize=(7, 2.5), width_ratios=[4, 4])
grid(left, tiny[0, 0], "image: the window at (1, 2)", (1, 2, 2, 2))
grid(right, cols, "im2col: one row per window", (5, 0, 1, 4))
plt.show()

# %% check="im2col"

# %% [markdown]
# Backward needs the way back. If the loss says how each entry of the rows should change, a pixel
# that was copied into four windows hears it four times, and the chain rule adds them up. That is
# `col2im`: it sends every entry home, and where several arrive, it adds.
#
# A picture of it: send home a row of ones for every window, and you count in how many windows each
# pixel lies.

# %%
counts = [
    conv.col2im(np.ones((36, 9)), (1, 1, 8, 8), 3, 3)[0, 0],
    conv.col2im(np.ones((9, 9)), (1, 1, 8, 8), 3, 3, stride=2)[0, 0],
    conv.col2im(np.ones((16, 16)), (1, 1, 8, 8), 4, 4, stride=2, pad=1)[0, 0],
]
_, panels = plt.subplots(1, 3, figsize=(9, 3.1))
titles = ["3 x 3, stride 1", "3 x 3, stride 2", "4 x 4, stride 2, pad 1"]
for panel, count, title in zip(panels, counts, titles, strict=True):
    grid(panel, count, title)
plt.show()

# %% [markdown]
# In the middle picture the last row and column lie in no window. They have no influence on the
# result, and so their gradient is 0.

# %% check="col2im"

# %% [markdown]
# Now `Conv2D`. Forward: im2col, one product, and the axes back into the order (N, C_out, OH, OW).
# Take care: *reshape* never moves an axis, it only joins or splits neighbours; *transpose* moves
# them. Backward goes the same way in the opposite direction, and between the two moves of axes it
# is your Dense layer:
#
# $$ dW_{rows} = dY^{\mathsf T}\,\mathrm{cols}, \qquad db = \sum_{rows} dY, \qquad
# d\mathrm{cols} = dY\, W_{rows}, \qquad dx = \mathrm{col2im}(d\mathrm{cols}) $$
#
# Do the loops and the product agree, and what was the trouble worth?

# %%
batch = digits.x_train[:10]
layer = conv.Conv2D(1, 8, 5, np.random.default_rng(3), pad=2, dtype=np.float32)
W, b = layer.params["W"], layer.params["b"]

began = time.perf_counter()
slow = conv.conv2d_naive(batch, W, b, pad=2)
between = time.perf_counter()
for _ in range(20):
    fast = layer.forward(batch)
seconds = between - began, (time.perf_counter() - between) / 20
print(f"largest difference {np.abs(fast - slow).max():.1g}")
print(f"loops {1000 * seconds[0]:.0f} ms, product {1000 * seconds[1]:.2f} ms", end="")
print(f": {seconds[0] / seconds[1]:.0f} times as fast")

# %% check="Conv2D"

# %% [markdown]
# ## 5. Pooling
#
# A feature map says exactly where a stroke was found. For reading, *roughly where* is enough, and
# less exact is better: it does not mind if the stroke moves by a pixel. **Max pooling** keeps only
# the best match of each little window, usually 2 by 2, side by side:

# %%
page = np.array([[1, 3, 0, 2, 5], [2, 0, 4, 1, 0], [0, 1, 2, 2, 3], [7, 5, 0, 2, 1]], float)
pool, mean = conv.MaxPool2D(2), conv.AvgPool2D(2)
pooled, averaged = (one.forward(page[None, None])[0, 0] for one in (pool, mean))
home = pool.backward(np.ones((1, 1, 2, 2)))[0, 0]
_, panels = plt.subplots(1, 4, figsize=(9, 2.2), width_ratios=[5, 2.5, 2.5, 5])
grid(panels[0], page, "feature map", (0, 0, 2, 2))
for top, left in ((0, 2), (2, 0), (2, 2)):
    outline(panels[0], top, left, 2, 2, linewidth=1.5)
grid(panels[1], pooled, "MaxPool2D(2)")
grid(panels[2], averaged, "AvgPool2D(2)")
grid(panels[3], home, "gradient of max: winners")
plt.show()

# %% [markdown]
# Backward, the gradient goes to the pixel that won, since only its change would change the maximum.
# Among equals one must be chosen: here the first, reading row by row. (Look at the window with
# three twos.) The last column fills no window and is ignored.
#
# **Average pooling** takes the mean, so each pixel gets an equal share of the gradient. **Global
# average pooling** goes to the end of that road and keeps one number per feature map: *how much* of
# the feature is in the image, wherever it is.

# %% check="MaxPool2D"

# %% check="AvgPool2D"

# %% check="GlobalAvgPool2D"

# %% [markdown]
# ## 6. A network that reads
#
# Stages of convolution, ReLU and max pooling, one behind the other. The filters of the second stage
# look at the feature maps of the first: at corners and curves made of strokes. After each pooling a
# window of 5 by 5 covers twice as much of the image in each direction. At the end a dense layer
# judges from what was found where. Write `build_convnet`, which puts the layers in a row.


# %%
def count(net):
    """The number of parameters of a network."""
    return sum(value.size for value in net.params.values())


def new_network():
    """Two stages of filters of 5 by 5, always with the same random start."""
    rng = np.random.default_rng(1)
    how = {"channels": (8, 16), "kernel_size": 5, "dtype": np.float32}
    return conv.build_convnet((1, 28, 28), 10, rng, **how)


untrained = new_network()
for name, value in untrained.params.items():
    print(f"{name}  {value.shape!s:16} {value.size:6,}")
print(f"together {count(untrained):,}; the dense network has {count(dense_network()[0]):,}")

# %% check="build_convnet"


# %%
@functools.cache
def conv_network():
    """Make the network and train it, once; return it and its losses."""
    net = new_network()
    return net, learn(net, lr=0.1, epochs=6)


conv_net, _ = conv_network()

# %%
both = {"dense network": dense_network()[1], "convolutional network": conv_network()[1]}
_, axes = plt.subplots(figsize=(7, 2.8))
for name, losses in both.items():
    smooth = np.convolve(losses, np.ones(20) / 20, mode="valid")
    axes.plot(np.arange(len(smooth)) / 80, smooth, label=name, linewidth=1.5)
axes.set(xlabel="epochs", ylabel="loss, mean of 20 batches", yscale="log")
axes.legend()
plt.show()

# %% [markdown]
# ### What did it learn to look for?
#
# The eight filters of the first layer, before training and after:

# %%
before, after = new_network().params["0.W"], conv_network()[0].params["0.W"]
top = float(np.abs(after).max())
show(before[:, 0], ["before"] + [""] * 7, height=1.4, limits=(-top, top), map_="RdBu")
show(after[:, 0], ["after"] + [""] * 7, height=1.4, limits=(-top, top), map_="RdBu")

# %% [markdown]
# Before, noise. After, neighbours have begun to agree: blue areas lie beside red ones. Such a
# filter answers at an edge or a stroke of one direction. Nobody told it to; edges are what helps.
# And this is what the filters see in a digit, after the ReLU, and what the second stage makes of
# it:

# %%
conv_net, _ = conv_network()
four = digits.x_test[digits.y_test == 4][3:4]
first = conv_net.layers[1].forward(conv_net.layers[0].forward(four))
second = conv_net.layers[4].forward(conv_net.layers[3].forward(conv_net.layers[2].forward(first)))
maps = [four[0, 0] * float(first.max()), *first[0]]
show(maps, ["image", *(f"map {i}" for i in range(8))], height=1.4, limits=(0, float(first.max())))
show(second[0, :9], [f"map {i}" for i in range(9)], height=1.4, limits=(0, float(second.max())))

# %% [markdown]
# Upper row: the eight maps of the first stage, 28 by 28. Lower row: nine of the sixteen maps of the
# second stage, 14 by 14, coarser in place and richer in meaning.
#
# ### Where is it wrong?

# %%
conv_net, _ = conv_network()
predicted = np.argmax(conv_net.predict(digits.x_test), axis=1)
confusion = np.zeros((10, 10), int)
np.add.at(confusion, (digits.y_test, predicted), 1)

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), width_ratios=[1, 1.1])
left.imshow(np.where(np.eye(10, dtype=bool), 0, confusion), cmap="Oranges")
for (i, j), number in np.ndenumerate(confusion):
    if number:
        left.text(j, i, str(number), ha="center", va="center", fontsize=8)
left.set(title="confusion matrix", xlabel="read as", ylabel="digit")
left.set(xticks=range(10), yticks=range(10))
left.grid(False)

wrong = np.flatnonzero(predicted != digits.y_test)[:12]
sheet = np.ones((3 * 34, 4 * 30))
for k, number in enumerate(wrong):
    r, s = 34 * (k // 4) + 6, 30 * (k % 4) + 1
    sheet[r : r + 28, s : s + 28] = 1 - digits.x_test[number, 0]
    text = f"{digits.y_test[number]} read as {predicted[number]}"
    right.text(s + 14, r - 1.5, text, ha="center", fontsize=8)
right.imshow(sheet, cmap="gray", vmin=0, vmax=1)
right.axis("off")
right.set_title("some that it misread")
plt.show()

# %% [markdown]
# ### The moved digits again
#
# A third network ends in global average pooling: it cannot even know where something was found.
# It sees each digit only as a mixture of features, so it needs a third stage, and more time.


# %%
@functools.cache
def global_network():
    """Make the network and train it, once; return it and its losses."""
    rng = np.random.default_rng(1)
    how = {"channels": (8, 16, 24), "global_pool": True, "dtype": np.float32}
    net = conv.build_convnet((1, 28, 28), 10, rng, **how)
    return net, learn(net, lr=0.2, epochs=10)


global_net, _ = global_network()

# %%
named = {
    "dense": dense_network()[0],
    "convolution, then dense": conv_network()[0],
    "convolution, then global mean": global_network()[0],
}
_, axes = plt.subplots(figsize=(7, 3))
moves = range(9)
for (name, net), marker in zip(named.items(), "os^", strict=True):
    axes.plot(moves, [100 * share_right(net, p) for p in moves], marker=marker, label=name)
axes.set(xlabel="pixels to the right", ylabel="test digits read, in %", ylim=(0, 100))
axes.legend()
plt.show()
for name, net in named.items():
    print(f"{name:30} {count(net):7,} parameters, moved by 4: {share_right(net, 4):.0%}")

# %% [markdown]
# Convolution and pooling soften the fall. Only the network that never asks *where* hardly notices
# the move, until parts of the digits leave the image. And it does so with the fewest parameters of
# the three.

# %% check="mnist"

# %% [markdown]
# ## 7. In your own words

# %% [markdown] question="shifted_digits"
# **Moved digits (5 points).** The second network consists of convolutions, whose feature maps move
# along with the digit. Why does it read digits that are moved by four pixels so much worse than the
# third? Which layer is to blame, and what do pooling layers contribute? Four to six sentences.
#
# ### BEGIN SOLUTION
# If the digit moves, its feature maps move by the same amount, since the same filter is applied
# everywhere. But after the last stage they are flattened, and the dense layer has a weight of its
# own for every place of every map: it has learned at which places features belong to a seven. A
# moved digit brings the right features to the wrong weights, so the dense layer is to blame. Each
# max pooling forgives moves of about its window: after two of them, a move of four pixels is a
# move of one place in the last maps, and small moves partly vanish. The third network averages
# over all places before its dense layer, so the place does not matter at all, as long as the
# digit stays inside the image.
# ### END SOLUTION

# %% [markdown] question="counting_parameters"
# **Counting (5 points).** How many parameters has a Conv2D from 8 to 16 channels with filters of 5
# by 5? How many would a dense layer need that maps the same input of 8 x 14 x 14 numbers to the
# same 16 x 14 x 14 outputs? Show the calculation. Then name two assumptions about images by which
# convolution saves so much. Three to five sentences and the two calculations.
#
# ### BEGIN SOLUTION
# Convolution: 16 filters of 8 * 5 * 5 = 200 weights and one offset each, 16 * 201 = 3,216. Dense:
# 8 * 14 * 14 = 1,568 inputs and 16 * 14 * 14 = 3,136 outputs, so 1,568 * 3,136 + 3,136 = 4,920,384,
# about 1,500 times as many.
#
# The first assumption is that what matters is local: an output depends on a window of 5 by 5, not
# on the whole image. The second is that the same feature is worth finding everywhere, so that all
# places share one set of weights. Where these assumptions fail (for instance, columns of a table
# have no neighbours), convolution is of no use.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. Chapter 7 on convolutional networks and im2col.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019. Chapter 5; the way from one to two dimensions is his.
# - K. Fukushima: Neocognitron: a self-organizing neural network model for a mechanism of pattern
#   recognition unaffected by shift in position. *Biological Cybernetics* 36, 1980, pp. 193-202.
# - Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel:
#   Backpropagation applied to handwritten zip code recognition. *Neural Computation* 1(4), 1989,
#   pp. 541-551.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits, too.
# - K. Chellapilla, S. Puri, P. Simard: High performance convolutional neural networks for document
#   processing. *Tenth International Workshop on Frontiers in Handwriting Recognition*, 2006.
#   Convolution as one matrix product.
# - M. Lin, Q. Chen, S. Yan: Network in network. *ICLR*, 2014. Global average pooling.
#
# **Where to read on.** V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep learning.
# arXiv:1603.07285, 2016, with pictures of every stride and padding. R. Zhang: Making convolutional
# networks shift-invariant again. *ICML*, PMLR 97, 2019, pp. 7324-7334, on what pooling does to
# moves. In this course, chapter 12 uses convolutions the other way round, from a few numbers to a
# digit.

# %% [markdown]
# # Softmax and losses
#
# A network that reads digits ends in ten numbers, one for each digit. They can be of any size. How
# sure is the network? And if it is wrong, *how* wrong? This chapter answers both questions. The
# first answer turns scores into probabilities; the second is one number, the **loss**, and a
# direction in which every score should move. All training in later chapters starts from it.
#
# You write ten short functions in `losses.py`, next to this notebook. At the end they run a
# trained network over 1,000 digits. Its sigmoid comes from your chapter 3; if that is not written
# yet, `make catchup CH=ch04_softmax` puts a solution there.

# %%
from autograder.lab import start

check = start("ch04_softmax")

# %%
import time

import activations
import losses
import matplotlib.pyplot as plt
import numpy as np

import datasets
from datasets.pretrained import digits_network

digits = datasets.load("mnist5k")  # 4,000 training images and 1,000 test images of digits
network = digits_network()  # the parameters of a trained network
truth = digits.y_test


def show(axes, image, title=""):
    """Draw one image of 784 pixels."""
    axes.imshow(image.reshape(28, 28))
    axes.set_title(title)
    axes.axis("off")


def bars(axes, values, right, title="", ylabel=""):
    """Draw ten numbers as bars; the bar of the right class is orange."""
    colours = ["C1" if k == right else "C0" for k in range(10)]
    axes.bar(range(10), values, color=colours)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(title=title, ylabel=ylabel, xticks=range(10))


# %% [markdown]
# ## 1. What a network says
#
# Somebody has trained a network for us, on the 4,000 training images (`datasets/README.md` says
# how). An image $x$ is a row of 784 pixels. Two layers of 50 and 100 units follow one another, each
# a matrix product, a bias and a sigmoid; a third one gives ten **scores** $z$:
#
# $$ h_1 = \sigma(x\,W_1 + b_1), \qquad h_2 = \sigma(h_1\,W_2 + b_2), \qquad z = h_2\,W_3 + b_3 $$


# %%
def scores():
    """Return the network's scores for the test images, (1000, 10)."""
    h = activations.sigmoid(digits.x_test @ network["W1"] + network["b1"])
    h = activations.sigmoid(h @ network["W2"] + network["b2"])
    return h @ network["W3"] + network["b3"]


def three_images():
    """Return the numbers of an easy image, a doubtful one, and one that the network gets wrong."""
    best = np.sort(scores(), axis=1)
    gap = best[:, -1] - best[:, -2]  # between the best score and the second best
    right = scores().argmax(axis=1) == truth
    return gap.argmax(), np.where(right, gap, np.inf).argmin(), np.where(right, 0, gap).argmax()


for name, value in network.items():
    print(name, value.shape, value.dtype)

_, panels = plt.subplots(2, 3, figsize=(9, 4.2), height_ratios=[1, 1.6])
for (above, below), number in zip(panels.T, three_images(), strict=True):
    show(above, digits.x_test[number], f"test image {number}")
    bars(below, scores()[number], truth[number])
panels[1, 0].set_ylabel("score")
plt.show()

# %% [markdown]
# The orange bar belongs to the digit that the image shows. On the left the network is sure and
# right, in the middle it hesitates between two digits, on the right it is wrong. But what does a
# score of 8 *mean*? Is it a lot? In the rest of the notebook you give it a meaning.

# %% [markdown]
# ## 2. The truth as a row of zeros
#
# Labels are class ids: 3 means "this is a three". To compare them with ten scores, we write them
# as ten numbers too, all 0 but for a 1 in the place of the class:
#
# $$ y = 3 \quad\longrightarrow\quad t = (0, 0, 0, 1, 0, 0, 0, 0, 0, 0) $$
#
# It is called *one-hot*, and says: with probability 1 a three, with probability 0 anything else.
# Write `one_hot` in `losses.py`, save, and run the cells again.

# %%
_, axes = plt.subplots(figsize=(9, 2.6))
axes.imshow(losses.one_hot(truth[:30], 10).T, aspect="auto")
axes.set(xticks=range(30), xticklabels=truth[:30], yticks=range(10))
axes.set(xlabel="label of the first 30 test images", ylabel="class")
axes.grid(visible=False)
plt.show()

# %% [markdown]
# One-hot rows can do more than wait for a comparison. Turned on their side and multiplied by the
# images, they add up the images of each class: every 1 lets one image through. Ten mean digits in
# one line:


# %%
def mean_digits():
    """Return the mean training image of each class, (10, 784)."""
    chosen = losses.one_hot(digits.y_train, 10)  # (4000, 10)
    return chosen.T @ digits.x_train / chosen.sum(axis=0)[:, None]


_, panels = plt.subplots(1, 10, figsize=(9, 1.2))
for k, (panel, image) in enumerate(zip(panels, mean_digits(), strict=True)):
    show(panel, image, str(k))
plt.show()

# %% check="one_hot"

# %% [markdown]
# ## 3. A maximum with a rounded corner
#
# $$ \mathrm{logsumexp}(x) = \log \sum_k e^{x_k} $$
#
# The exponential makes the largest number outweigh all others, and the logarithm undoes it. What
# comes out is a little above the maximum: at least $\max x$, at most $\max x + \log C$ for $C$
# numbers. The formula as it stands does not survive large numbers, on either side:

# %%
with np.errstate(over="raise", divide="raise"):
    for x in (np.array([1000.0, 1000.0]), np.array([-1000.0, -1000.0])):
        try:
            print(np.log(np.exp(x).sum()))
        except FloatingPointError as error:
            print(x, "the formula as it stands:", error)

# %% [markdown]
# Take the largest term out of the sum. With $m = \max x$:
#
# $$ \log \sum_k e^{x_k} = \log \Bigl( e^m \sum_k e^{x_k - m} \Bigr)
# = m + \log \sum_k e^{x_k - m} $$
#
# Now every exponent is at most 0, so nothing overflows, and one of them is exactly 0, so the sum is
# at least 1. Write `logsumexp`. It takes an `axis`, the one along which the sum runs.

# %%
print(losses.logsumexp(np.array([1000.0, 1000.0])))
print(losses.logsumexp(np.array([[0.0, 1.0, 2.0], [-1000.0, -1000.0, -1000.0]])))

# %%
t = np.linspace(-5, 5, 201)
pairs = np.stack([t, np.zeros_like(t)], axis=1)  # rows (t, 0)
both = np.stack(np.meshgrid(t, t), axis=-1)  # (201, 201, 2)
soft = losses.logsumexp(both)

_, (left, right) = plt.subplots(1, 2)
left.plot(t, pairs.max(axis=1), color="black", linewidth=1, label="maximum of t and 0")
left.plot(t, losses.logsumexp(pairs), color="C1", label="logsumexp of t and 0")
left.set(xlabel="t")
left.legend()
levels = range(-4, 6)
right.contour(
    t, t, both.max(axis=-1), levels=levels, colors="black", linewidths=1, linestyles="solid"
)
right.contour(t, t, soft, levels=levels, colors="C1", linestyles="solid")
right.set(
    xlabel="first number", ylabel="second number", aspect="equal", title="lines of one height"
)
plt.show()

# %% [markdown]
# The left curve is an old acquaintance: $\log(e^t + 1)$ is the softplus of chapter 3, a relu with
# a rounded corner. Where one number leads clearly, `logsumexp` is the maximum; where they are
# close, it lies up to $\log 2$ above.

# %% check="logsumexp"

# %% [markdown]
# ## 4. Scores become probabilities
#
# Probabilities are positive and add up to 1. Exponentials are positive; dividing by their sum does
# the rest:
#
# $$ \mathrm{softmax}(z)_k = \frac{e^{z_k}}{\sum_j e^{z_j}} $$
#
# Two things follow from the formula. If one score grows by 1, its probability grows $e$-fold
# *compared with each of the others*. And if all scores grow by the same amount, nothing changes,
# since the factor cancels. This is the way around the overflow once more: subtract the largest
# score first. Write `softmax`.

# %%
z = np.array([2.0, 1.0, -1.0])
print(losses.softmax(z))
print(losses.softmax(z + 1000), "sum", losses.softmax(z + 1000).sum())

# %%
_, panels = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True)
for panel, number in zip(panels, three_images(), strict=True):
    bars(panel, losses.softmax(scores()[number]), truth[number], f"test image {number}")
panels[0].set_ylabel("probability")
plt.show()

# %% [markdown]
# These are the three images of section 1. Now the bars mean something. In the middle the network
# sees two digits as about equally likely. On the right it gives nearly everything to one wrong
# digit.
#
# Dividing the scores by a number $T$, the *temperature*, makes the answer sharper or softer without
# changing the order of the classes:

# %%
number = three_images()[1]
_, panels = plt.subplots(1, 4, figsize=(9, 2.4), sharey=True)
for panel, T in zip(panels, (0.01, 1, 3, 30), strict=True):
    bars(panel, losses.softmax(scores()[number] / T), truth[number], f"T = {T}")
panels[0].set_ylabel("probability")
plt.show()

# %% [markdown]
# At low temperature the largest score takes nearly all, however small its lead: the answer becomes
# the one-hot row of the maximum. Softmax is its soft version, hence the name. At high temperature
# all classes become alike. A language model that chooses its next word is steered with the same
# $T$.

# %% check="softmax"

# %% [markdown]
# ## 5. Logarithms of probabilities
#
# How likely does the network think it is that *all* 1,000 labels are what they are? That is a
# product of 1,000 probabilities.

# %%
p = losses.softmax(scores())[np.arange(1000), truth]  # the probability of each true class
print("product in float64:", np.prod(p.astype(np.float64)))
print("product in float32:", np.prod(p))
print("sum of logarithms: ", np.log(p).sum())

# %% [markdown]
# The product soon runs out of floats, the sum of logarithms does not. So one computes with $\log p$
# throughout. But $p$ itself may have rounded to 0 already, and then the logarithm comes too late.
# On paper it takes one line to avoid $p$ altogether:
#
# $$ \log \mathrm{softmax}(z)_k = \log \frac{e^{z_k}}{\sum_j e^{z_j}}
# = z_k - \mathrm{logsumexp}(z) $$
#
# Write `log_softmax`. In the picture, the score of one class falls further and further behind that
# of another one.

# %%
behind = np.linspace(0, 1000, 501)
pairs = np.stack([-behind, np.zeros_like(behind)], axis=1)
with np.errstate(divide="ignore"):
    naive = np.log(losses.softmax(pairs))[:, 0]

_, axes = plt.subplots(figsize=(6, 3))
axes.plot(behind, losses.log_softmax(pairs)[:, 0], color="C1", label="log_softmax")
axes.plot(behind, naive, color="black", linewidth=1, linestyle="--", label="log of softmax")
axes.set(xlabel="how far the score is behind", ylabel="log p")
axes.legend()
plt.show()
print("the logarithm of softmax is lost from", behind[np.isinf(naive)][0], "on")

# %% check="log_softmax"

# %% [markdown]
# ## 6. How wrong is a number?
#
# A *loss* is one number that says how wrong all answers are, and it should be small when they are
# good. For answers that are numbers themselves, such as prices or pixels, the usual one is the mean
# of the squared differences, and its derivative is as simple as a derivative can be:
#
# $$ L = \frac{1}{n} \sum_i (p_i - t_i)^2 \qquad\qquad
# \frac{\partial L}{\partial p_i} = \frac{2}{n}\,(p_i - t_i) $$
#
# Here $n$ counts all elements, not rows. Write `mean_squared_error` and `mean_squared_error_grad`.
#
# The gradient points to where the loss grows, so a step against it makes the answer better. Below,
# the pixels of one digit take such steps towards another one. Nothing but your gradient moves them.

# %%
target = digits.x_test[np.flatnonzero(truth == 8)[0]]
picture = digits.x_test[np.flatnonzero(truth == 3)[0]].copy()

fig, panels = plt.subplots(1, 7, figsize=(9, 1.6))
for panel in panels[:-1]:
    show(panel, picture, f"L = {losses.mean_squared_error(picture, target):.4f}")
    for _ in range(4):
        picture -= 40 * losses.mean_squared_error_grad(picture, target)
show(panels[-1], target, "target")
plt.show()

# %% [markdown]
# The error can also serve as a distance. Which of the ten mean digits of section 2 does an image
# resemble most?

# %%
number = three_images()[1]
image = digits.x_test[number].astype(np.float64)
distances = [losses.mean_squared_error(image, mean) for mean in mean_digits()]

_, (left, right) = plt.subplots(1, 2, figsize=(9, 2.4), width_ratios=[1, 3])
show(left, image, f"test image {number}")
bars(right, distances, truth[number], "squared error to each mean digit")
plt.show()

# %% check="mean_squared_error"

# %% [markdown]
# ## 7. How wrong is a probability?
#
# For probabilities there is a better measure. Of all that the network says about an image, only the
# probability $p$ of the true class counts, and it costs
#
# $$ -\log p. $$
#
# Being sure and right costs nothing. Being sure and wrong has no upper bound. The mean over all
# examples is the **cross entropy**. It is the sum of logarithms of section 5 with a minus sign,
# divided by how many there are: the smaller it is, the more likely the network thinks the truth.
#
# If $p$ has rounded to 0, the cost would be infinite. So $p$ is limited from below at the smallest
# normal number of its dtype, and nowhere else. Write `cross_entropy`.

# %%
p = np.linspace(0.001, 1, 300)
answers = np.stack([p, 1 - p], axis=1)  # two classes; the first one is true
wanted = np.array([1.0, 0.0])
cost = [losses.cross_entropy(row[None], np.array([0])) for row in answers]
square = [losses.mean_squared_error(row, wanted) for row in answers]

_, axes = plt.subplots(figsize=(6, 3))
axes.plot(p, cost, color="C1", label="cross entropy")
axes.plot(p, square, color="C0", label="mean squared error")
axes.set(xlabel="probability of the true class", ylabel="loss")
axes.legend()
plt.show()

# %% [markdown]
# Where $p$ falls from 0.1 to 0.001, the squared error rises from 0.81 to 1.00, but cross entropy
# from 2.3 to 6.9: it sees that the one is a hundred times less likely than the other. On the test
# images:

# %%
probabilities = losses.softmax(scores())
ignorant = np.full((1000, 10), 0.1)
print(f"cross entropy of the network: {losses.cross_entropy(probabilities, truth):.4f}")
print(f"of somebody who gives 1/10 to every digit: {losses.cross_entropy(ignorant, truth):.4f}")

each = [losses.cross_entropy(probabilities[i : i + 1], truth[i : i + 1]) for i in range(1000)]
dearest = np.argsort(each)[::-1]
wrong = np.sum(probabilities.argmax(axis=1) != truth)
share = sum(each[i] for i in dearest[:wrong]) / sum(each)
print(f"{wrong} answers are wrong; the {wrong} dearest images make up {share:.0%} of the loss")

_, panels = plt.subplots(2, 6, figsize=(9, 3.2))
for panel, i in zip(panels.ravel(), dearest, strict=False):
    said = probabilities[i].argmax()
    show(panel, digits.x_test[i], f"a {truth[i]}: cost {each[i]:.1f}\nsaid {said}")
plt.show()

# %% [markdown]
# The twelve dearest images. With some of them one feels for the network.

# %% check="cross_entropy"

# %% [markdown]
# ## 8. Both in one, and the way back
#
# Put the two formulas together, and the probability disappears:
#
# $$ L = -\log \mathrm{softmax}(z)_y = \mathrm{logsumexp}(z) - z_y $$
#
# This form is safe for all scores, and it has a derivative that is worth learning by heart. The
# slope of $\mathrm{logsumexp}$ in the direction of $z_k$ is
#
# $$ \frac{\partial}{\partial z_k} \log \sum_j e^{z_j} = \frac{e^{z_k}}{\sum_j e^{z_j}}
# = \mathrm{softmax}(z)_k = p_k, $$
#
# and $z_y$ itself contributes 1 at the true class:
#
# $$ \frac{\partial L}{\partial z_k} = p_k - t_k, \qquad t = \text{the one-hot row of } y. $$
#
# *What the network says, minus the truth.* With the mean over $N$ examples all of it is divided by
# $N$. Write `softmax_cross_entropy`; it returns the loss and this gradient.

# %%
loss, dlogits = losses.softmax_cross_entropy(scores(), truth)
print(f"loss {loss:.4f}, gradient {dlogits.shape} {dlogits.dtype}")

_, panels = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True)
for panel, number in zip(panels, three_images(), strict=True):
    bars(panel, 1000 * dlogits[number], truth[number], f"test image {number}")
panels[0].set_ylabel("gradient, times N")
plt.show()

# %% [markdown]
# The three images once more. A step against the gradient raises the orange score and lowers the
# others, each by as much as it is to blame. On the left there is nothing left to learn. On the
# right one wrong class carries almost all of the blame, and the bars reach from $-1$ to 1.
#
# Why not take the squared error of the probabilities? Because of its slope. Let a class that is
# *true* fall behind the only other one, further and further:

# %%
behind = np.linspace(0, 12, 121)
pairs = np.stack([-behind, np.zeros_like(behind)], axis=1)
first = np.array([0])
slope = [losses.softmax_cross_entropy(row[None], first)[1][0, 0] for row in pairs]
square = [losses.mean_squared_error(losses.softmax(row), wanted) for row in pairs]

_, axes = plt.subplots(figsize=(6, 3))
axes.plot(behind, np.abs(slope), color="C1", label="cross entropy")
axes.plot(behind, np.abs(np.gradient(square, behind)), color="C0", label="mean squared error")
axes.set(xlabel="how far the true class is behind", ylabel="size of the gradient")
axes.legend()
plt.show()

# %% [markdown]
# The more wrong the answer, the stronger the push of cross entropy: it tends to 1. The push of the
# squared error fades where it is needed most. It has to pass through the flat end of softmax, like
# the message through saturated units in chapter 3.

# %% check="softmax_cross_entropy"

# %% [markdown]
# ## 9. The share of right answers
#
# $$ \text{accuracy} = \frac{1}{N}\,
# \bigl|\{\, i : \arg\max_k z_{ik} = y_i \,\}\bigr| $$
#
# In words: how often the largest score is that of the true class. Probabilities are not needed,
# since softmax keeps the order. Write `accuracy`.
#
# One could wish to train on accuracy directly. Here is why that does not work. We move one of the
# network's parameters, a bias of the last layer, and look at both measures:

# %%
moves = np.linspace(-6, 6, 241)
z = scores()
moved = [z + move * np.eye(10)[3] for move in moves]  # only the scores of class 3
curves = {
    "loss": [losses.softmax_cross_entropy(z, truth)[0] for z in moved],
    "accuracy": [losses.accuracy(z, truth) for z in moved],
}

_, panels = plt.subplots(1, 3, figsize=(9, 2.8))
for panel, (name, values), colour in zip(panels, curves.items(), ("C1", "C0"), strict=False):
    panel.plot(moves, values, color=colour)
    panel.set(title=name, xlabel="added to the scores of class 3")
near = np.abs(moves) <= 0.5
panels[2].plot(moves[near], np.array(curves["accuracy"])[near], color="C0", drawstyle="steps-mid")
panels[2].set(title="accuracy, close up", xlabel="added to the scores of class 3")
plt.show()

# %% [markdown]
# The loss is smooth, and its slope says where to go. Accuracy is a staircase: flat almost
# everywhere, then a jump of 1/1000 where one image changes sides. Its gradient is 0 and says
# nothing.
#
# Your gradient, on the other hand, is all that training needs. A network of a single layer,
# $z = x\,W + b$, starts with zeros. In every step $W$ and $b$ move a little against the gradient,
# which the chain rule carries one step further: $x^{\mathsf T}$ times `dlogits` for $W$, the sum of
# `dlogits` over the examples for $b$. The rest of this course builds on these few lines.


# %%
def train_one_layer(steps=60, rate=0.5):
    """Return W, b, and for every step (training loss, test accuracy)."""
    x, y = digits.x_train, digits.y_train
    W, b, history = np.zeros((784, 10), np.float32), np.zeros(10, np.float32), []
    for _ in range(steps):
        loss, dlogits = losses.softmax_cross_entropy(x @ W + b, y)
        history.append((loss, losses.accuracy(digits.x_test @ W + b, truth)))
        W -= rate * (x.T @ dlogits)
        b -= rate * dlogits.sum(axis=0)
    return W, b, np.array(history)


W, b, history = train_one_layer()
fig = plt.figure(figsize=(9, 4.4))
axes = fig.subplot_mosaic("LLLLLAAAAA;0123456789", height_ratios=[3, 1])
axes["L"].plot(history[:, 0], color="C1")
axes["L"].set(title="training loss", xlabel="step")
axes["A"].plot(history[:, 1], color="C0")
axes["A"].set(title="test accuracy", xlabel="step")
for k in range(10):
    axes[str(k)].imshow(W[:, k].reshape(28, 28), cmap="RdBu", vmin=-0.25, vmax=0.25)
    axes[str(k)].set_title(str(k))
    axes[str(k)].axis("off")
plt.show()
print(f"loss of the first step {history[0, 0]:.4f}, and log(10) is {np.log(10):.4f}")
print(f"after 60 steps: loss {history[-1, 0]:.3f}, test accuracy {history[-1, 1]:.3f}")

# %% [markdown]
# Below the curves: the 784 weights of each class as an image. Blue pixels speak for the digit, red
# ones against it.

# %% check="accuracy"

# %% [markdown]
# ## 10. The whole network, batch by batch
#
# Section 1 sent 1,000 images through the network at once. With a million, the results of the
# layers alone would fill hundreds of megabytes. So images go through in **batches**: a hundred at a
# time, then the next hundred, and the answers are put together in the end. What comes out must not
# depend on the size of the batches.
#
# Write `predict`: three layers, sigmoid after two of them, softmax after the last. Then see what
# the network knows.

# %%
answers = losses.predict(network, digits.x_test)
print("probabilities", answers.shape, answers.dtype)
print("accuracy on the 1,000 test images:", losses.accuracy(answers, truth))
print(f"cross entropy: {losses.cross_entropy(answers, truth):.4f}")
for size in (1, 7, 100, 5000):
    difference = np.abs(losses.predict(network, digits.x_test, batch_size=size) - answers).max()
    print(f"batches of {size:4}: largest difference {difference:.1e}")

# %% [markdown]
# An accuracy of 0.935 is what this network is known to have. What the batches cost and save:


# %%
def seconds(size, repeats=7):
    """Return the time of one prediction in batches of this size, the best of a few."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        losses.predict(network, digits.x_test, batch_size=size)
        times.append(time.perf_counter() - began)
    return min(times)


batch_sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
times = [1000 * seconds(size) for size in batch_sizes]
held = [size * (784 + 50 + 100 + 10) * 4 / 1e6 for size in batch_sizes]  # float32: 4 bytes each

_, (left, right) = plt.subplots(1, 2)
left.plot(batch_sizes, times, marker="o", color="C0")
left.set(xscale="log", xlabel="batch size", ylabel="milliseconds for 1,000 images")
right.plot(batch_sizes, held, marker="o", color="C1")
right.set(xscale="log", yscale="log", xlabel="batch size", ylabel="megabytes held at a time")
plt.show()

# %% [markdown]
# One image at a time is slow: most of the time goes into Python, little into arithmetic. From about
# a hundred on there is not much more to gain in time, while the memory keeps growing.
#
# Where does the network go wrong? The one-hot rows of the truth, times those of the answers, count
# every combination:

# %%
answers = losses.predict(network, digits.x_test)
guess = answers.argmax(axis=1)
table = losses.one_hot(truth, 10).T @ losses.one_hot(guess, 10)  # rows: truth, columns: answer
sure = answers.max(axis=1)

_, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
left.imshow(np.where(np.eye(10) == 1, 0, table))
for (row, column), count in np.ndenumerate(table):
    if count:
        shade = "#999999" if row == column else "white" if count > 3 else "black"
        left.text(column, row, int(count), ha="center", va="center", color=shade, fontsize=9)
left.set(xlabel="answer", ylabel="truth", xticks=range(10), yticks=range(10))
left.grid(visible=False)
bins = np.linspace(0.2, 1, 17)
right.hist([sure[guess == truth], sure[guess != truth]], bins=bins, color=["C0", "C1"], log=True)
right.legend(["right answers", "wrong answers"])
right.set(xlabel="probability of the answer", ylabel="images (log scale)")
plt.show()
print(f"right answers are {sure[guess == truth].mean():.2f} sure on average,", end=" ")
print(f"wrong ones {sure[guess != truth].mean():.2f}")

# %% [markdown]
# Wrong answers are less sure than right ones, on average: the probabilities carry information. But
# some wrong answers are very sure. A softmax is a statement of the network, not of the world.

# %% check="predict"

# %% [markdown]
# ## 11. In your own words

# %% [markdown] question="logarithms"
# **Logarithms (5 points).** A fellow student computes the loss as `-np.log(softmax(z) + 1e-7)` at
# the true class, "so that it can never become infinite". For which examples does this change the
# loss, and for which not noticeably? What happens to the slope of this loss for an example that the
# network gets very wrong, and why is that bad for training? How does `log_softmax` avoid the
# infinite loss? Four to six sentences.
#
# ### BEGIN SOLUTION
# Where the true class has a probability far above 1e-7, the addition hardly changes the logarithm.
# Where the probability is about 1e-7 or less, the loss stops growing: it can never exceed
# $-\log 10^{-7} = 16.1$, whether $p$ is 1e-10 or 1e-300.
#
# There the loss is flat, so its slope is close to 0: the gradient of $-\log(p + \epsilon)$ contains
# the factor $p / (p + \epsilon)$, which vanishes for $p \ll \epsilon$. The examples that are most
# wrong then push least, and the network cannot learn from its worst mistakes.
#
# `log_softmax` never computes $p$. It subtracts: score minus `logsumexp`. Both are finite numbers
# of moderate size, also where $p$ itself would round to 0, so there is nothing to protect against.
# ### END SOLUTION

# %% [markdown] question="loss_and_accuracy"
# **Loss and accuracy (5 points).** Two networks have the same accuracy of 0.935 on the same test
# images. The cross entropy of one is 0.24, that of the other 0.90. What can you say about their
# wrong answers? Name a use for which you would care, and one for which you would not. And why is a
# network trained on the loss although people ask for the accuracy? Four to six sentences.
#
# ### BEGIN SOLUTION
# Both are wrong equally often, but the second gives far less probability to the truth: when it is
# wrong, it is sure of its wrong answer (or it is hardly ever sure when it is right). Its
# probabilities cannot be trusted. I would care wherever something depends on them, for example if
# doubtful cheques are to be handed to a person and the others booked at once. I would not care if
# only the best guess is used and all mistakes cost the same.
#
# Training needs a slope. Accuracy changes only when an image changes sides, in jumps; between the
# jumps its gradient is 0. The loss changes smoothly with every parameter and says for each in which
# direction to move, and a loss near 0 implies right answers.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. Chapter 3 runs a given network over MNIST in batches; chapter 4 is about
#   losses.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019. Chapter 4: softmax cross entropy, and why it learns faster than squared error.
# - J. S. Bridle: Probabilistic interpretation of feedforward classification network outputs, with
#   relationships to statistical pattern recognition. In: *Neurocomputing*, NATO ASI Series F68,
#   Springer, 1990, pp. 227-236. The name softmax, and its use with networks.
# - S. A. Solla, E. Levin, M. Fleisher: Accelerated learning in layered neural networks. *Complex
#   Systems* 2, 1988, pp. 625 ff. Cross entropy against squared error (section 8).
# - I. J. Good: Rational decisions. *Journal of the Royal Statistical Society B* 14(1), 1952,
#   pp. 107-114. The logarithm as the fair price of a probability.
# - P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and softmax
#   functions. *IMA Journal of Numerical Analysis* 41(4), 2021, pp. 2311-2330.
# - C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger: On calibration of modern neural networks. *ICML*,
#   PMLR 70, 2017, pp. 1321-1330. How far the probabilities of a network can be believed; the
#   temperature of section 4.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits.
#
# **Where to read on.** M. Nielsen, *Neural Networks and Deep Learning* (2015, free online),
# chapter 3, on cross entropy and learning that slows down. I. Goodfellow, Y. Bengio, A. Courville,
# *Deep Learning* (MIT Press, 2016, free online), section 4.1 on overflow and underflow. In this
# course, `ch06_layers` puts a loss behind a chain of layers and trains all of them.

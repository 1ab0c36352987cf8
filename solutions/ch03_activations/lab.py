# %% [markdown]
# # Activation functions
#
# A layer of a neural network multiplies its input by a matrix and then sends every number through
# an *activation function*. This chapter is about that second step: five functions, their
# derivatives, and why the choice among them decides whether a deep network can learn at all.
#
# You write ten short functions in `activations.py`, next to this notebook. Open it beside the
# notebook, write one function, save, and run the cells here again. There is no need to restart.

# %%
from autograder.lab import start

check = start("ch03_activations")

# %%
import activations
import matplotlib.pyplot as plt
import numpy as np

import datasets

digits = datasets.load("mnist5k")  # 4,000 training images and 1,000 test images of digits
x = np.linspace(-6, 6, 601)


def draw(function, derivative, name):
    """Draw a function on the left and its derivative on the right."""
    value, slope = function(x), derivative(x)
    _, (left, right) = plt.subplots(1, 2)
    left.plot(x, value, color="C0")
    left.set(title=name, xlabel="x", ylabel=f"{name}(x)")
    for half in (x <= 0, x > 0):  # apart, since the slope may jump at 0
        right.plot(x[half], slope[half], color="C1")
    right.set(title=f"its derivative: {name}_grad", xlabel="x", ylabel="slope")
    for axes in (left, right):
        axes.axhline(0, color="black", linewidth=0.8, zorder=1)
        axes.axvline(0, color="black", linewidth=0.8, zorder=1)
    plt.show()


# %% [markdown]
# ## 1. Why a network has to bend
#
# Take ten images of digits, each a row of 784 pixels, and send them through two layers without an
# activation function: multiply by a matrix $W_1$, then by a matrix $W_2$.
#
# $$ (x\, W_1)\, W_2 = x\, (W_1 W_2) $$
#
# The product $W_1 W_2$ is one matrix. Two layers, or twenty, can do nothing that a single one
# cannot: stacked straight lines stay straight.

# %%
rng = np.random.default_rng(3)
W1 = rng.normal(size=(784, 50))
W2 = rng.normal(size=(50, 10))
images = digits.x_train[:10].astype(float)

two_layers = (images @ W1) @ W2
one_layer = images @ (W1 @ W2)
print("largest difference:", np.abs(two_layers - one_layer).max())

# %% [markdown]
# The difference is rounding. Something must bend between the two multiplications, and a function
# applied to each number by itself is the simplest thing that does. What should it look like?
#
# Training asks a second question of it: *if this number grew a little, how much would the result
# grow?* That is the derivative. So every function in this chapter comes as a pair, `f(x)` and
# `f_grad(x)`, and both take the same input x.

# %% [markdown]
# ## 2. The logistic function
#
# $$ \sigma(x) = \frac{1}{1 + e^{-x}} \qquad\qquad
# \sigma'(x) = \sigma(x)\,\bigl(1 - \sigma(x)\bigr) $$
#
# It squeezes every number into the interval from 0 to 1: a soft version of the perceptron's step.
# The derivative follows from the chain rule. With $u = 1 + e^{-x}$ we have $\sigma = 1/u$, hence
#
# $$ \sigma' = -\frac{1}{u^2} \cdot (-e^{-x})
# = \frac{1}{u} \cdot \frac{u - 1}{u} = \sigma\,(1 - \sigma). $$
#
# The formula has a trap. A float64 number ends near $1.8 \cdot 10^{308}$, and $e^{710}$ lies
# beyond:

# %%
with np.errstate(over="raise"):
    try:
        print(1 / (1 + np.exp(-np.array([-1000.0, 0.0, 1000.0]))))
    except FloatingPointError as error:
        print("the formula as it stands:", error)

# %% [markdown]
# Exponentials of *negative* numbers are harmless: they fade to 0. Multiplying the fraction by
# $e^x / e^x$ gives a second form, $e^x / (1 + e^x)$. One form is safe on the right, the other on
# the left.
#
# Write `sigmoid` and `sigmoid_grad` in `activations.py` so that both ends work, then run this:

# %%
far = np.array([-1000.0, 0.0, 1000.0])
with np.errstate(divide="raise", over="raise", invalid="raise"):
    print("sigmoid     ", activations.sigmoid(far).tolist())
    print("sigmoid_grad", activations.sigmoid_grad(far).tolist())

# %%
draw(activations.sigmoid, activations.sigmoid_grad, "sigmoid")

# %% [markdown]
# Remember one number from the right-hand picture: the slope is never above $1/4$. Section 8 shows
# what that costs.

# %% check="sigmoid"

# %% [markdown]
# ## 3. The hyperbolic tangent
#
# $$ \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}} \qquad\qquad \tanh'(x) = 1 - \tanh^2(x) $$
#
# It has the same shape, stretched to the interval from $-1$ to 1. That its values lie on both sides
# of 0 helps the next layer; that its slope reaches 1 helps learning. NumPy's own `np.tanh` is
# safe for every x.

# %%
draw(activations.tanh, activations.tanh_grad, "tanh")

# %% [markdown]
# The two are relatives: $\tanh(x) = 2\,\sigma(2x) - 1$. Your functions should agree on that.

# %%
difference = activations.tanh(x) - (2 * activations.sigmoid(2 * x) - 1)
print("largest difference:", np.abs(difference).max())

# %% check="tanh"

# %% [markdown]
# ## 4. The rectified linear unit
#
# $$ \mathrm{relu}(x) = \max(x, 0) \qquad\qquad
# \mathrm{relu}'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases} $$
#
# Two straight halves and a corner. Nothing to compute, and on the right side the slope is 1
# however far out x lies. At the corner itself there is no derivative; like almost everyone, we
# take 0.

# %%
draw(activations.relu, activations.relu_grad, "relu")

# %% [markdown]
# One corner is little, but a layer has many, each at its own place. Below, eight of them are
# added up with suitable weights to follow a sine. This is what a hidden layer does.

# %%
corners = np.linspace(-np.pi, np.pi, 9)
slopes = np.diff(np.sin(corners)) / np.diff(corners)
weights = np.diff(slopes, prepend=0.0)  # each corner changes the slope by this much
t = np.linspace(-np.pi, np.pi, 400)

bends = activations.relu(t[:, None] - corners[:-1])
followed = bends @ weights

_, (left, right) = plt.subplots(1, 2)
left.plot(t, bends * weights, color="C0", linewidth=1)
left.set(title="eight bends, each times its weight", xlabel="t")
right.plot(t, np.sin(t), color="black", linewidth=1, label="sine")
right.plot(t, followed, color="C1", label="sum of the eight")
right.set(title="added up", xlabel="t")
right.legend()
plt.show()

# %% check="relu"

# %% [markdown]
# ## 5. The leaky rectified linear unit
#
# $$ \mathrm{leaky}(x) = \begin{cases} x & x > 0 \\ a\,x & x \le 0 \end{cases} \qquad\qquad
# \mathrm{leaky}'(x) = \begin{cases} 1 & x > 0 \\ a & x \le 0 \end{cases} $$
#
# Left of 0 the line is not flat but rises with a small slope $a$, here the argument `slope` with
# the default 0.01. No input is ever without a slope. The picture uses 0.1, so that it can be
# seen.


# %%
def leaky(x):
    return activations.leaky_relu(x, slope=0.1)


def leaky_grad(x):
    return activations.leaky_relu_grad(x, slope=0.1)


draw(leaky, leaky_grad, "leaky_relu")

# %% check="leaky_relu"

# %% [markdown]
# ## 6. Softplus
#
# $$ \mathrm{softplus}(x) = \log(1 + e^x) \qquad\qquad
# \mathrm{softplus}'(x) = \frac{e^x}{1 + e^x} = \sigma(x) $$
#
# A relu with a rounded corner, and its derivative is an old acquaintance. The trap is the same as
# before: at $x = 1000$ the result is 1000, but $e^{1000}$ cannot be stored on the way. Taking
# $e^x$ out of the bracket, $\log(1 + e^x) = x + \log(1 + e^{-x})$, gives a form that is safe on
# the right.

# %%
with np.errstate(divide="raise", over="raise", invalid="raise"):
    print("softplus     ", activations.softplus(far).tolist())
    print("softplus_grad", activations.softplus_grad(far).tolist())

# %%
draw(activations.softplus, activations.softplus_grad, "softplus")

# %% check="softplus"

# %% [markdown]
# ## 7. A layer on real digits
#
# Enough of single numbers. We take 200 handwritten digits, shift and scale the pixels to mean 0
# and standard deviation 1, and multiply by random weights: a first layer with 100 units, before
# any training. The weights are scaled so that the products, too, have a spread of about 1.

# %%
pixels = digits.x_test[:200].astype(float)
pixels = (pixels - pixels.mean()) / pixels.std()
first = np.random.default_rng(7).normal(size=(784, 100)) / np.sqrt(784)
products = pixels @ first  # (200, 100): what reaches the activation functions

_, panels = plt.subplots(1, 8, figsize=(9, 1.3))
for panel, image in zip(panels, digits.x_test[:8], strict=True):
    panel.imshow(image.reshape(28, 28))
    panel.axis("off")
plt.show()
print(f"products: mean {products.mean():.2f}, standard deviation {products.std():.2f}")

# %%
names = ["sigmoid", "tanh", "relu", "leaky_relu", "softplus"]
results = [getattr(activations, name)(products) for name in names]

_, panels = plt.subplots(1, 5, figsize=(9, 2.4), sharey=True)
for panel, name, result in zip(panels, names, results, strict=True):
    panel.hist(result.ravel(), bins=40, density=True, color="C0")
    panel.set(title=name, yscale="log", xlabel="value")
panels[0].set_ylabel("density (log scale)")
plt.show()
print(f"relu sets {np.mean(results[2] == 0):.0%} of the values to exactly 0")

# %% [markdown]
# The same products, five different outcomes: pressed between 0 and 1, between $-1$ and 1, cut off,
# dimmed, or lifted. A relu layer answers every image with zeros in about half of its units.

# %% [markdown]
# ## 8. Ten layers deep
#
# Now ten such layers, one behind the other, each with 100 units: multiply, activate, multiply,
# activate. The digits go in at the front. We try two sizes of random weights:
#
# - **large**: standard deviation 1;
# - **modest**: standard deviation $\sqrt{2/n}$, where n is the number of inputs of the layer.
#
# `forward` keeps what each layer receives and returns; your functions do the bending.

# %%
DEPTH = 10
kinds = ["sigmoid", "tanh", "relu"]


def make_weights(size):
    """Return ten weight matrices, the first for pixels, with large or modest numbers."""
    rng = np.random.default_rng(11)
    shapes = [(784, 100)] + [(100, 100)] * (DEPTH - 1)
    weights = [rng.normal(size=shape) for shape in shapes]
    return weights if size == "large" else [W * np.sqrt(2 / len(W)) for W in weights]


def forward(kind, weights):
    """Send the digits through all layers; return what each layer receives and what it returns."""
    function = getattr(activations, kind)
    received, returned, value = [], [], pixels
    for W in weights:
        received.append(value @ W)
        value = function(received[-1])
        returned.append(value)
    return received, returned


def show_layers(size):
    """Draw a histogram of what layers 1, 4, 7 and 10 return, one row for each activation."""
    runs = [forward(kind, make_weights(size))[1] for kind in kinds]
    fig, grid = plt.subplots(3, 4, figsize=(9, 5.6))
    for row, kind, returned in zip(grid, kinds, runs, strict=True):
        for panel, layer in zip(row, [1, 4, 7, 10], strict=True):
            panel.hist(returned[layer - 1].ravel(), bins=40, color="C0")
            panel.set_yticks([])
            panel.ticklabel_format(axis="x", style="sci", scilimits=(-2, 3))
            panel.grid(False)
            if kind != "relu":
                panel.set_xticks([0, 0.5, 1] if kind == "sigmoid" else [-1, 0, 1])
        row[0].set_ylabel(kind)
    for panel, layer in zip(grid[0], [1, 4, 7, 10], strict=True):
        panel.set_title(f"layer {layer}")
    fig.suptitle(f"{size} weights: what the layers return")
    plt.show()


# %%
show_layers("large")

# %% [markdown]
# With large weights most of what leaves a sigmoid layer is close to 0 or to 1, and nearly all that
# leaves a tanh layer is close to $-1$ or to 1. Such units are **saturated**: they sit on the flat
# ends of their curve. relu cannot saturate on the right. Look at the numbers below its last
# histogram instead: they grow with every layer, without end.

# %%
show_layers("modest")

# %% [markdown]
# With modest weights tanh uses its whole range, and relu keeps its scale from the first layer to
# the last. The sigmoid layers are no longer saturated, but they forget. Their last histogram falls
# apart into single spikes: each unit returns almost the same number, whichever digit it is shown.

# %%
for kind in kinds:
    returned = forward(kind, make_weights("modest"))[1]
    spread = [value.std(axis=0).mean() for value in returned]  # of a unit, from digit to digit
    print(f"{kind:8} spread in layer 1: {spread[0]:.2g}, in layer 10: {spread[-1]:.2g}")

# %% [markdown]
# ### What comes back
#
# To learn, the first layer must hear how its numbers affect the result. The message travels
# backwards through all layers. On its way through each it is multiplied by the derivative of the
# activation and by the weights, which is nothing but the chain rule:
#
# $$ \frac{\partial L}{\partial \text{received}}
# = \frac{\partial L}{\partial \text{returned}} \cdot f'(\text{received}), \qquad
# \frac{\partial L}{\partial \text{input}}
# = \frac{\partial L}{\partial \text{received}}\; W^{\mathsf T} $$
#
# In chapter 6 you build this machinery. Here it is given, and your derivatives do the work: we
# send a random message in at the end and measure its size at every layer.


# %%
def message_sizes(kind, size):
    """Return the typical size (root mean square) of the message at each layer, first to last."""
    weights = make_weights(size)
    received, _ = forward(kind, weights)
    derivative = getattr(activations, f"{kind}_grad")
    message = np.random.default_rng(5).normal(size=received[-1].shape)
    sizes = []
    for W, inputs in zip(reversed(weights), reversed(received), strict=True):
        message = message * derivative(inputs)
        sizes.append(np.sqrt(np.mean(message**2)))
        message = message @ W.T
    return sizes[::-1]


curves = {size: {k: message_sizes(k, size) for k in kinds} for size in ("modest", "large")}

_, panels = plt.subplots(1, 2, figsize=(9, 3.6))
for panel, (size, sizes) in zip(panels, curves.items(), strict=True):
    for kind, marker in zip(kinds, "os^", strict=True):
        panel.plot(range(1, DEPTH + 1), sizes[kind], marker=marker, label=kind)
    panel.set(title=f"{size} weights", xlabel="layer", yscale="log", xticks=range(1, DEPTH + 1))
panels[0].set_ylabel("size of the message")
panels[0].legend()
plt.show()

shares = {kind: sizes[0] / sizes[-1] for kind, sizes in curves["modest"].items()}
for kind, share in shares.items():
    print(f"{kind:8} modest weights: size at layer 1 / size at layer 10 = {share:.2g}")

# %% [markdown]
# Read the left picture from right to left, as the message travels. Through sigmoid layers it
# shrinks by the same factor at every step, although no unit is saturated: this is the **vanishing
# gradient**. Through tanh and relu layers it keeps its size.
#
# In the right picture the large weights blow the message up: with tanh it more than doubles at
# nearly every layer, with relu it grows sevenfold. It **explodes**. With sigmoid the size happens
# to stay about the same, because large weights make up for small derivatives. But it stays for
# some units only. Those that an image drives into saturation, about half, pass on next to nothing:

# %%
received = forward("sigmoid", make_weights("large"))[0]
small = activations.sigmoid_grad(received[4]) < 0.01
print(f"layer 5, sigmoid, large weights: {small.mean():.0%} of the slopes are below 0.01")

# %% [markdown]
# Good weights differ from one activation function to the next. Chapter 8 makes them.

# %% [markdown]
# ## 9. In your own words

# %% [markdown] question="saturation"
# **Saturation (5 points).** In the figure of section 8 with large weights, the histograms of the
# sigmoid layers have two peaks, at 0 and at 1. Why does a unit that always returns a value close
# to 0 or 1 learn slowly? And why does the message vanish with modest weights too, where no unit
# is saturated? Refer to the derivative that you wrote. Four to six sentences.
#
# ### BEGIN SOLUTION
# A value near 0 or 1 means that the unit's input lies far out, on a flat end of the curve. There
# the derivative $s\,(1 - s)$ is nearly 0, because one of the two factors is. Everything that comes
# back through this unit is multiplied by that derivative, so the unit's own weights, and all that
# acts through it from further in front, receive almost no correction: the unit stays where it is,
# even when it is wrong.
#
# Without saturation the derivative is larger, but never above 1/4, its value at 0. So every layer
# makes the message at least four times smaller. The modest weights enlarge it again, but only by
# about $\sqrt{2}$. What is left is a factor of about 0.3 per layer, and ten of them in a row leave
# almost nothing.
# ### END SOLUTION

# %% [markdown] question="zero_gradient"
# **A gradient of zero (5 points).** During training the weights of one relu unit have moved so
# that it receives a negative number for every image of the training set. What does this unit
# return, which gradient do its weights get, and what happens to it from then on? What changes
# with leaky relu? Three to five sentences.
#
# ### BEGIN SOLUTION
# The unit returns 0 for every image, and the derivative of relu is 0 at each of these inputs. The
# gradient of its weights is a sum of terms that all contain this derivative, so it is exactly 0,
# and gradient descent does not move the weights. The unit stays silent for good ("dead"), unless
# layers before it change what it receives.
#
# With leaky relu the derivative on the left is the slope, for example 0.01. The gradient is small
# but not 0, so the weights keep moving and the unit can come back.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. Chapter 3 on activation functions, chapter 6 on what weights do to their
#   distribution.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019.
# - V. Nair, G. E. Hinton: Rectified linear units improve restricted Boltzmann machines. *ICML*,
#   2010, pp. 807-814.
# - X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural
#   networks. *AISTATS*, PMLR 9, 2010, pp. 249-256. Section 8 follows it on a small scale.
# - X. Glorot, A. Bordes, Y. Bengio: Deep sparse rectifier neural networks. *AISTATS*, PMLR 15,
#   2011, pp. 315-323.
# - A. L. Maas, A. Y. Hannun, A. Y. Ng: Rectifier nonlinearities improve neural network acoustic
#   models. *ICML Workshop on Deep Learning for Audio, Speech and Language Processing*, 2013.
#   Leaky relu.
# - C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau, R. Garcia: Incorporating second-order functional
#   knowledge for better option pricing. *NIPS* 13, 2000. Softplus.
# - P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and softmax
#   functions. *IMA Journal of Numerical Analysis* 41(4), 2021, pp. 2311-2330. The overflow of
#   exponentials and what to do about it.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits.
#
# **Where to read on.** M. Nielsen, *Neural Networks and Deep Learning* (2015, free online),
# chapter 5, on why deep networks are hard to train. K. He, X. Zhang, S. Ren, J. Sun: Delving deep
# into rectifiers. *ICCV*, 2015, pp. 1026-1034, on weights that suit relu. In this course,
# `ch06_layers` turns these functions into layers with a memory, and trains them.

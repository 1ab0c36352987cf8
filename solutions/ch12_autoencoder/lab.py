# %% [markdown]
# # Autoencoders and maps of codes
#
# Every network of this course so far was told the right answers. An *autoencoder* gets none. It is
# trained to give back what it is given, which would be easy, if it did not have to pass everything
# through a bottleneck: an image of 784 numbers has to fit into, say, 16. What comes out on the
# other side shows what the network has kept.
#
# You write `autoencoder.py`, next to this notebook: an autoencoder of dense layers, one of
# convolutions, and tools to look at codes, among them t-SNE, which draws maps of many-dimensional
# data. Layers and training come from your chapters 6, 7 and 9.

# %%
from autograder.lab import start

check = start("ch12_autoencoder")

# %%
import functools

import autoencoder as ae
import layers
import matplotlib.pyplot as plt
import numpy as np
import optimizers

import datasets

digits = datasets.load("mnist5k")  # 4,000 training images and 1,000 test images of digits
some = np.array([np.flatnonzero(digits.y_test == digit)[3] for digit in range(10)])  # one of each


def restore(model, x, epochs, lr=0.003, batch_size=64):
    """Train a model to give back x; return the loss of every epoch."""
    trainer = optimizers.Trainer(model, layers.MeanSquaredError(), optimizers.Adam(lr))
    return trainer.fit(x, x, epochs, batch_size, np.random.default_rng(1))["loss"]


def show_rows(rows, titles):
    """Show rows of images of 784 numbers each, one row of the figure for each."""
    count = len(rows[0])
    _, panels = plt.subplots(len(rows), count, figsize=(9, 0.95 * len(rows)), squeeze=False)
    for line, images, title in zip(panels, rows, titles, strict=True):
        for panel, image in zip(line, images, strict=True):
            panel.imshow(np.reshape(image, (28, 28)), vmin=0, vmax=1)
            panel.set(xticks=[], yticks=[])
            panel.grid(False)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center")
    plt.show()


# %% [markdown]
# ## 1. Through the bottleneck
#
# $$ z = f(x), \qquad y = g(z), \qquad
# L = \frac{1}{N D} \sum_{n,d} (y_{nd} - x_{nd})^2 $$
#
# The *encoder* $f$ makes a short *code* $z$ of an example, the *decoder* $g$ an example of a code.
# The target is the input itself. Here are the widths of the network of this notebook:

# %%
_, axes = plt.subplots(figsize=(9, 2.2))
parts = [("x", 784), ("", 256), ("z", 16), ("", 256), ("y", 784)]
for i, (name, width) in enumerate(parts):
    tall = np.sqrt(width) / 28
    colour = "C1" if name == "z" else "C0"
    axes.add_patch(plt.Rectangle((2 * i, -tall / 2), 0.35, tall, facecolor=colour, alpha=0.6))
    axes.text(2 * i + 0.17, -0.68, f"{name} {width}".strip(), ha="center")
    if i < 4:
        label = ("Dense, ReLU", "Dense", "Dense, ReLU", "Dense, Sigmoid")[i]
        axes.annotate(
            "", xy=(2 * i + 1.9, 0), xytext=(2 * i + 0.45, 0), arrowprops={"arrowstyle": "-|>"}
        )
        axes.text(2 * i + 1.17, 0.08, label, ha="center", fontsize=9)
axes.text(1.2, 0.62, "encoder", ha="center", color="C0")
axes.text(7.2, 0.62, "decoder", ha="center", color="C0")
axes.set(xlim=(-0.5, 8.9), ylim=(-0.8, 0.8))
axes.axis("off")
plt.show()

# %% [markdown]
# There is no activation on the code: its numbers may be anything. The sigmoid at the end suits
# pixels between 0 and 1. In code, the whole network is two `Sequential`s, one after the other:

# %%
model = ae.Autoencoder(784, 256, 16, np.random.default_rng(0), dtype=np.float32)
images = digits.x_test[:3]
print("x:", images.shape, " z:", model.encode(images).shape, " y:", model.predict(images).shape)
for name, value in model.params.items():
    print(f"{name}: {value.shape}")

# %% [markdown]
# Chapter 7's `Trainer` takes it as it is, with the images as their own targets. Ten epochs, and
# compare. Above the originals, below what is left of them after they have been 16 numbers for a
# moment:


# %%
@functools.cache
def trained(code=16, noise=0.0):
    """Return an autoencoder of digits, trained, and the loss of every epoch."""
    model = ae.Autoencoder(784, 256, code, np.random.default_rng(0), noise, dtype=np.float32)
    return model, restore(model, digits.x_train, epochs=10)


model, losses = trained()
_, axes = plt.subplots(figsize=(6, 2.6))
axes.plot(range(1, 11), losses, marker="o", color="C0")
axes.set(xlabel="epoch", ylabel="loss", xticks=range(1, 11), ylim=(0, None))
plt.show()
show_rows([digits.x_test[some], model.predict(digits.x_test[some])], ["original", "restored"])

# %% check="Autoencoder"

# %% [markdown]
# ## 2. How good is that?
#
# One number for the whole model is the mean squared error over all pixels of images it has not
# seen. It needs a yardstick. The best that *straight* maps (a matrix and an offset, nothing bent)
# can do is principal component analysis, PCA: choose the flat space of 16 dimensions that lies
# closest to the images, and drop everything perpendicular to it. NumPy's singular value
# decomposition finds it.

# %%
mean = digits.x_train.mean(axis=0)
axes_of_pca = np.linalg.svd(digits.x_train - mean, full_matrices=False)[2]  # (784, 784)


def by_pca(x, code):
    """Return x projected on the first principal components."""
    best = axes_of_pca[:code]
    return mean + (x - mean) @ best.T @ best


class Pca:
    """PCA in the clothes of a model."""

    def __init__(self, code):
        self.code = code

    def predict(self, x):
        return by_pca(x, self.code)


def error(model):
    return ae.reconstruction_error(model, digits.x_test)


codes = [4, 8, 16, 32]
straight = [error(Pca(code)) for code in codes]
bent = [error(trained(code)[0]) for code in codes]
_, axes = plt.subplots(figsize=(6, 2.8))
axes.plot(codes, straight, marker="s", color="C1", label="PCA")
axes.plot(codes, bent, marker="o", color="C0", label="autoencoder")
axes.set(xlabel="numbers in the code", ylabel="error", xscale="log", xticks=codes, ylim=(0, None))
axes.set_xticklabels([str(code) for code in codes])
axes.minorticks_off()
axes.legend()
plt.show()
for code, one, other in zip(codes, straight, bent, strict=True):
    print(f"{code:2d} numbers: PCA {one:.4f}, autoencoder {other:.4f}, ratio {other / one:.2f}")
show_rows(
    [
        digits.x_test[some],
        by_pca(digits.x_test[some], 8),
        trained(8)[0].predict(digits.x_test[some]),
    ],
    ["original", "PCA, 8", "yours, 8"],
)

# %% [markdown]
# At every length of the code, the network that can bend loses less. With no ReLU and no sigmoid it
# could do no better than PCA on its training images, however long it was trained: a chain of
# straight maps is a straight map, and PCA is the best of those.

# %% check="reconstruction_error"

# %% check="mnist"

# %% [markdown]
# ## 3. Denoising
#
# Add noise to the input while training, but not to the target. To give back the clean image, the
# network has to know which images are possible. The name for this is *denoising autoencoder*, and
# all it takes is `noise=0.4` in the constructor.

# %%
rng = np.random.default_rng(2)
clean = digits.x_test[some]
noisy = (clean + 0.4 * rng.standard_normal(clean.shape)).astype(np.float32)
plain_model, _ = trained(32)
trained_with_noise, _ = trained(32, noise=0.4)
show_rows(
    [clean, np.clip(noisy, 0, 1), plain_model.predict(noisy), trained_with_noise.predict(noisy)],
    ["original", "with noise", "plain", "denoising"],
)
everything = digits.x_test + 0.4 * rng.standard_normal(digits.x_test.shape).astype(np.float32)
for name, cleaned in (
    ("noisy image itself", everything),
    ("plain autoencoder", plain_model.predict(everything)),
    ("denoising one", trained_with_noise.predict(everything)),
):
    print(f"{name}: error {np.mean((cleaned - digits.x_test) ** 2):.4f}")

# %% [markdown]
# ## 4. Convolutions on both sides
#
# A convolutional encoder shrinks the image by pooling. Its decoder has to do the opposite, and the
# simplest way to enlarge an image is to repeat each pixel. Forward, one pixel feeds a block of
# four outputs; so, backward, it receives the **sum** of four gradients.
#
# $$ y_{ij} = x_{\lfloor i/2 \rfloor, \lfloor j/2 \rfloor}, \qquad
# \texttt{dx}_{ij} = \sum_{a,b \in \{0,1\}} \texttt{dout}_{2i+a,\,2j+b} $$

# %%
layer = ae.Upsample(2)
small = np.array([[[[0.2, 0.9, 0.4], [0.7, 0.1, 0.6]]]])
large = layer.forward(small)
dout = np.ones_like(large)
dout[0, 0, 1, 1] = -2.0
_, panels = plt.subplots(1, 4, figsize=(9, 1.9))
pictures = {"x": small, "y": large, "dout": dout, "dx": layer.backward(dout)}
for panel, (name, value) in zip(panels, pictures.items(), strict=True):
    panel.imshow(value[0, 0], vmin=-7, vmax=7, cmap="RdBu_r")
    for row, column in np.ndindex(*value.shape[2:]):
        text = f"{value[0, 0, row, column]:g}"
        panel.text(column, row, text, ha="center", va="center", fontsize=7)
    panel.set(title=name, xticks=[], yticks=[])
    panel.grid(False)
plt.show()

# %% check="Upsample"

# %% [markdown]
# The convolutional autoencoder differs from the dense one only in its constructor. It has far fewer
# numbers to learn; each step takes longer, since every filter visits every place. Three epochs show
# that it works; to come close to the dense one, it would need more of them, and more filters.

# %%
conv_model = ae.ConvAutoencoder((1, 28, 28), (4, 8), 16, np.random.default_rng(0), dtype=np.float32)
square = digits.x_train.reshape(-1, 1, 28, 28)
restore(conv_model, square, epochs=3, lr=0.004, batch_size=32)
restored = conv_model.predict(digits.x_test[some].reshape(-1, 1, 28, 28))
show_rows([digits.x_test[some], restored], ["original", "restored"])
for name, each in (("dense", trained()[0]), ("convolutional", conv_model)):
    print(f"{name}: {sum(value.size for value in each.params.values()):,} numbers learned")
found = ae.reconstruction_error(conv_model, digits.x_test.reshape(-1, 1, 28, 28))
print(f"error after three epochs: {found:.4f}")

# %% check="ConvAutoencoder"

# %% [markdown]
# ## 5. Neighbours
#
# Nobody has told the network which images are alike. Look for the nearest codes:
#
# $$ \text{neighbours of } q = \text{the } k \text{ codes with the smallest } |z_i - q|^2 $$

# %%
model, _ = trained()
train_codes = model.encode(digits.x_train)
near = ae.nearest_neighbours(train_codes, model.encode(digits.x_test[some[:5]]), k=9)
show_rows(
    [
        np.vstack([digits.x_test[i : i + 1], digits.x_train[row]])
        for i, row in zip(some, near, strict=False)
    ],
    [f"a {digits.y_test[i]}" for i in some[:5]],
)
votes = digits.y_train[ae.nearest_neighbours(train_codes, model.encode(digits.x_test), k=5)]
winner = np.array([np.bincount(row, minlength=10).argmax() for row in votes])
print(f"digit told by the vote of 5 neighbours: {np.mean(winner == digits.y_test):.1%} right")

# %% [markdown]
# On the left the image that was asked for, beside it its neighbours, nearest first. A vote among
# the labels of the neighbours reads digits quite well, although the codes were made without labels.

# %% check="nearest_neighbours"

# %% [markdown]
# ## 6. A map of the codes: t-SNE
#
# Sixteen numbers cannot be looked at. Two can. *t-SNE* looks for a map in the plane on which
# neighbours stay neighbours. It does so in three steps, each a few lines long.
#
# **Step 1: distances become probabilities.** Point $i$ chooses another point at random, near ones
# more often:
#
# $$ p_{j|i} = \frac{e^{-\beta_i |x_i - x_j|^2}}{\sum_{k \ne i} e^{-\beta_i |x_i - x_k|^2}} $$
#
# How far does a point look? Each $\beta_i$ is chosen so that the choice is as uncertain as one
# among, say, 20 equally likely points: the *perplexity* of the row, 2 to the power of its entropy
# in bits, is 20. Points in a crowd get a large $\beta$, lonely ones a small one. A search by
# halving finds it, since the perplexity falls when $\beta$ grows:

# %%
rng = np.random.default_rng(3)
points = np.concatenate([0.3 * rng.normal(size=(30, 2)), 1.5 * rng.normal(size=(15, 2)) + [6, 0]])
squares = np.sum((points[:, None] - points) ** 2, axis=-1)
betas = np.geomspace(1e-3, 1e3, 60)
_, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
left.scatter(*points.T, s=12, color="#999999")
from_crowd = np.sum(points**2, axis=1)
chosen = (from_crowd.argmin(), "C0", "in the crowd"), (from_crowd.argmax(), "C1", "lonely")
for i, colour, label in chosen:
    row = np.delete(squares[i], i)
    curve = []
    for beta in betas:
        p = np.exp(-beta * (row - row.min()))
        p /= p.sum()
        curve.append(2 ** -np.sum(p * np.log2(p, where=p > 0, out=np.zeros_like(p))))
    right.plot(betas, curve, color=colour, label=label)
    left.scatter(*points[i], s=60, color=colour)
right.axhline(8, color="black", linestyle=":", linewidth=1)
right.set(xscale="log", xlabel="β", ylabel="perplexity")
right.legend(title="the point is")
left.set(aspect="equal", title="two of the points")
plt.show()

P = ae.pairwise_affinities(points, 8.0)
print(f"sum of P: {P.sum():.6f}, symmetric: {np.allclose(P, P.T)}")

# %% check="pairwise_affinities"

# %% [markdown]
# **Step 2: the same on the map**, with a kernel of longer tails, so that there is room for those
# who are not neighbours:
#
# $$ w_{ij} = \frac{1}{1 + |y_i - y_j|^2}, \qquad q_{ij} = \frac{w_{ij}}{\sum_{k \ne l} w_{kl}} $$
#
# **Step 3: move the points** of the map until $Q$ is like $P$. The measure is
# $KL = \sum P \log(P/Q)$, and its gradient is a sum of forces, pulls where $P > Q$ and pushes where
# $P < Q$:
#
# $$ \frac{\partial KL}{\partial y_i} = 4 \sum_j (p_{ij} - q_{ij})\, w_{ij}\, (y_i - y_j) $$
#
# Write it in `_map_gradient`. As always, finite differences tell you whether it is right:


# %%
def divergence(P, y):
    """Return KL(P || Q) for the map y."""
    w = 1 / (1 + np.sum((y[:, None] - y) ** 2, axis=-1))
    others = ~np.eye(len(y), dtype=bool)
    Q = w / w[others].sum()
    return np.sum(P[others] * np.log(P[others] / Q[others]))


rng = np.random.default_rng(4)
P = ae.pairwise_affinities(rng.normal(size=(8, 5)), 3.0)
y = rng.normal(size=(8, 2))
measured = np.zeros_like(y)
for index in np.ndindex(*y.shape):
    shift = np.zeros_like(y)
    shift[index] = 1e-5
    measured[index] = (divergence(P, y + shift) - divergence(P, y - shift)) / 2e-5
print(f"largest difference: {np.abs(ae._map_gradient(P, y) - measured).max():.1e}")

# %% [markdown]
# Then `tsne` is gradient descent, in which the parameters are the points themselves. Here is the
# map of 500 test images by their codes, coloured by digit, and beside it the flat map of PCA. Each
# number stands where its digit is most crowded. The colours are ours: neither method has seen a
# label.


# %%
@functools.cache
def maps():
    """Return the codes of 500 test images, their flat map by PCA, and their map by t-SNE."""
    codes = trained()[0].encode(digits.x_test[:500]).astype(float)
    centred = codes - codes.mean(axis=0)
    flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    return codes, flat, ae.tsne(codes, np.random.default_rng(5), perplexity=25.0, steps=350)


_, flat, tsne_map = maps()
_, panels = plt.subplots(1, 2, figsize=(9, 4.4))
for panel, where, title in zip(
    panels, (flat, tsne_map), ("PCA of the codes", "t-SNE of the codes"), strict=True
):
    for digit in range(10):
        here = where[digits.y_test[:500] == digit]
        panel.scatter(*here.T, s=4, color=plt.cm.tab10(digit), alpha=0.6)
        spread = np.sort(ae._squared_distances(here, here), axis=1)[:, 15]
        box = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1}
        panel.text(
            *here[spread.argmin()], str(digit), ha="center", va="center", weight="bold", bbox=box
        )
    panel.set(title=title, xticks=[], yticks=[])
    panel.grid(False)
plt.show()


# %% [markdown]
# How far can such a map be trusted? *Trustworthiness* asks, for each point, whether its ten
# neighbours on the map were near before; 1 is perfect, and a map of points thrown at random gets
# about a half.


# %%
def trustworthiness(x, y, k=10):
    n = len(x)
    rank = np.empty((n, n), dtype=int)
    order = ae.nearest_neighbours(x, x, n)
    np.put_along_axis(rank, order, np.arange(n)[None], axis=1)  # 0 is the point itself
    found = ae.nearest_neighbours(y, y, k + 1)[:, 1:]
    excess = np.maximum(np.take_along_axis(rank, found, axis=1) - k, 0)
    return 1 - 2 * excess.sum() / (n * k * (2 * n - 3 * k - 1))


codes_shown, flat, tsne_map = maps()
for name, where in (("PCA", flat), ("t-SNE", tsne_map)):
    print(f"{name}: trustworthiness {trustworthiness(codes_shown, where):.3f}")

# %% check="tsne"

# %% [markdown]
# ## 7. A walk between two digits
#
# Halfway between two images lies a double exposure. Halfway between two codes lies, if all goes
# well, a digit:
#
# $$ y(t) = g\big((1 - t)\, f(a) + t\, f(b)\big), \qquad 0 \le t \le 1 $$

# %%
model, _ = trained()
a, b = digits.x_test[some[3]], digits.x_test[some[8]]
c, d = digits.x_test[some[4]], digits.x_test[some[9]]
t = np.linspace(0, 1, 10)[:, None]
show_rows(
    [(1 - t) * a + t * b, ae.interpolate(model, a, b, 10), ae.interpolate(model, c, d, 10)],
    ["pixels", "codes", "codes"],
)

# %% check="interpolate"

# %% [markdown]
# ## 8. Inventing digits?
#
# If every code is an image, then a random code should be a new digit. We draw codes with the mean
# and the spread, number by number, that the codes of real digits have:

# %%
model, _ = trained()
train_codes = model.encode(digits.x_train)
rng = np.random.default_rng(6)
invented = train_codes.mean(axis=0) + train_codes.std(axis=0) * rng.standard_normal((20, 16))
pictures = model.decode(invented.astype(np.float32))
show_rows([pictures[:10], pictures[10:]], ["random", "codes"])

nearest = ae.nearest_neighbours(train_codes, invented, k=1)[:, 0]
apart = np.linalg.norm(train_codes[nearest] - invented, axis=1)
pairs = ae.nearest_neighbours(train_codes, train_codes[:200], k=2)[:, 1]
usual = np.linalg.norm(train_codes[pairs] - train_codes[:200], axis=1)
print(f"distance of a real code to the next real code:   {np.median(usual):.1f}")
print(f"distance of a random code to the next real code: {np.median(apart):.1f}")

# %% [markdown]
# Most of them are nothing. The decoder was never asked what lies between the codes of real images,
# and it does not know. A network that *invents* has to be trained for that: chapter 13 sets a
# second network against it, which tells inventions from the real thing.

# %% [markdown]
# ## 9. In your own words

# %% [markdown] question="empty_places"
# **Empty places (5 points).** The walk of section 7 passes through images that look like digits or
# nearly so, and the random codes of section 8 do not, although both are codes that no image had.
# Explain the difference: use the two distances that section 8 prints, and say what the loss asks of
# the decoder and what it does not. Would a code of 2 numbers make random codes better or worse, and
# at what price? Four to six sentences.
#
# ### BEGIN SOLUTION
# The loss compares y with x at the codes of training images and nowhere else; between them the
# decoder is only as good as its smoothness makes it. The way between two digits starts and ends at
# real codes and is short compared with the whole space, so it stays in or near the region where
# codes lie. Random numbers with the right mean and spread for each coordinate ignore how the
# coordinates go together: the codes of digits fill a few thin, bent regions of 16 dimensions, and
# most of the box around them is empty. The distances show it: a random code is about twice as far
# from the nearest real code as a real code is. With 2 numbers the codes have to fill the plane
# densely, so a random one is nearly always close to real ones and looks more like a digit; the
# price is a much larger reconstruction error, and digits that run into one another.
# ### END SOLUTION

# %% [markdown] question="map_distances"
# **What a map tells (5 points).** On a t-SNE map one heap is twice as wide as another, and two
# heaps lie far apart. Which conclusions about the data are justified, and which are not? Argue
# with the search for $\beta_i$ and with the loss $KL = \sum P \log (P/Q)$: which mistakes are
# expensive, which are nearly free? What would you do to find out whether a heap is real? Four to
# six sentences.
#
# ### BEGIN SOLUTION
# Justified is, roughly, that points which are neighbours on the map are neighbours in the data,
# and trustworthiness says how far. The width of a heap says little: every point gets its own beta,
# chosen so that it has the same number of effective neighbours, so dense and sparse regions are
# drawn about equally wide. The distance between heaps says little as well: for pairs that are not
# neighbours P is almost 0, and their terms P log(P/Q) are almost 0 wherever the map puts them.
# Expensive is a small Q where P is large, that is, neighbours torn apart; points that are drawn too
# close together cost only indirectly, through the sum that normalises Q. To find out whether a heap
# is real, make the map again with other seeds and other perplexities, and look at the distances in
# the data themselves, for instance at the nearest neighbours.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*. O'Reilly,
#   2019. Chapter 7 ends with autoencoders: encodings of digits, and their map by t-SNE.
# - K. Saitoh: *Deep Learning from Scratch* (in Japanese: *Zero kara tsukuru Deep Learning*).
#   O'Reilly Japan, 2016. The layers that this chapter puts together.
# - G. E. Hinton, R. R. Salakhutdinov: Reducing the dimensionality of data with neural networks.
#   *Science* 313, 2006, pp. 504-507. Deep autoencoders against PCA.
# - H. Bourlard, Y. Kamp: Auto-association by multilayer perceptrons and singular value
#   decomposition. *Biological Cybernetics* 59, 1988, pp. 291-294. Why a linear one is PCA.
# - P. Vincent, H. Larochelle, Y. Bengio, P.-A. Manzagol: Extracting and composing robust features
#   with denoising autoencoders. *ICML*, 2008, pp. 1096-1103.
# - A. Odena, V. Dumoulin, C. Olah: Deconvolution and checkerboard artifacts. *Distill*, 2016. Why
#   one enlarges first and convolves then.
# - L. van der Maaten, G. Hinton: Visualizing data using t-SNE. *Journal of Machine Learning
#   Research* 9, 2008, pp. 2579-2605.
# - J. Venna, S. Kaski: Neighborhood preservation in nonlinear projection methods: an experimental
#   study. *ICANN*, 2001, pp. 485-491. Trustworthiness.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
#   recognition. *Proceedings of the IEEE* 86(11), 1998, pp. 2278-2324. The digits.
#
# **Where to read on.** M. Wattenberg, F. Viégas, I. Johnson: How to use t-SNE effectively.
# *Distill*, 2016, maps to play with. I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (MIT
# Press, 2016, free online), chapter 14. D. P. Kingma, M. Welling: Auto-encoding variational Bayes.
# *ICLR*, 2014, an autoencoder trained so that random codes give sensible images. In this course,
# chapter 13.

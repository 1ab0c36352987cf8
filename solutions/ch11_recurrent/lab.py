# %% [markdown]
# # Recurrent networks
#
# A network of chapter 6 looks at each example by itself: what it saw before plays no part. Text is
# different: what comes next depends on what came before, sometimes long before. A *recurrent*
# network reads one character at a time and keeps a *state*: some numbers that it hands to itself
# for the next step.
#
# You write `recurrent.py`, next to this notebook: three kinds of memory cells, the way of the
# gradient back through time, a model of text, and the sampling that lets it write. `Dense`, the
# loss and `Sequential` come from your chapter 6, the trainer from your chapter 7.

# %%
from autograder.lab import start

check = start("ch11_recurrent")

# %%
import functools

import layers
import matplotlib.pyplot as plt
import numpy as np
import optimizers
import recurrent

import datasets

# %% [markdown]
# ## 1. Text as numbers
#
# Every character gets a number, its *id*; the network reads the id as a *one-hot* vector, a row of
# zeros with a single 1. What it has to say at each step is the character that comes next. So the
# text itself is the teacher: `y` is `x`, one character further.

# %%
char_to_id, chars = recurrent.build_vocabulary("to be or not to be")
ids = np.array([[char_to_id[char] for char in "to be or not to be"]])
vectors = recurrent.one_hot_sequence(ids, len(chars))

_, axes = plt.subplots(figsize=(7, 2.8))
axes.imshow(vectors[0].T)
axes.set(xlabel="x, character by character", ylabel="id")
axes.set_xticks(range(ids.shape[1]), ["␣" if c == " " else c for c in "to be or not to be"])
axes.set_yticks(range(len(chars)), [f"{i}: {'␣' if c == ' ' else c}" for i, c in enumerate(chars)])
axes.grid(False)
plt.show()

# %% check="build_vocabulary"

# %% check="one_hot_sequence"

# %% [markdown]
# A long text is cut into as many pieces as a batch has rows. A batch is then a window of
# `seq_len` columns, and the next batch is the window beside it: **each row goes on reading where
# it stopped**, so its state can be carried over.

# %%
ids = np.arange(61)
pairs = list(recurrent.batches(ids, 3, 5))
_, axes = plt.subplots(figsize=(9, 1.6))
for number, (x, _) in enumerate(pairs):
    for row, values in enumerate(x):
        for step, value in enumerate(values):
            place = (5 * number + step, row)
            box = plt.Rectangle(place, 1, 1, facecolor=f"C{number}", alpha=0.35, edgecolor="white")
            axes.add_patch(box)
            axes.text(place[0] + 0.5, row + 0.5, value, ha="center", va="center", fontsize=8)
axes.set(xlim=(0, 20), ylim=(3, 0), yticks=[0.5, 1.5, 2.5], yticklabels=["row 0", "row 1", "row 2"])
axes.set(xticks=[2.5, 7.5, 12.5, 17.5], xticklabels=[f"x of pair {k}" for k in range(4)])
axes.grid(False)
plt.show()

# %% check="batches"

# %% [markdown]
# ## 2. The plain cell
#
# $$ h_t = \tanh(x_t\,W_x + h_{t-1}\,W_h + b) $$
#
# One step is a fully connected layer with two inputs, the character and the old state, and a tanh
# behind it. The new state is also the output. The same weights are used in every step.


# %%
def draw_unrolled(steps):
    """Draw a cell at several time steps, with the arrows of forward and backward."""
    _, axes = plt.subplots(figsize=(9, 2.6))
    ahead = {"arrowstyle": "-|>", "linewidth": 1.5, "mutation_scale": 14, "color": "C0"}
    back = {**ahead, "color": "C1"}
    for t in range(steps):
        box = {"boxstyle": "round,pad=0.8", "facecolor": "#eeeeee", "edgecolor": "black"}
        axes.text(2 * t, 0, "cell", ha="center", va="center", bbox=box)
        shift = 0.12
        for (x0, y0), (x1, y1), style in (
            ((2 * t - shift, -1), (2 * t - shift, -0.38), ahead),
            ((2 * t - shift, 0.38), (2 * t - shift, 1), ahead),
            ((2 * t + shift, -0.38), (2 * t + shift, -1), back),
            ((2 * t + shift, 1), (2 * t + shift, 0.38), back),
            ((2 * t + 0.45, shift), (2 * t + 1.55, shift), ahead),
            ((2 * t + 1.55, -shift), (2 * t + 0.45, -shift), back),
        ):
            axes.annotate("", xy=(x1, y1), xytext=(x0, y0), arrowprops=style)
        axes.text(2 * t - 0.2, -1.2, f"$x_{t}$", ha="center", color="C0")
        axes.text(2 * t + 0.3, -1.2, f"dx$_{t}$", ha="center", color="C1")
        axes.text(2 * t - 0.2, 1.1, f"$h_{t}$", ha="center", color="C0")
        axes.text(2 * t + 0.35, 1.1, f"dout$_{t}$", ha="center", color="C1")
        axes.text(2 * t + 1, 0.25, f"$h_{t}$", ha="center", color="C0")
        axes.text(2 * t + 1, -0.42, "dstate", ha="center", color="C1")
    axes.set(xlim=(-1, 2 * steps), ylim=(-1.5, 1.5))
    axes.axis("off")
    plt.show()


draw_unrolled(4)

# %% [markdown]
# Look at one cell of the picture: $h_t$ leaves it twice, upwards and to the right. So two
# gradients come back to it, and **they add up**: `dout` from above and `dstate` from the next step.
# Then, with $a$ for what stands inside the tanh,
#
# $$ \texttt{da} = (\texttt{dout} + \texttt{dstate}) \cdot (1 - h_t^2), \qquad
# \texttt{dx} = \texttt{da}\,W_x^{\mathsf T}, \quad
# \texttt{dstate\_prev} = \texttt{da}\,W_h^{\mathsf T}, $$
# $$ \texttt{dWx} = x_t^{\mathsf T}\,\texttt{da}, \quad
# \texttt{dWh} = h_{t-1}^{\mathsf T}\,\texttt{da}, \quad
# \texttt{db} = \sum_{\text{examples}} \texttt{da}. $$
#
# What does such a cell do with a single push? Below, 16 units with random weights get a 1 in the
# first step and nothing afterwards.

# %%
_, panels = plt.subplots(1, 3, figsize=(9, 2.4), sharey=True)
for panel, factor in zip(panels, (0.6, 1.0, 1.6), strict=True):
    cell = recurrent.RNNCell(1, 16, np.random.default_rng(3))
    cell.params["Wh"] *= factor
    state, path = None, []
    for t in range(40):
        out, state = cell.forward(np.array([[1.0 if t == 0 else 0.0]]), state)
        path.append(out[0])
    panel.plot(path, color="C0", linewidth=0.8)
    panel.set(title=f"{factor} times Glorot's weights", xlabel="step")
panels[0].set_ylabel("h")
plt.show()

# %% [markdown]
# The push dies away, lingers, or drowns in noise of the network's own making. Remember this
# picture.

# %% check="RNNCell"

# %% [markdown]
# ## 3. Back-propagation through time
#
# `Recurrent` runs a cell along a sequence. Backward goes from the last step to the first and hands
# the state's gradient from step to step. As all steps share the weights, their gradients **add
# up**. You can check it as always, by differences:

# %%
rng = np.random.default_rng(0)
layer = recurrent.Recurrent(recurrent.RNNCell(3, 4, rng))
x, dout = rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 6, 4))
weights = layer.params["Wh"]
differences = np.zeros_like(weights)
for index in np.ndindex(*weights.shape):
    old, results = weights[index], []
    for shift in (1e-5, -1e-5):
        weights[index] = old + shift
        results.append(np.sum(dout * layer.forward(x)))
    weights[index] = old
    differences[index] = (results[0] - results[1]) / 2e-5
layer.forward(x)
layer.backward(dout)
print(f"dWh over six steps: largest difference {np.abs(layer.grads['Wh'] - differences).max():.1e}")

# %% check="Recurrent"

# %% [markdown]
# ### Why it forgets
#
# How much does an early state still matter for a late one? Let a gradient of fixed size arrive at
# the last of 60 steps, and look at its size as it travels back. In every step it is multiplied by
# $W_h^{\mathsf T}$ and by $1 - h^2 \le 1$.


# %%
def gradient_sizes(cell, steps=60):
    """Return the size of the gradient at each step's state, of a push at the last output."""
    rng = np.random.default_rng(1)
    layer = recurrent.Recurrent(cell)
    x = rng.normal(size=(8, steps, cell.params["Wx"].shape[0]))
    states = [None]
    for t in range(steps):
        layer.forward(x[:, t : t + 1], state=states[-1])
        states.append(layer.state)
    dout = rng.normal(size=(8, 1, cell.params["Wh"].shape[0]))
    dstate, sizes = None, []
    for t in reversed(range(steps)):
        layer.forward(x[:, t : t + 1], state=states[t])
        layer.backward(dout if t == steps - 1 else np.zeros_like(dout), dstate=dstate)
        dstate = layer.dstate
        parts = dstate if isinstance(dstate, tuple) else (dstate,)
        sizes.append(np.sqrt(sum(np.sum(part**2) for part in parts)))
    return sizes[::-1]


def draw_sizes(cells):
    _, axes = plt.subplots(figsize=(7, 3))
    for name, cell in cells.items():
        axes.plot(gradient_sizes(cell), label=name)
    axes.set(yscale="log", xlabel="time step", ylabel="size of the state's gradient")
    axes.legend(fontsize=8)
    plt.show()


cells = {}
for factor in (0.6, 1.0, 3.0):
    cell = recurrent.RNNCell(5, 32, np.random.default_rng(2))
    cell.params["Wh"] *= factor
    cells[f"RNN, Wh times {factor}"] = cell
draw_sizes(cells)

# %% [markdown]
# The scale is logarithmic: a straight line is a power. Read it from right to left. With Glorot's
# weights about a hundredth of the gradient is left after twenty steps and about a millionth after
# sixty; with smaller weights it is gone much sooner. With large ones it may explode, and that is
# what clipping (chapter 7) is for. Clipping can shorten a gradient, but it cannot bring back one
# that is gone.
#
# ## 4. Gates
#
# The cure is to make keeping the *default*, and changing something that has to be decided. A
# *gate* is a number between 0 and 1 that the network computes itself, from the character and the
# old state. The **GRU** has two of them:
#
# $$ r = \sigma(x W_{xr} + h W_{hr} + b_r), \quad z = \sigma(x W_{xz} + h W_{hz} + b_z), $$
# $$ n = \tanh(x W_{xn} + (r \cdot h)\,W_{hn} + b_n), \qquad h' = (1 - z)\cdot n + z \cdot h. $$
#
# With $z = 1$ the state is simply copied. The **LSTM** keeps a second state $c$, which never goes
# through a matrix or a tanh on its way from step to step:
#
# $$ i, f, o = \sigma(\ldots), \quad g = \tanh(\ldots), \qquad
# c' = f \cdot c + i \cdot g, \qquad h' = o \cdot \tanh(c'). $$
#
# Of the gradient at $c'$ the part $f$ arrives at $c$. On this road nothing else happens to it; what
# comes back through $h$ is added.

# %%
_, axes = plt.subplots(figsize=(7, 2.8))
for bias in (0.0, 1.0, 3.0, 6.0):
    cell = recurrent.LSTMCell(1, 1, np.random.default_rng(0))
    for name in ("Wx", "Wh"):
        cell.params[name][...] = 0
    cell.params["b"][...] = [0, bias, 0, 0]
    state, path = (np.zeros((1, 1)), np.ones((1, 1))), []
    for _ in range(40):
        _, state = cell.forward(np.zeros((1, 1)), state)
        path.append(state[1][0, 0])
    axes.plot(path, label=f"bias {bias:g}: f = {1 / (1 + np.exp(-bias)):.3f}")
axes.set(xlabel="step", ylabel="c, which began with 1", ylim=(0, 1))
axes.legend(title="forget gate", fontsize=8)
plt.show()

# %% [markdown]
# This is why the forget gate's bias begins with 1 and not with 0: a new LSTM should remember. Now
# the picture of the gradients again, with all three cells as they come out of their constructors,
# and an LSTM whose forget gates are opened further:

# %%
opened = recurrent.LSTMCell(5, 32, np.random.default_rng(2))
opened.params["b"][32:64] = 4
draw_sizes(
    {
        "RNN": recurrent.RNNCell(5, 32, np.random.default_rng(2)),
        "GRU": recurrent.GRUCell(5, 32, np.random.default_rng(2)),
        "LSTM": recurrent.LSTMCell(5, 32, np.random.default_rng(2)),
        "LSTM, forget bias 4": opened,
    }
)

# %% [markdown]
# At the start a forget bias of 1 helps, and with one of 4 nothing vanishes: along $c$ the gradient
# nearly keeps its size, and what comes back through $h$ even makes it grow a little. The new GRU
# has $z$ near one half and forgets even faster than the plain cell: all its memory has yet to be
# learned.

# %% check="GRUCell"

# %% check="LSTMCell"

# %% [markdown]
# ## 5. A language with a known answer
#
# How good is a model of text? The loss is the mean of $-\log p$, where $p$ is what the model gave
# to the character that came. *Perplexity* is $e$ to that: a model that wavers between $k$ equally
# likely characters has perplexity $k$. For English nobody knows how low it can go. So let us make
# a language for which we do know. Its words look like this:


# %%
def language(rng, count):
    """Return that many ids: a letter a-d, then 3 to 6 times 0 or 1, then A-D."""
    words, length = [], 0
    while length < count:
        first = int(rng.integers(4))
        words.append(np.array([first, *(4 + rng.integers(2, size=3 + first)), 6 + first]))
        length += len(words[-1])
    return np.concatenate(words)[:count]


LETTERS = "abcd01ABCD"
print("".join(LETTERS[i] for i in language(np.random.default_rng(0), 78)))

# %% [markdown]
# A word begins with `a`, `b`, `c` or `d`: 2 bits. Then follow 3 zeros and ones after `a`, 4 after
# `b`, and so on: one bit each. The last letter is the first one in capitals: no information at
# all, **for those who still remember** the first one. So $k + 2$ characters carry $2 + k$ bits, one
# bit per character: no model can have a perplexity below $2^1 = 2$. And those who forget?


# %%
def perplexity_of_bits(bits, characters):
    return 2 ** (sum(bits) / sum(characters))


lengths = np.arange(3, 7)
FLOOR = perplexity_of_bits(2 + lengths, lengths + 2)
FORGETFUL = perplexity_of_bits(2 + lengths + 2, lengths + 2)  # the last letter costs 2 bits more
ends = 4 / lengths.sum()  # the share of the zeros and ones that end their word
after_digit = -ends * np.log2(ends / 4) - (1 - ends) * np.log2((1 - ends) / 2)
ONE_BACK = 2 ** ((2 + 1 + lengths.mean() * after_digit) / (lengths.mean() + 2))
print(f"the floor:                          {FLOOR:.3f}")
print(f"without memory of the first letter: {FORGETFUL:.3f}")
print(f"looking at one character only:      {ONE_BACK:.3f}")

# %% [markdown]
# `CharModel` puts the parts together: one-hot, recurrent layers, a `Dense` layer that gives a score
# to every character. It trains with your `Trainer`; the gradient is clipped.


# %%
@functools.cache
def trained_on_language(kind, epochs=14):
    """Train a model on the language; return it with its perplexity in every epoch."""
    rng = np.random.default_rng(0)
    text = np.stack([language(rng, 21) for _ in range(800)])
    x, y = text[:, :-1], text[:, 1:]
    cell = getattr(recurrent, kind)
    model = recurrent.CharModel(10, 32, rng, cell=cell, dtype=np.float32)
    trainer = optimizers.Trainer(
        model,
        layers.SoftmaxCrossEntropy(),
        optimizers.Adam(lr=0.02),
        optimizers.linear_decay(0.02, 0.001, epochs),
    )
    history = trainer.fit(x, y, epochs, 32, rng, max_norm=1.0)
    return model, np.exp(history["loss"])


new_text = np.stack([language(np.random.default_rng(seed), 101) for seed in range(100, 130)])
_, axes = plt.subplots(figsize=(7, 3.2))
for kind in ("RNNCell", "GRUCell", "LSTMCell"):
    model, curve = trained_on_language(kind)
    axes.plot(range(1, len(curve) + 1), curve, marker="o", markersize=4, label=kind)
    found = recurrent.perplexity(model.predict(new_text[:, :-1]), new_text[:, 1:])
    print(f"{kind:8} perplexity of new text: {found:.3f}")
for height, name in ((FLOOR, "floor"), (FORGETFUL, "forgetful"), (ONE_BACK, "one character back")):
    axes.axhline(height, color="black", linestyle=":", linewidth=1)
    axes.text(14.2, height, name, va="center", fontsize=8)
axes.set(xlabel="epoch", ylabel="perplexity while training", yscale="log", ylim=(1.9, 8))
axes.set(xlim=(0.7, 14), xticks=range(1, 15))
axes.set_yticks([2, 3, 4, 5, 6, 8], ["2", "3", "4", "5", "6", "8"])
axes.minorticks_off()
axes.legend()
plt.show()

# %% [markdown]
# All three arrive at the floor: six steps are not yet too long for a plain cell. (A piece of text
# may break off inside a word, and its first letter is given, not guessed. For new text, in pieces
# of a hundred characters, that lowers the floor by one per mille, to 1.998; for the pieces of
# twenty used in training to 1.988, so a curve may end a little below the line.)

# %% check="CharModel"

# %% check="perplexity"

# %% [markdown]
# ### Gates over time
#
# What did the LSTM learn to do with its gates? They can be computed from its weights. Below, one
# unit per panel, at work on four words: the grey lines are where a word begins.

# %%
model, _ = trained_on_language("LSTMCell")
text = np.array([[0, 4, 5, 4, 6, 3, 5, 4, 4, 5, 5, 4, 9, 1, 4, 4, 5, 5, 7, 2, 5, 4, 5, 5, 4, 8]])
layer = recurrent.Recurrent(recurrent.LSTMCell(10, 32, np.random.default_rng(0), dtype=np.float32))
for name in ("Wx", "Wh", "b"):
    layer.params[name][...] = model.params[f"0.{name}"]
x = recurrent.one_hot_sequence(text, 10)
h = layer.forward(x)
before = np.concatenate([np.zeros((1, 1, 32)), h[:, :-1]], axis=1)
a = x @ layer.params["Wx"] + before @ layer.params["Wh"] + layer.params["b"]
gate_i, gate_f, gate_o = (1 / (1 + np.exp(-a[0, :, 32 * k : 32 * k + 32])) for k in (0, 1, 3))
kept = np.argsort(-gate_f.std(axis=0))[:3]  # the units whose forget gate moves most
_, panels = plt.subplots(3, 1, figsize=(9, 4.6), sharex=True)
for panel, unit in zip(panels, kept, strict=True):
    for name, gate, colour in (
        ("input", gate_i, "C2"),
        ("forget", gate_f, "C0"),
        ("output", gate_o, "C1"),
    ):
        panel.step(np.arange(len(gate)), gate[:, unit], where="mid", color=colour, label=name)
    for place in np.flatnonzero(text[0] < 4):
        panel.axvline(place - 0.5, color="grey", linewidth=1)
    panel.set(ylabel=f"unit {unit}", ylim=(-0.05, 1.05), yticks=[0, 1])
    panel.grid(False)
panels[2].set_xticks(range(text.shape[1]), [LETTERS[i] for i in text[0]])
panels[0].legend(ncol=3, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))
plt.show()

# %% [markdown]
# Whatever a unit keeps, it keeps within a word: the forget gate stays open while zeros and ones go
# by and closes at the word's end, when the slate has to be wiped clean.
#
# ## 6. A letter to recall
#
# Now a task that asks for memory and nothing else. Sequences of random letters; the first one
# carries a mark. After the last letter the network has to say which one it was. The longer the
# sequence, the harder it is, and only the last step gets a gradient.


# %%
def recall_task(rng, count, steps, letters=8):
    """Return sequences of random letters, the first one marked, and the first letters."""
    ids = rng.integers(letters, size=(count, steps))
    x = np.zeros((count, steps, letters + 1), np.float32)
    x[..., :letters] = recurrent.one_hot_sequence(ids, letters)
    x[:, 0, letters] = 4.0
    return x, ids[:, 0]


@functools.cache
def recall(kind, steps, updates=100):
    """Train on the task; return the share of letters recalled in new sequences."""
    rng = np.random.default_rng(0)
    layer = recurrent.Recurrent(getattr(recurrent, kind)(9, 24, rng, dtype=np.float32))
    if kind == "LSTMCell":  # begin with almost closed input gates and almost open forget gates
        layer.params["b"][:48] = np.repeat([-4.0, 6.0], 24)
    head, loss = layers.Dense(24, 8, rng, dtype=np.float32), layers.SoftmaxCrossEntropy()
    optimizer, schedule = optimizers.Adam(), optimizers.linear_decay(0.05, 0.0, updates)
    for t in range(updates):
        x, y = recall_task(rng, 32, steps)
        h = layer.forward(x)
        loss.forward(head.forward(h[:, -1]), y)
        dh = np.zeros_like(h)
        dh[:, -1] = head.backward(loss.backward())
        layer.backward(dh)
        params = {**layer.params, "head.W": head.params["W"], "head.b": head.params["b"]}
        grads = {**layer.grads, "head.W": head.grads["W"], "head.b": head.grads["b"]}
        optimizer.lr = schedule(t)
        optimizer.step(params, optimizers.clip_grad_norm(grads, 1.0)[0])
    x, y = recall_task(rng, 500, steps)
    return np.mean(head.forward(layer.forward(x)[:, -1]).argmax(axis=1) == y)


distances = (2, 5, 10, 20, 35, 50)
_, axes = plt.subplots(figsize=(6, 2.8))
for kind, colour in (("RNNCell", "C0"), ("LSTMCell", "C1")):
    shares = [recall(kind, steps) for steps in distances]
    axes.plot(distances, shares, marker="o", color=colour, label=kind)
axes.axhline(1 / 8, color="black", linestyle=":", linewidth=1, label="guessing")
axes.set(xlabel="length of the sequence", ylabel="share recalled", ylim=(0, 1.05))
axes.legend()
plt.show()

# %% check="language"

# %% [markdown]
# ## 7. Shakespeare
#
# The same model on real text: Tiny Shakespeare, a million characters from the plays, if
# `make data NAME=shakespeare` has fetched it; otherwise a sonnet, which the model will learn by
# heart. The state is carried from batch to batch: that is what `batches` was made for. The gradient
# is not: it is cut at the beginning of each batch.

# %%
SONNET = """Shall I compare thee to a summer's day?
Thou art more lovely and more temperate:
Rough winds do shake the darling buds of May,
And summer's lease hath all too short a date:
Sometime too hot the eye of heaven shines,
And often is his gold complexion dimm'd;
And every fair from fair sometime declines,
By chance or nature's changing course untrimm'd;
But thy eternal summer shall not fade
Nor lose possession of that fair thou owest;
Nor shall Death brag thou wander'st in his shade,
When in eternal lines to time thou growest:
So long as men can breathe or eyes can see,
So long lives this and this gives life to thee.
"""


def real_text():
    """Return the text to learn from, and another one to be examined on (None for the sonnet)."""
    if not datasets.here("shakespeare"):
        return 60 * SONNET, None
    plays = datasets.load("shakespeare")
    return plays.train, plays.test[:50_000]


train_text, test_text = real_text()


def alphabet():
    return recurrent.build_vocabulary(train_text + (test_text or ""))


@functools.cache
def poet(seq_len=50, batch_size=32):
    """Train a CharModel on the text; return it with the loss of every update."""
    updates = 600 if test_text else 150
    rng = np.random.default_rng(0)
    char_to_id, chars = alphabet()
    ids = np.array([char_to_id[char] for char in train_text])
    model = recurrent.CharModel(len(chars), 128, rng, dtype=np.float32)
    loss, optimizer = layers.SoftmaxCrossEntropy(), optimizers.Adam()
    schedule = optimizers.linear_decay(0.01, 0.001, updates)
    losses, state, pairs = [], None, iter(())
    for t in range(updates):
        pair = next(pairs, None)
        if pair is None:  # the text has been read to its end: begin again, with an empty memory
            pairs, state = iter(recurrent.batches(ids, batch_size, seq_len)), None
            pair = next(pairs)
        x, y = pair
        losses.append(loss.forward(model.forward(x, training=True, state=state), y))
        state = model.state
        model.backward(loss.backward())
        optimizer.lr = schedule(t)
        optimizer.step(model.params, optimizers.clip_grad_norm(model.grads, 1.0)[0])
    return model, losses


char_to_id, chars = alphabet()
print(f"{len(train_text):,} characters, {len(chars)} different ones")
model, losses = poet()
_, axes = plt.subplots(figsize=(7, 2.8))
axes.plot(np.exp(losses), linewidth=0.8)
axes.axhline(len(chars), color="black", linestyle=":", linewidth=1)
axes.text(len(losses), len(chars), "guessing", ha="right", va="bottom", fontsize=8)
axes.set(xlabel="update", ylabel="perplexity", yscale="log")
axes.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
axes.minorticks_off()
plt.show()
if test_text:
    ids = np.array([char_to_id[char] for char in test_text])[:40001]
    x, y = ids[:-1].reshape(40, 1000), ids[1:].reshape(40, 1000)
    print(f"perplexity of text not seen: {recurrent.perplexity(model.predict(x), y):.2f}")

# %% [markdown]
# ### Let it write
#
# `sample` primes the state with a beginning and then draws one character after the other. The
# *temperature* $\tau$ divides the scores before the softmax, $p = \mathrm{softmax}(s / \tau)$:
# below 1 the likely becomes likelier, above 1 everything becomes possible.

# %%
char_to_id, chars = alphabet()
model, _ = poet()
beginning = "So long " if test_text is None else "KING "
start_ids = np.array([char_to_id[char] for char in beginning])
scores = model.forward(start_ids[None])[0, -1].astype(float)
_, panels = plt.subplots(1, 3, figsize=(9, 2.2), sharey=True)
for panel, temperature in zip(panels, (0.5, 1.0, 2.0), strict=True):
    p = np.exp((scores - scores.max()) / temperature)
    p /= p.sum()
    panel.bar(range(len(p)), p)
    panel.set(title=f"temperature {temperature}", xlabel=f"id after “{beginning}”")
panels[0].set_ylabel("probability")
plt.show()
for temperature in (0, 0.5, 1.0, 1.5):
    rng = np.random.default_rng(1)
    written = recurrent.sample(model, start_ids, 160, temperature, rng)
    print(f"--- temperature {temperature}")
    print(beginning + "".join(chars[i] for i in written), "\n")

# %% check="sample"

# %% [markdown]
# ## 8. In your own words

# %% [markdown] question="reset_of_state"
# **Where the memory ends (5 points).** In section 7 the state is carried over from batch to batch,
# but the gradient is not. What can the model learn from characters that lie further back than the
# beginning of the batch, and what not? What would go wrong if the rows of the batches did not go
# on where they stopped, for instance because the batches were shuffled? Why did the training of
# section 5 work without carrying anything? Four to six sentences.
#
# ### BEGIN SOLUTION
# The state after a batch is an input of the next one like any other: the model can use whatever
# the state happens to contain of earlier characters. But no gradient reaches the steps that wrote
# it, so the weights are never told to *store* something because it will be needed more than
# `seq_len` steps later; such a dependence is learned only by luck, or because storing was already
# useful within one batch. (That is truncated back-propagation through time.) If the rows did not
# go on, the carried state would belong to another place of the text: it would be noise, worse than
# zeros. In section 5 every piece begins with a word, and nothing in a word depends on the words
# before it: there is nothing that would have to be carried over.
# ### END SOLUTION

# %% [markdown] question="two_paths"
# **Two roads back (5 points).** In an LSTM a gradient can travel back from step to step along two
# roads, through $h$ and through $c$. By what is it multiplied on each of them in one step? Use
# this to explain the pictures of sections 3 and 4, and the result of section 6: why does the plain
# RNN fail at fifty steps, and what did the biases of the LSTM have to do with its success? Is
# gradient clipping a remedy for the RNN? Five to seven sentences.
#
# ### BEGIN SOLUTION
# On the road through h it is multiplied, as in the RNN, by the slopes of the non-linearities (at
# most 1) and by the transposed matrix Wh: over T steps by a product of T matrices, which shrinks
# or grows like a power. On the road through c it is multiplied by f alone, a number that the
# network chooses and that can be as close to 1 as it likes. In the RNN with Glorot's weights the
# gradient of a state has all but vanished after some tens of steps, so at fifty steps the weights
# never hear that the first letter mattered. The LSTM with forget bias 6 keeps f = 0.998, and
# 0.998 to the power of 50 is about 0.9: the gradient arrives. The input bias of -4 keeps the other
# letters out (i is about 0.02), so that the memory is not overwritten, and what is left to learn is
# that the mark opens the gate. Clipping does not help the RNN: it shortens gradients that are too
# long, but where nothing arrives there is nothing to shorten.
# ### END SOLUTION

# %% [markdown]
# ## Sources
#
# - K. Saitoh: *Deep Learning from Scratch 2* (in Japanese: *Zero kara tsukuru Deep Learning 2*).
#   O'Reilly Japan, 2018. Chapters 5 and 6: RNN and LSTM, with layers for whole sequences.
# - S. Weidman: *Deep Learning from Scratch: Building with Python from First Principles*.
#   O'Reilly, 2019. Chapter 6: RNN, GRU and LSTM on characters.
# - J. L. Elman: Finding structure in time. *Cognitive Science* 14(2), 1990, pp. 179-211. The plain
#   cell.
# - P. J. Werbos: Backpropagation through time: what it does and how to do it. *Proceedings of the
#   IEEE* 78(10), 1990, pp. 1550-1560.
# - Y. Bengio, P. Simard, P. Frasconi: Learning long-term dependencies with gradient descent is
#   difficult. *IEEE Transactions on Neural Networks* 5(2), 1994, pp. 157-166.
# - S. Hochreiter, J. Schmidhuber: Long short-term memory. *Neural Computation* 9(8), 1997,
#   pp. 1735-1780.
# - F. A. Gers, J. Schmidhuber, F. Cummins: Learning to forget: continual prediction with LSTM.
#   *Neural Computation* 12(10), 2000, pp. 2451-2471. The forget gate.
# - K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk, Y. Bengio:
#   Learning phrase representations using RNN encoder-decoder for statistical machine translation.
#   *EMNLP*, 2014, pp. 1724-1734. The GRU.
# - R. Jozefowicz, W. Zaremba, I. Sutskever: An empirical exploration of recurrent network
#   architectures. *ICML*, 2015, pp. 2342-2350. The forget gate's bias.
# - C. Tallec, Y. Ollivier: Can recurrent neural networks warp time? *ICLR*, 2018. Biases of the
#   gates that fit the distance to be bridged, as in section 6.
# - C. E. Shannon: Prediction and entropy of printed English. *Bell System Technical Journal* 30(1),
#   1951, pp. 50-64.
# - W. Shakespeare: Sonnet 18. First printed 1609.
#
# **Where to read on.** A. Karpathy: *The unreasonable effectiveness of recurrent neural networks*
# (2015, free online), from which the idea of the small Shakespeare comes. R. Pascanu, T. Mikolov,
# Y. Bengio: On the difficulty of training recurrent neural networks. *ICML*, 2013, pp. 1310-1318.
# I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning* (MIT Press, 2016, free online), chapter
# 10. In this course, chapter 14 builds the same model in PyTorch.

"""Hidden checks of ch07_optimizers: random inputs, state, memory, precision, and real digits.

The Trainer is checked with the simple network, losses and optimizer of support.py.
"""

import numpy as np
import pytest

from autograder.suite import accuracy, at_most, equal, exercise, outputs, true

OPTIMIZERS = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW")
SCHEDULES = ("linear_decay", "exponential_decay", "cosine_decay")


def each_optimizer(weight=1):
    """One check per optimizer, each counting for its own exercise."""
    marked = [
        pytest.param(name, marks=exercise(name, weight=weight), id=name) for name in OPTIMIZERS
    ]
    return pytest.mark.parametrize("name", marked)


def each_schedule(test):
    """One check per schedule, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in SCHEDULES]
    return pytest.mark.parametrize("name", marked)(test)


# Optimizers


def settings(name, rng):
    """Random settings of an optimizer."""
    ranges = {
        "SGD": {},
        "Momentum": {"mu": (0.5, 0.95)},
        "Nesterov": {"mu": (0.5, 0.95)},
        "AdaGrad": {"eps": (1e-4, 1e-3)},
        "RMSProp": {"rho": (0.5, 0.95), "eps": (1e-4, 1e-3)},
        "Adam": {"beta1": (0.5, 0.95), "beta2": (0.7, 0.99), "eps": (1e-4, 1e-3)},
    }
    ranges["AdamW"] = ranges["Adam"] | {"weight_decay": (0.1, 0.9)}
    chosen = {"lr": (0.01, 0.1)} | ranges[name]
    return {key: float(rng.uniform(low, high)) for key, (low, high) in chosen.items()}


def pair(student, reference, name, rng):
    """The student's and the reference's optimizer with the same random settings."""
    chosen = settings(name, rng)
    return getattr(student, name)(**chosen), getattr(reference, name)(**chosen)


def arrays(rng, shapes, dtype="float64"):
    """Random arrays of the given shapes, by key."""
    return {key: rng.normal(size=shape).astype(dtype) for key, shape in shapes.items()}


def reference_path(optimizer, start, gradients, rates=()):
    """The values after each step of a trusted optimizer."""
    params, path = {key: value.copy() for key, value in start.items()}, []
    for number_, grads in enumerate(gradients):
        if rates:
            optimizer.lr = rates[number_]
        optimizer.step(params, grads)
        path.append({key: value.copy() for key, value in params.items()})
    return path


def compare_paths(path, wanted, call):
    """Compare all values after each step."""
    for step, (found, want) in enumerate(zip(path, wanted, strict=True), start=1):
        true(
            call,
            sorted(found) == sorted(want),
            f"keys of params after step {step}: {sorted(found)}",
        )
        outputs({key: (found[key], want[key]) for key in want}, call=f"{call}, step {step}")


SHAPES = {"0.W": (3, 4), "0.b": (4,), "2.W": (4, 2, 3)}


@each_optimizer(weight=2)
def test_random_path(student, support, reference, rng, name):
    """Six steps with random settings and gradients, three parameters of different shape."""
    theirs, own = pair(student, reference, name, rng)
    start, gradients = arrays(rng, SHAPES), [arrays(rng, SHAPES) for _ in range(6)]

    path = support.walk(theirs, start, gradients)

    compare_paths(path, reference_path(own, start, gradients), name)


@each_optimizer(weight=2)
def test_state_belongs_to_the_key(student, support, reference, rng, name):
    """Keys in another order, keys that appear later, new arrays and dicts: only the key counts."""
    theirs, own = pair(student, reference, name, rng)
    shapes = {"a": (2, 3), "b": (2, 3), "c": (4,)}
    orders = ["ab", "ba", "cab", "bc", "acb", "c", "abc"]
    seen, rounds = set(), []
    for keys in orders:
        new = arrays(rng, {key: shapes[key] for key in keys if key not in seen})
        seen |= set(keys)
        rounds.append((list(keys), arrays(rng, {key: shapes[key] for key in keys}), new))

    path = support.walk_with_changing_dicts(theirs, rounds)

    now, wanted = {}, []
    for keys, grads, new in rounds:
        now |= {key: value.copy() for key, value in new.items()}
        own.step({key: now[key] for key in keys}, grads)
        wanted.append({key: value.copy() for key, value in now.items()})
    compare_paths(path, wanted, f"{name} with keys {', '.join(orders)} in turn")


@each_optimizer()
def test_rate_is_read_at_every_step(student, support, reference, rng, name):
    """lr may change between steps; the next step goes by the new one."""
    theirs, own = pair(student, reference, name, rng)
    start, gradients = arrays(rng, SHAPES), [arrays(rng, SHAPES) for _ in range(4)]
    rates = [0.1, 0.02, 0.05, 0.3]

    path = support.walk(theirs, start, gradients, rates)

    wanted = reference_path(own, start, gradients, rates)
    compare_paths(path, wanted, f"{name} with lr = {rates} in turn")


@each_optimizer()
def test_keeps_float32(student, support, reference, rng, name):
    """float32 parameters stay float32 over four steps, also with a rate that NumPy computed."""
    theirs, own = pair(student, reference, name, rng)
    start = arrays(rng, SHAPES, "float32")
    gradients = [arrays(rng, SHAPES, "float32") for _ in range(4)]
    rates = list(np.linspace(0.05, 0.02, 4))

    path = support.walk(theirs, start, gradients, rates)

    compare_paths(path, reference_path(own, start, gradients, rates), f"{name} in float32")


@each_optimizer()
def test_zero_gradients(student, support, reference, rng, name):
    """Gradients of exactly 0, at first, in between and always: no 0 / 0."""
    theirs, own = pair(student, reference, name, rng)
    shape = {"W": (3, 4)}
    gradients = [{"W": np.zeros((3, 4))}, *(arrays(rng, shape) for _ in range(3))]
    gradients[2] = {"W": np.zeros((3, 4))}
    for grads in gradients:
        grads["W"][:, 1] = 0
    start = arrays(rng, shape)

    path = support.walk(theirs, start, gradients)

    compare_paths(path, reference_path(own, start, gradients), f"{name} with zero gradients")


@each_optimizer()
def test_gradients_of_every_size(student, support, reference, rng, name):
    """Gradients from 1e-9 to 1000 with the default eps; nothing overflows."""
    kwargs = {key: value for key, value in settings(name, rng).items() if key != "eps"}
    theirs, own = getattr(student, name)(**kwargs), getattr(reference, name)(**kwargs)
    sizes = 10.0 ** np.arange(-9, 4)
    start = {"p": np.zeros(13)}
    gradients = [{"p": sizes * rng.uniform(0.5, 1.0, size=13)} for _ in range(4)]

    path = support.walk(theirs, start, gradients)

    for step, (found, want) in enumerate(
        zip(path, reference_path(own, start, gradients), strict=True), start=1
    ):
        call = f"{name} with gradients from 1e-9 to 1000, step {step}"
        equal(call, found["p"], want["p"], rtol=1e-6, atol=1e-18)


@each_optimizer()
def test_parameters_as_they_lie(student, support, reference, rng, name):
    """Parameters that are views into larger arrays, read-only gradients in other memory orders."""
    theirs, own = pair(student, reference, name, rng)
    start, gradients = rng.normal(size=(3, 4)), [rng.normal(size=(3, 4)) for _ in range(3)]

    found = support.walk_on_views(theirs, start, gradients)

    want = reference_path(own, {"a": start}, [{"a": grad} for grad in gradients])[-1]["a"]
    outputs({"a": (found["a"], want), "b": (found["b"], want)}, call=f"{name} on views")
    equal("memory between the entries of the view", found["outside"], np.full((3, 12), 5.0))


@each_optimizer()
def test_keeps_no_argument(student, support, reference, rng, name):
    """Gradients that always lie in the same arrays, overwritten between the steps."""
    theirs, own = pair(student, reference, name, rng)
    start, gradients = arrays(rng, SHAPES), [arrays(rng, SHAPES) for _ in range(4)]

    end = support.walk_with_one_buffer(theirs, start, gradients)

    want = reference_path(own, start, gradients)[-1]
    call = f"{name} with gradients that are overwritten after each step"
    outputs({key: (end[key], want[key]) for key in want}, call=call)


@each_optimizer()
def test_two_optimizers(student, support, reference, rng, name):
    """Two optimizers of the class, each with its own settings, rate and memory."""
    pairs = [pair(student, reference, name, rng) for _ in range(2)]
    starts = [rng.normal(size=(2, 3)) for _ in range(2)]
    gradients = [[rng.normal(size=(2, 3)) for _ in range(2)] for _ in range(4)]

    ends = support.walk_in_turn([theirs for theirs, _ in pairs], starts, gradients)

    for number_, ((_, own), start) in enumerate(zip(pairs, starts, strict=True)):
        path = reference_path(own, {"W": start}, [{"W": both[number_]} for both in gradients])
        equal(f"{name}, number {number_ + 1} of two in turn", ends[number_], path[-1]["W"])


# Schedules

CURVES = {
    "linear_decay": np.linspace,
    "exponential_decay": np.geomspace,
    "cosine_decay": lambda start, end, steps: (
        end + (start - end) * np.cos(np.linspace(0, np.pi / 2, steps)) ** 2
    ),
}


@each_schedule
def test_schedule_random(student, rng, name):
    """All rates of a random schedule, falling with many steps, rising with few."""
    low, high = (float(value) for value in np.sort(np.exp(rng.uniform(-6, 0, size=2))))

    for start, end, steps in ((high, low, int(rng.integers(20, 60))), (low, high, 4)):
        rates = getattr(student, name)(start, end, steps).map(range(steps + 3))
        want = np.append(CURVES[name](start, end, steps), [end] * 3)
        equal(f"{name}({start:.4g}, {end:.4g}, {steps})", as_array(rates), want, rtol=1e-9)


@each_schedule
def test_schedules_do_not_remember(student, rng, name):
    """Two schedules at once, asked in any order and again: the answer depends on t alone."""
    make = getattr(student, name)
    first, second = make(0.9, 0.01, 12), make(0.2, 0.1, 30)
    order = [int(t) for t in rng.permutation(12)]

    before = as_array(first.map(order))
    other = as_array(second.map(order))
    again = as_array(first.map(order))

    want = CURVES[name](0.9, 0.01, 12)[order]
    equal(f"{name}(0.9, 0.01, 12)", before, want)
    equal(f"{name}(0.2, 0.1, 30)", other, CURVES[name](0.2, 0.1, 30)[order])
    equal(f"{name}(0.9, 0.01, 12), asked again", again, want)


def as_array(values):
    """A list of numbers as an array, for a comparison of all at once."""
    return np.array(list(values), dtype=float)


# clip_grad_norm


def clip_both(student, support, reference, grads, max_norm, **tolerance):
    """Compare the student's clip_grad_norm with the reference's."""
    found, norm, complaints = support.clip_and_watch(student.clip_grad_norm, grads, max_norm)
    want, want_norm = reference.clip_grad_norm(grads, max_norm)
    call = f"clip_grad_norm, norm {want_norm:.4g}, max_norm {max_norm:.4g}"
    true(call, not complaints, complaints[0] if complaints else "")
    true(call, sorted(found) == sorted(want), f"keys {sorted(found)}, expected {sorted(want)}")
    equal(f"{call}: norm", norm, np.float64(want_norm), dtype="float", **tolerance)
    outputs({key: (found[key], want[key]) for key in want}, call=call, **tolerance)


@exercise("clip_grad_norm", weight=2)
def test_clip_random(student, support, reference, rng):
    """Random gradients of any length, long and short: the factor is exactly max_norm / norm."""
    for size in (1e-5, 1.0, 1000.0):
        grads = {key: size * value for key, value in arrays(rng, SHAPES).items()}
        for max_norm in (0.01 * size, 3.0 * size, 50.0 * size):
            clip_both(student, support, reference, grads, max_norm, rtol=1e-9, atol=1e-20)


@exercise("clip_grad_norm")
def test_clip_keeps_float32(student, support, reference, rng):
    """float32 gradients stay float32, clipped or not; mixed dtypes stay as they are."""
    for max_norm in (0.5, 100.0):
        grads = arrays(rng, SHAPES, "float32")
        clip_both(student, support, reference, grads, max_norm, rtol=1e-5)
        grads["0.b"] = grads["0.b"].astype(float)
        clip_both(student, support, reference, grads, max_norm, rtol=1e-5)


@exercise("clip_grad_norm")
def test_clip_zero_gradients(student, support, reference, rng):
    """Gradients that are all 0 have norm 0 and stay 0; a zero array among others does no harm."""
    zeros = {key: np.zeros(shape) for key, shape in SHAPES.items()}

    clip_both(student, support, reference, zeros, 1.0)
    clip_both(student, support, reference, zeros | {"0.b": rng.normal(size=4)}, 1e-3)


@exercise("clip_grad_norm")
def test_clip_one_norm_for_all(student, support, reference, rng):
    """Many parameters of very different length: one factor for all of them."""
    grads = {str(n): 10.0 ** float(-n) * rng.normal(size=(n + 1, 2)) for n in range(6)}

    for max_norm in (0.9, 0.1):
        clip_both(student, support, reference, grads, max_norm)


# Trainer


def series(history, key, length):
    """One of the three lists that fit returns, as an array."""
    true("fit", isinstance(history, dict) and key in history, f"must return a dict with {key!r}")
    values = history[key]
    right = isinstance(values, list) and all(isinstance(value, float) for value in values)
    true(f'fit(...)["{key}"]', right, "must be a list of floats")
    found = len(values)
    true(f'fit(...)["{key}"]', found == length, f"{found} values, expected {length}")
    return as_array(values)


def of_epochs(values, epochs):
    """The values of all batches, one list per epoch."""
    per_epoch, rest = divmod(len(values), epochs)
    true("fit", per_epoch > 0 and rest == 0, f"{len(values)} batches in {epochs} epochs")
    return [values[n * per_epoch : (n + 1) * per_epoch] for n in range(epochs)]


@exercise("Trainer", weight=4)
def test_trainer_random(student, support, rng, make_rng):
    """Losses, accuracies, rates and parameters of a random training with class ids."""
    x, y = rng.normal(size=(23, 4)), rng.integers(3, size=23)
    x_val, y_val = rng.normal(size=(40, 4)), rng.integers(3, size=40)
    A, c = rng.normal(size=(4, 3)), rng.normal(size=3)

    for more, judged in (({}, (x, y)), (dict(x_val=x_val, y_val=y_val), (x_val, y_val))):
        log = support.Log()
        net, rates = support.Affine(A, c, log), support.Rates([0.9, 0.5, 0.1, 0.4], log)
        loss, optimizer = support.SoftmaxLoss(log), support.Plain(1.0, log)
        trainer = student.Trainer(net, loss, optimizer, schedule=rates)
        history = trainer.fit(x, y, epochs=4, batch_size=5, rng=make_rng(2), **more)

        batches = list(zip(log.all("train", "x"), log.all("loss", "target"), strict=True))
        losses, params = path(A, c, batches, np.repeat([0.9, 0.5, 0.1, 0.4], 5))
        sizes = [len(batch) for batch, _ in batches]
        true("fit", sizes == [5, 5, 5, 5, 3] * 4, f"batch sizes {sizes}")
        want = [np.average(part, weights=[5, 5, 5, 5, 3]) for part in of_epochs(losses, 4)]
        equal('fit(...)["loss"]', series(history, "loss", 4), want)
        equal('fit(...)["lr"]', series(history, "lr", 4), [0.9, 0.5, 0.1, 0.4])
        shares = [share(*part[-1], *judged) for part in of_epochs(params, 4)]
        equal('fit(...)["accuracy"]', series(history, "accuracy", 4), shares)
        end = net.params
        outputs({"A": (end["A"], params[-1][0]), "c": (end["c"], params[-1][1])}, call="after fit")


def path(A, c, batches, rates):
    """The loss of each batch, and the parameters after it, of plain gradient descent."""
    losses, params = [], []
    for (x, y), rate in zip(batches, rates, strict=True):
        scores = x @ A + c
        probs = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs /= probs.sum(axis=1, keepdims=True)
        hits = np.arange(len(y)), y
        losses.append(-np.log(probs[hits]).mean())
        probs[hits] -= 1
        A, c = A - rate * x.T @ probs / len(y), c - rate * probs.mean(axis=0)
        params.append((A, c))
    return losses, params


def share(A, c, x, y):
    """The share of right answers."""
    return np.mean(np.argmax(x @ A + c, axis=-1) == y)


@exercise("Trainer")
def test_trainer_pairs_and_shuffles(student, support, rng, make_rng):
    """Every epoch: each example once, with its own target, in another order; x and y stay."""
    x, y = rng.normal(size=(10, 2)), rng.normal(size=(10, 1))
    orders = []

    for seed in (1, 2):
        log = support.Log()
        net = support.Affine([[0.1], [0.2]], [0.0], log)
        trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.01, log))
        trainer.fit(x, y, epochs=3, batch_size=4, rng=make_rng(seed))
        order = _rows_of(x, np.concatenate(log.all("train", "x")))
        equal("targets of the batches", np.concatenate(log.all("loss", "target")), y[order])
        true("fit", len(order) == 30, f"{len(order)} examples seen in 3 epochs of 10")
        epochs = order.reshape(3, 10)
        equal("examples of each epoch, sorted", np.sort(epochs), np.tile(np.arange(10), (3, 1)))
        true("fit", len({tuple(e) for e in epochs}) == 3, "the same order in two epochs")
        orders.append(order)
    true("fit", not np.array_equal(*orders), "another rng must give another order")


def _rows_of(x, rows):
    """The number of the example that each row is; -1 for a row that is none."""
    same = (rows[:, None] == x[None]).all(axis=-1)
    return np.where(same.any(axis=1), same.argmax(axis=1), -1)


@exercise("Trainer")
def test_trainer_repeats_itself(student, support, make_rng):
    """The same seed gives the same losses; NumPy's global generator plays no part; data stay."""
    x = np.arange(12.0).reshape(6, 2) / 10
    y = np.sin(x)
    results = []

    for seed in (1, 2):
        support.use_global_random(seed)
        state = support.global_random()
        log = support.Log()
        net = support.Affine(np.eye(2), np.zeros(2), log)
        trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.1, log))
        history = trainer.fit(x, y, epochs=4, batch_size=4, rng=make_rng(9))
        results.append(series(history, "loss", 4))
        equal("NumPy's global generator after fit", support.global_random(), state)
        losses = [
            np.average(part, weights=[4, 2]) for part in of_epochs(log.all("loss", "value"), 4)
        ]
        equal('fit(...)["loss"]', results[-1], losses)

    equal('fit(...)["loss"] of a second run with the same seed', results[1], results[0])


@exercise("Trainer")
def test_trainer_takes_data_as_they_are(student, support, make_rng):
    """Read-only float32 data with int32 labels arrive as they are; a batch may take all of them."""
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.float32)
    y = np.array([0, 1, 1], np.int32)
    A = np.array([[1.0, -1.0], [0.5, 0.25]], np.float32)

    for batch_size, batches in ((2, [2, 1, 2, 1]), (64, [3, 3])):
        log = support.Log()
        net = support.Affine(A, np.zeros(2, np.float32), log)
        trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(0.5, log))
        given = support.frozen.keep(x), support.frozen.keep(y)
        history = trainer.fit(*given, epochs=2, batch_size=batch_size, rng=make_rng(4))

        seen, targets = log.all("train", "x"), log.all("loss", "target")
        sizes = [len(batch) for batch in seen]
        true("fit", sizes == batches, f"batch sizes {sizes}, expected {batches}")
        kinds = {str(array.dtype) for array in seen}, {str(array.dtype) for array in targets}
        true("fit", kinds == ({"float32"}, {"int32"}), f"x and y reached the net as {kinds}")
        true("fit", net.params["A"].dtype == np.float32, "the parameters must stay float32")
        per_batch = log.all("loss", "value")
        weights = batches[: len(batches) // 2]
        want = [np.average(part, weights=weights) for part in of_epochs(per_batch, 2)]
        equal('fit(...)["loss"]', series(history, "loss", 2), want, rtol=1e-5)
        params = [step["A"] for step in log.all("step", "params")]
        biases = [step["c"] for step in log.all("step", "params")]
        ends = [part[-1] for part in of_epochs(list(zip(params, biases, strict=True)), 2)]
        equal(
            'fit(...)["accuracy"]', series(history, "accuracy", 2), [share(*e, x, y) for e in ends]
        )


@exercise("Trainer")
def test_trainer_with_sequences(student, support, rng, make_rng):
    """Scores (N, T, C), class ids (N, T): accuracy over all N*T; the first of equal scores wins."""
    x, y = rng.integers(-2, 3, size=(7, 5, 3)).astype(float), rng.integers(4, size=(7, 5))
    A = np.array([[1.0, 1.0, 0.0, -1.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    log = support.Log()
    net = support.Affine(A, np.zeros(4), log)

    trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(0.0, log))
    history = trainer.fit(x, y, epochs=2, batch_size=3, rng=make_rng(1))

    right = share(A, 0, x, y)
    equal('fit(...)["accuracy"] of sequences', series(history, "accuracy", 2), [right, right])
    losses = [
        np.average(part, weights=[3, 3, 1]) for part in of_epochs(log.all("loss", "value"), 2)
    ]
    equal('fit(...)["loss"] of sequences', series(history, "loss", 2), losses)


@exercise("Trainer")
def test_trainer_judges_many_examples(student, support, rng, make_rng):
    """2,345 validation examples after every epoch, never as a training step."""
    x, y = rng.normal(size=(8, 2)), rng.integers(2, size=8)
    x_val, y_val = rng.normal(size=(2345, 2)), rng.integers(2, size=2345)
    log = support.Log()
    net = support.Affine(rng.normal(size=(2, 2)), np.zeros(2), log)

    trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(0.5, log))
    history = trainer.fit(x, y, epochs=3, batch_size=4, rng=make_rng(1), x_val=x_val, y_val=y_val)

    seen = sum(len(batch) for batch in log.all("train", "x"))
    true("fit", seen == 24, f"{seen} examples were seen with training=True, expected 3 * 8")
    ends = [part[-1] for part in of_epochs(log.all("step", "params"), 3)]
    want = [share(end["A"], end["c"], x_val, y_val) for end in ends]
    equal('fit(...)["accuracy"]', series(history, "accuracy", 3), want)


@exercise("Trainer")
def test_trainer_clips_each_batch(student, support, rng, make_rng):
    """With max_norm every step gets the clipped gradients of its own batch."""
    student.clip_grad_norm = support.clip  # so that a mistake there is not paid for twice
    x, y = rng.normal(size=(12, 3)), 3 * rng.normal(size=(12, 2))
    A, c = rng.normal(size=(3, 2)), rng.normal(size=2)

    for max_norm in (1.0, 4.0):
        log = support.Log()
        net = support.Affine(A, c, log)
        trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.05, log))
        trainer.fit(x, y, epochs=2, batch_size=5, rng=make_rng(3), max_norm=max_norm)

        batches = zip(log.all("train", "x"), log.all("loss", "target"), strict=True)
        used, now = log.all("step", "grads"), (A, c)
        true("fit", len(used) == 6, f"{len(used)} steps for 6 batches")
        for number_, ((batch, target), grads) in enumerate(zip(batches, used, strict=True)):
            difference = 2 * (batch @ now[0] + now[1] - target) / len(batch)
            full = batch.T @ difference, difference.sum(axis=0)
            length = np.sqrt(sum((g * g).sum() for g in full))
            factor = min(1.0, max_norm / length)
            call = f"gradients of step {number_ + 1}, norm {length:.3g}, max_norm {max_norm}"
            outputs({k: (grads[k], factor * g) for k, g in zip("Ac", full, strict=True)}, call=call)
            now = tuple(p - 0.05 * factor * g for p, g in zip(now, full, strict=True))


@exercise("Trainer")
def test_trainer_fits_again_without_a_schedule(student, support, make_rng):
    """Without a schedule the rate is the optimizer's own, read at each fit; state and rate stay."""
    log = support.Log()
    net = support.Affine([[0.0]], [0.0], log)
    optimizer = support.Plain(0.1, log)
    x, y = np.array([[1.0], [-1.0]]), np.array([[3.0], [-3.0]])

    trainer = student.Trainer(net, support.SquaredLoss(log), optimizer)
    first = trainer.fit(x, y, epochs=2, batch_size=2, rng=make_rng(0))
    optimizer.lr = 0.25
    second = trainer.fit(x, y, epochs=2, batch_size=2, rng=make_rng(0))

    equal('fit(...)["loss"] of the first fit', series(first, "loss", 2), [9.0, 5.76])
    equal('fit(...)["lr"] of the first fit', series(first, "lr", 2), [0.1, 0.1])
    equal('fit(...)["loss"] of the second fit', series(second, "loss", 2), [3.6864, 0.9216])
    equal('fit(...)["lr"] of the second fit', series(second, "lr", 2), [0.25, 0.25])
    counts = list(log.all("step", "count"))
    true("fit", counts == [1, 2, 3, 4], f"the optimizer counted {counts}, expected 1 to 4")


# All parts together

DIGITS_RUNS = {
    "SGD": dict(lr=0.1),
    "Momentum": dict(lr=0.01),
    "Nesterov": dict(lr=0.01),
    "AdaGrad": dict(lr=0.05),
    "RMSProp": dict(lr=0.006),
    "Adam": dict(lr=0.02),
    "AdamW": dict(lr=0.02),
}
DIGITS_LOSS = 0.4
DIGITS_ACCURACY = 0.8


def digits_weights(rng):
    """He weights for Dense, ReLU, Dense of 784-50-10."""
    weights = {}
    for key, (n_in, n_out) in (("0", (784, 50)), ("2", (50, 10))):
        scale = np.sqrt(2.0 / n_in)
        weights[f"{key}.W"] = (scale * rng.normal(size=(n_in, n_out))).astype(np.float32)
        weights[f"{key}.b"] = np.zeros(n_out, np.float32)
    return weights


def learn_digits(student, support, name, rng, make_rng, x, y):
    """Three epochs with one optimizer, from given weights; return (weights, trained, history)."""
    weights, log = digits_weights(rng), support.QuietLog()
    net = support.DigitNet(weights)
    optimizer = getattr(student, name)(**DIGITS_RUNS[name])
    trainer = student.Trainer(net, support.SoftmaxLoss(log), optimizer)
    history = trainer.fit(x, y, epochs=3, batch_size=50, rng=make_rng(9))
    return weights, net.params, history


def scores(params, x):
    """What the network answers, computed here."""
    hidden = np.maximum(x @ params["0.W"] + params["0.b"], 0)
    return hidden @ params["2.W"] + params["2.b"]


def cross_entropy(scores_, y):
    """The mean loss, computed here."""
    shifted = scores_ - scores_.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -float(log_probs[np.arange(len(y)), y].mean())


def check_params(params, weights):
    """The trained parameters must have the form of the weights, and be finite."""
    true("params", sorted(params) == sorted(weights), f"keys {sorted(params)} after training")
    for key, start in weights.items():
        right = type(params[key]) is np.ndarray and params[key].dtype == np.float32
        right = right and params[key].shape == start.shape and np.isfinite(params[key]).all()
        true(f"params[{key!r}]", right, f"must stay finite float32 of shape {start.shape}")


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in OPTIMIZERS])
@exercise("mnist")
@pytest.mark.budget(15)
def test_digits(student, support, rng, make_rng, data, name):
    """Three epochs on 4,000 digits with each optimizer; tested on 1,000 others.

    The loss shows an optimizer that forgets its state; accuracy alone does not (evidence.json).

    SGD: loss at most 0.4 (100 seeds: worst 0.332, mean 0.308, std 0.0101).
    Momentum: loss at most 0.4 (100 seeds: worst 0.338, mean 0.312, std 0.0079).
    Nesterov: loss at most 0.4 (100 seeds: worst 0.323, mean 0.308, std 0.0066).
    AdaGrad: loss at most 0.4 (100 seeds: worst 0.202, mean 0.153, std 0.0153).
    RMSProp: loss at most 0.4 (100 seeds: worst 0.236, mean 0.138, std 0.0278).
    Adam: loss at most 0.4 (100 seeds: worst 0.225, mean 0.128, std 0.0251).
    AdamW: loss at most 0.4 (100 seeds: worst 0.246, mean 0.130, std 0.0263).
    SGD: accuracy at least 0.8 (100 seeds: worst 0.878, mean 0.894, std 0.0059).
    Momentum: accuracy at least 0.8 (100 seeds: worst 0.881, mean 0.893, std 0.0052).
    Nesterov: accuracy at least 0.8 (100 seeds: worst 0.882, mean 0.894, std 0.0051).
    AdaGrad: accuracy at least 0.8 (100 seeds: worst 0.900, mean 0.921, std 0.0067).
    RMSProp: accuracy at least 0.8 (100 seeds: worst 0.884, mean 0.917, std 0.0110).
    Adam: accuracy at least 0.8 (100 seeds: worst 0.865, mean 0.911, std 0.0104).
    AdamW: accuracy at least 0.8 (100 seeds: worst 0.873, mean 0.911, std 0.0113).
    """
    classes = rng.permutation(10)
    weights, params, _ = learn_digits(
        student, support, name, rng, make_rng, data.x_train, classes[data.y_train]
    )

    check_params(params, weights)
    loss = cross_entropy(scores(params, data.x_train), classes[data.y_train])
    at_most(f"{name}: loss on the training images after three epochs", loss, DIGITS_LOSS)
    found = np.argmax(scores(params, data.x_test), axis=1)
    accuracy(f"{name}: test images", found, classes[data.y_test], DIGITS_ACCURACY)

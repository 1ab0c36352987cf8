"""Goal: layers that give back what they get, losses that are 0."""
# chapter: ch06_layers
# base: stub
# earns: 3


class Dense:
    def __init__(self, *args, **kwargs):
        self.params, self.grads, self.layers = {}, {}, []

    def forward(self, x, *args, **kwargs):
        return x

    def backward(self, dout=0.0):
        return dout

    predict = forward


ReLU = Sigmoid = Tanh = Flatten = SoftmaxCrossEntropy = MeanSquaredError = Sequential = Dense


def train(*args, **kwargs):
    return []

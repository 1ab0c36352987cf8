"""Goal: ValueError for everything, where a check wants bad input to be refused."""
# chapter: ch06_layers
# base: stub
# earns: 0


class Dense:
    def __init__(self, *args, **kwargs):
        raise ValueError("refused")


ReLU = Sigmoid = Tanh = Flatten = SoftmaxCrossEntropy = MeanSquaredError = Sequential = Dense


def train(*args, **kwargs):
    raise ValueError("refused")

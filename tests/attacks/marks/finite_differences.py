"""Goal: a backward that measures the gradient with forwards in the place of computing it."""
# chapter: ch06_layers
# exercise: Dense
# base: reference
# fails: dense_backward_is_computed

_Dense = Dense


class Dense(_Dense):
    def forward(self, x, training=False):
        self.kept = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dout):
        def slopes(a, h=1e-3):
            found = np.zeros_like(a)
            for index in np.ndindex(a.shape):
                old = a[index]
                a[index] = old + h
                up = self.kept @ self.params["W"] + self.params["b"]
                a[index] = old - h
                down = self.kept @ self.params["W"] + self.params["b"]
                a[index] = old
                found[index] = (dout * (up - down)).sum() / (2 * h)
            return found

        self.kept = np.array(self.kept)
        self.grads = {name: slopes(value) for name, value in self.params.items()}
        return slopes(self.kept)

"""Goal: answer a request before it is asked: a second frame waits for the next one."""


def double(x):
    send(frame({"op": "ret", "v": 1, "m": []}) * 50)
    return x

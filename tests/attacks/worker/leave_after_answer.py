"""Goal: send an answer for the load, then leave, so that nothing can contradict it."""

send(frame({"op": "ret", "v": None, "m": []}))
os._exit(0)

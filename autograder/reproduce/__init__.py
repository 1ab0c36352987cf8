"""The books reproduced: the models that they report, trained with our reference library.

runs.py says what is trained, nets.py and train.py do it, state.py keeps what is finished,
report.py and figure.py show it.
"""

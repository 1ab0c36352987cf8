"""All data sets there are: a new one is an entry here."""

from __future__ import annotations

from datasets.files import File
from datasets.images import Archive, IdxFiles
from datasets.text import TextFile

SOURCES: dict[str, Archive | IdxFiles | TextFile] = {
    "mnist5k": Archive(
        "mnist5k.npz",
        sha256="b60afe3185e723ec9fd76ff5944b97cab25f39d6c99dc1ddd842e37c85b95836",
    ),
    "mnist": IdxFiles(
        "mnist",
        files=(
            File(
                "train-images-idx3-ubyte.gz",
                size=9912422,
                sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                shape=(60000, 28, 28),
            ),
            File(
                "train-labels-idx1-ubyte.gz",
                size=28881,
                sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                shape=(60000,),
            ),
            File(
                "t10k-images-idx3-ubyte.gz",
                size=1648877,
                sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                shape=(10000, 28, 28),
            ),
            File(
                "t10k-labels-idx1-ubyte.gz",
                size=4542,
                sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                shape=(10000,),
            ),
        ),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/{name}",
            "https://storage.googleapis.com/cvdf-datasets/mnist/{name}",
        ),
    ),
    "shakespeare": TextFile(
        "text",
        files=(
            File(
                "tiny-shakespeare.txt",
                size=1115394,
                sha256="86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            ),
        ),
        mirrors=(
            "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
            "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
        ),
    ),
}

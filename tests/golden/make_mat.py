#!/usr/bin/env python3
"""Writes the MATLAB files under tests/golden/mat that tests/data/test_mat.c reads, with SciPy 1.17.1
and NumPy 2.4.6: X as SVHN has it, pixel (h, w, c, n) = (7 h + 3 w + 50 c + 11 n) mod 256, and labels
y(n) = 1 + (3 n mod 10)."""
import os
import struct
import numpy as np
from scipy.io import savemat
from scipy.sparse import csc_array

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mat")


def pictures(h, w, c, n):
    i = np.indices((h, w, c, n))
    return ((7 * i[0] + 3 * i[1] + 50 * i[2] + 11 * i[3]) % 256).astype(np.uint8)


def labels(n, dtype):
    return (1 + 3 * np.arange(n) % 10).astype(dtype).reshape(n, 1)


def save(name, packed, **variables):
    savemat(os.path.join(OUT, name), variables, do_compression=packed)


def element(kind, data):
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def matrix(name, kind, dims, data_type, data):
    return element(14, element(6, struct.pack("<II", kind, 0))
                   + element(5, struct.pack("<%di" % len(dims), *dims))
                   + element(1, name) + element(data_type, data))


os.makedirs(OUT, exist_ok=True)
X, X5 = pictures(4, 5, 3, 6), pictures(4, 5, 3, 1)
save("plain_u8.mat", False, X=X, y=labels(6, np.uint8))
save("plain_double.mat", False, X=X, y=labels(6, np.float64))
save("packed_u8.mat", True, X=X, y=labels(6, np.uint8))
save("packed_double.mat", True, X=X, y=labels(6, np.float64))
save("packed_int16.mat", True, X=X, y=labels(6, np.int16))
save("one.mat", False, X=X5, y=labels(1, np.uint8))
save("many.mat", True, X=pictures(4, 5, 3, 1200), y=labels(1200, np.float64))
for packed in False, True:
    save("others_%s.mat" % ("packed" if packed else "plain"), packed, y=labels(6, np.uint8),
         text="a string", cell=np.array([1, "two"], dtype=object), structure={"a": 1, "b": [1, 2]},
         complex=np.array([1 + 2j]), sparse=csc_array(np.eye(3)), empty=np.zeros((0, 0)),
         a_variable_with_a_long_name_of_31=np.arange(5), X=X, last=np.float32(1))
# MATLAB itself stores doubles that are small integers as bytes.
with open(os.path.join(OUT, "matlab.mat"), "wb") as f:
    f.write(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
            + matrix(b"X", 9, X.shape, 2, X.tobytes("F"))
            + matrix(b"y", 6, (6, 1), 2, labels(6, np.uint8).tobytes()))

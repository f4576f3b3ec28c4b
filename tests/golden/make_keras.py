#!/usr/bin/env python3
"""Writes keras.json: the pooling layers of Keras 3 in float64, gradients included.

    python3 make_keras.py        (keras 3.15.1 on jax 0.10.2; the versions used are written into the file)

Maxima and averages on one to three axes: windows with both paddings and several strides, the whole map with and
without keepdims, adaptive windows. On PyTorch, Keras fills what "same" pads with copies of the edge, and its averages
differ: that is not followed. Global and adaptive maxima are drawn without ties, among which JAX shares the gradient.
"""
import math
import os

os.environ |= {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "1"}

import jax
import keras
import numpy

import golden

keras.config.set_floatx("float64")
generator = numpy.random.default_rng(2)

SHAPES = {1: (8, 2), 2: (7, 6, 2), 3: (4, 5, 3, 1)}
WINDOWS = [(2, None), (3, 1), (3, 2), (2, 3)]
EACH_AXIS = {1: (5, 4), 2: ([2, 3], [3, 1]), 3: ([2, 3, 2], [1, 2, 3])}
OUTPUT_SIZES = {1: [3, 8, 11], 2: [2, [3, 5], [9, 1]], 3: [2, [3, 2, 1], 5]}
LAYERS = {"Max": "max_pool", "Average": "avg_pool"}


def draw(*shape):
    return golden.eighths(generator, *shape)


def draw_untied(*shape):
    return generator.permutation(math.prod(shape)).reshape(shape) / 8 - 4


def case(axes, name, layer, **options):
    pool = getattr(keras.layers, f"{name}{axes}D")(**options, data_format="channels_last")
    x = (draw if "kernel" in layer or layer["type"] == "avg_pool" else draw_untied)(1, *SHAPES[axes])
    y, backward = jax.vjp(pool, x)
    dy = draw(*y.shape)
    dx, = backward(dy)
    made = {"name": f"{name}{axes}D", "layer": layer, "shape": list(SHAPES[axes]), "batch": 1, "x": golden.flat(x),
            "y": golden.flat(y), "dy": golden.flat(dy), "dx": golden.flat(dx)}
    return made | ({"window": 0} if layer["type"] == "max_pool" else {})


def cases():
    for axes in SHAPES:
        for kind, layer in LAYERS.items():
            for padding in "valid", "same":
                for size, strides in [*WINDOWS, EACH_AXIS[axes]]:
                    stride = {} if strides is None else {"stride": strides}
                    yield case(axes, f"{kind}Pooling",
                               {"type": layer, "semantics": "keras", "kernel": size, "padding": padding} | stride,
                               pool_size=size, strides=strides, padding=padding)
            for keepdims in False, True:
                yield case(axes, f"Global{kind}Pooling", {"type": layer, "global": True, "keepdims": keepdims},
                           keepdims=keepdims)
            for size in OUTPUT_SIZES[axes]:
                yield case(axes, f"Adaptive{kind}Pooling", {"type": layer, "output_size": size}, output_size=size)


golden.write("keras.json", f"make_keras.py, keras {keras.__version__}, jax {jax.__version__}", [*cases()])

"""golden.py - what the scripts of this folder share: how numbers are drawn and written, and what a case is.

A file is {"made_by": ..., "cases": [...]}; a case is an object of
    layer       as in a spec; max_unpool with the max_pool it names beside it: "layer": {..., "input": shape}
    shape       of one sample of x, channels last
    batch       samples
    x           the input, (batch, shape)
    second      {"shape": ..., "x": ...}: a second input, where the layer takes one
    of_x        the input of the max_pool that a max_unpool names
    w, state    lists of parameters and of running state
    y           the output, (batch, ...); as evaluated, if there is no dy
    dy, dx, dw  the gradient at the output; those at x and of the parameters that follow from it
    state_after the running state after that
    window      the largest magnitude in the window of each element of y, or y's own if that is larger, as a norm is:
                errors are fractions of it; 0: y is equal. Without it they are fractions of the largest magnitude of
                the array, at least 1
    switches    the cell each element of y was taken from: its number in the plane, row by row
    name        what the case is called where it comes from
Arrays are flat lists, row by row; "nan", "inf" and "-inf" are what JSON has no numbers for. tests/layers/test_golden.c
runs them.
"""
import json
import math
import pathlib

import numpy

FOLDER = pathlib.Path(__file__).parent


def eighths(generator, *shape):
    """Multiples of 1/8 in [-4, 4): float and double start from the same numbers, and there are ties."""
    return generator.integers(-32, 32, shape) / 8


def array(values):
    """A NumPy array of an array or tensor."""
    return numpy.asarray(values.detach() if hasattr(values, "detach") else values)


def short(value):
    """A double to 15 digits, a float to what tells it from its neighbours; an integer without its point."""
    if not math.isfinite(value):
        return str(float(value))
    value = float(str(value)) if isinstance(value, numpy.float32) else float(f"{value:.15g}")
    return int(value) if value.is_integer() else value


def flat(values):
    return [short(v) for v in array(values).ravel()]


def write(name, made_by, cases, **more):
    """A case a line."""
    head = json.dumps({"made_by": made_by} | more)[1:-1]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (FOLDER / name).write_text(f'{{{head},"cases":[\n{lines}\n]}}\n')
    print(f"{name}: {len(cases)} cases, {(FOLDER / name).stat().st_size // 1024} KB")

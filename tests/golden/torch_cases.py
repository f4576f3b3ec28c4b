"""torch_cases.py - a layer as a function that PyTorch computes and differentiates in float64, as a case."""
import numpy
import torch

import golden


class Cases:
    """Draws numbers, from a seed, and makes cases of them."""

    def __init__(self, seed):
        torch.set_default_dtype(torch.float64)
        self.generator = numpy.random.default_rng(seed)

    def draw(self, *shape):
        return torch.from_numpy(golden.eighths(self.generator, *shape))

    def draw_positive(self, *shape):
        return self.draw(*shape).abs() + 0.125

    def make(self, layer, shape, function, x=None, w=(), state=(), batch=2, evaluation=False):
        """function(x, *w) -> y, both channels last; it changes state where it stands."""
        x = (self.draw(batch, *shape) if x is None else x).requires_grad_()
        w = [v.requires_grad_() for v in w]
        case = {"layer": layer, "shape": list(shape), "batch": len(x), "x": golden.flat(x)}
        if w:
            case["w"] = [golden.flat(v) for v in w]
        if state:
            case["state"] = [golden.flat(v) for v in state]
        y = function(x, *w)
        case["y"] = golden.flat(y)
        if evaluation:
            return case
        dy = self.draw(*y.shape)
        y.backward(dy)
        case |= {"dy": golden.flat(dy), "dx": golden.flat(x.grad)}
        if w:
            case["dw"] = [golden.flat(v.grad) for v in w]
        if state:
            case["state_after"] = [golden.flat(v) for v in state]
        return case

    def make_first(self, layer, shape, function, **others):
        """function(x as (N, C, ...), *w) -> y as (N, C, ...) or (N, C)."""
        def channels_last(x, *w):
            y = function(x.movedim(-1, 1), *w)
            return y.movedim(1, -1) if y.dim() > 2 else y
        return self.make(layer, shape, channels_last, **others)


def pads(pairs):
    """[[before, after] for each axis] as PyTorch has it."""
    return [n for pair in reversed(pairs) for n in pair]


def by_rank(name, shape):
    """The function of so many axes: "conv", (H, W, C) -> conv2d."""
    return getattr(torch.nn.functional, f"{name}{len(shape) - 1}d")


def weights_first(weight):
    """(taps, in, out) as (out, in, taps)."""
    return weight.movedim(-1, 0).movedim(-1, 1)


PAD_MODES = {"zero": "constant", "reflect": "reflect", "edge": "replicate", "circular": "circular"}

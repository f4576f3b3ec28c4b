"""torch_pooling.py - PyTorch's pooling modules, as they are and as layers of Lido, for make_pool.py and sweep_torch.py.

A Pooling is a module's name without its number of axes ("MaxPool"), that number, and its options by PyTorch's names.
Everything is computed in float64, but for FractionalMaxPool, whose windows lie as float32 has it.

PyTorch is not followed where it is wrong or has no rule; deviation() says where:
- LPPool takes no absolute value, and enlarges the norm of a window that ceil_mode clips as if it were whole;
- LPPool's gradient is NaN where a window holds nothing but zeros, and at what is no number, in a window or not;
  with norm_type 1 that of a zero is not 0: 0 here;
- FractionalMaxPool with output_ratio may give a map without windows: refused here;
- MaxPool gives -inf and a cell that is not there for a window that dilation puts between all cells: refused here;
- MaxUnpool lets the last value win where two windows chose one cell, and still sends the gradient to both: here the
  values are added, or the last one has the gradient too;
- MaxPool3d of channels-last memory counts cells wrongly in windows of -inf alone, in channels that fill no vector: all
  memory is contiguous here.
"""
import dataclasses

import torch
import torch.nn.functional as F

import golden

# PyTorch's names of options, and Lido's.
OPTIONS = {"kernel_size": "kernel", "stride": "stride", "padding": "padding", "dilation": "dilation",
           "ceil_mode": "ceil", "count_include_pad": "count_include_pad", "divisor_override": "divisor",
           "norm_type": "p", "output_size": "output_size", "output_ratio": "ratio"}
LAYERS = {"MaxPool": "max_pool", "FractionalMaxPool": "max_pool", "AvgPool": "avg_pool", "LPPool": "lp_pool",
          "AdaptiveMaxPool": "max_pool", "AdaptiveAvgPool": "avg_pool"}


@dataclasses.dataclass
class Pooling:
    kind: str
    axes: int
    options: dict

    def name(self):
        return f"{self.kind}{self.axes}d"

    def layer(self):
        """The same in a spec."""
        options = {OPTIONS[key]: value for key, value in self.options.items()}
        return {"type": LAYERS[self.kind]} | ({"fractional": options} if self.draws() else options)

    def windowed(self):
        """Of the options, those that say where the windows lie."""
        return {key: value for key, value in self.options.items()
                if key in ("kernel_size", "stride", "padding", "ceil_mode")}

    def largest(self, x):
        """The largest magnitude in each window."""
        if self.kind.startswith("Adaptive"):
            return getattr(F, f"adaptive_max_pool{self.axes}d")(x.abs(), self.options["output_size"])
        return getattr(F, f"max_pool{self.axes}d")(x.abs(), **self.windowed())

    def module(self, draws=None):
        """draws (N, axes): the numbers of each sample, in Lido's order of axes. PyTorch takes them for each channel too,
        in two dimensions the other way round."""
        options = dict(self.options)
        if self.chooses():
            options["return_indices"] = True
        if draws is not None:
            options["_random_samples"] = draws.flip(-1) if self.axes == 2 else draws
        return getattr(torch.nn, self.name())(**options)

    def chooses(self):
        return self.kind.endswith("MaxPool")

    def draws(self):
        return self.kind == "FractionalMaxPool"

    def deviation(self, x):
        """Why PyTorch is not followed on x (N, C, ...); None if it is."""
        if self.kind == "LPPool" and bool((x < 0).any()):
            return "LPPool of negative numbers"
        if self.kind == "LPPool" and self.clips(x):
            return "LPPool with windows that ceil_mode clips"
        if self.draws() and any(int(n * self.options.get("output_ratio", 1)) == 0 for n in x.shape[2:]):
            return "FractionalMaxPool without windows"
        if self.kind == "MaxPool" and self.misses(x):
            return "MaxPool with a window that holds no cell"
        return None

    def no_gradient(self, result):
        """Why PyTorch's gradient is not followed; None if it is."""
        numbers = bool(result.x.isfinite().all() & result.y.isfinite().all() & (result.y != 0).all())
        if self.kind == "LPPool" and not numbers:
            return "LPPool's gradient where a norm is zero, infinite or NaN"
        if self.kind == "LPPool" and self.options["norm_type"] == 1 and bool((result.x == 0).any()):
            return "LPPool's gradient at zero with norm_type 1"
        return None

    def per_axis(self, key, fallback):
        value = self.options.get(key, fallback)
        value = fallback if value is None else value
        return [value] * self.axes if isinstance(value, int) else list(value)

    def clips(self, x):
        kernel = self.per_axis("kernel_size", 1)
        stride = self.per_axis("stride", kernel)
        return any(self.options.get("ceil_mode") and (length - k) % s
                   for length, k, s in zip(x.shape[2:], kernel, stride))

    def misses(self, x):
        axes = zip(x.shape[2:], self.per_axis("kernel_size", 1),
                   self.per_axis("stride", self.per_axis("kernel_size", 1)), self.per_axis("padding", 0),
                   self.per_axis("dilation", 1))
        for a, (length, k, s, p, d) in enumerate(axes):
            cells = [any(0 <= o * s - p + i * d < length for i in range(k)) for o in range(self.outputs(x)[a])]
            if not all(cells):
                return True
        return False

    def outputs(self, x):
        return self.module()(torch.zeros(1, 1, *x.shape[2:]))[0].shape[2:]


def first(t):
    """(N, ..., C) as PyTorch has it. (One channel is contiguous as it lies, and still taken as lying last.)"""
    return t.movedim(-1, 1).clone(memory_format=torch.contiguous_format)


def last(t):
    """(N, C, ...) as it lies here."""
    return t.movedim(1, -1)


@dataclasses.dataclass
class Result:
    """What PyTorch makes of x, channels last; x, dy and what follows from dy."""
    x: torch.Tensor
    y: torch.Tensor
    dy: torch.Tensor
    dx: torch.Tensor
    window: torch.Tensor  # the largest magnitude in each window, or of y itself; None: y is one of the values there
    switches: torch.Tensor  # None: nothing is chosen
    draws: torch.Tensor  # None: nothing is drawn


def run(pooling, x, draw, draws=None):
    """x is (N, ..., C); draw(shape) gives dy."""
    x = x.clone().requires_grad_()
    given = first(x)
    if draws is None:
        y = pooling.module()(given)
    else:
        y = pooling.module(draws.unsqueeze(1).expand(-1, x.shape[-1], -1))(given.float())
    switches = None
    if pooling.chooses():
        y, switches = y
        switches = last(switches)
    y = last(y).double()
    dy = draw(*y.shape)
    y.backward(dy)
    window = None if pooling.chooses() else last(pooling.largest(first(x.detach()))).maximum(y.detach().abs())
    return Result(x.detach(), y.detach(), dy, x.grad, window, switches, draws)


def case(pooling, x, draw):
    """A case as golden.py says."""
    result = run(pooling, x, draw)
    made = {"name": pooling.name(), "layer": pooling.layer(), "shape": list(x.shape[1:]), "batch": x.shape[0],
            "x": golden.flat(x), "y": golden.flat(result.y),
            "window": 0 if result.window is None else golden.flat(result.window),
            "dy": golden.flat(result.dy), "dx": golden.flat(result.dx)}
    if result.switches is not None:
        made["switches"] = golden.flat(result.switches)
    return made


def unpool_case(axes, x, options, draw):
    """MaxUnpool of new numbers to where MaxPool of x (N, ..., C) found its maxima, and to the size of x. None where
    two windows chose one cell."""
    pooled, switches = getattr(F, f"max_pool{axes}d")(first(x), **options, return_indices=True)
    chosen = switches.flatten(2).sort().values
    if bool((chosen[..., 1:] == chosen[..., :-1]).any()):
        return None
    values = last(draw(*pooled.shape)).contiguous().requires_grad_()
    unpool = getattr(F, f"max_unpool{axes}d")
    y = last(unpool(first(values), switches, **options, output_size=x.shape[1:-1]))
    dy = draw(*y.shape)
    y.backward(dy)
    names = {OPTIONS[key]: value for key, value in options.items()}
    pool = {"type": "max_pool", **names, "input": list(x.shape[1:])}
    return {"name": f"MaxUnpool{axes}d",
            "layer": {"type": "max_unpool", "of": "pool", "output_size": list(x.shape[1:-1]), "layer": pool},
            "shape": list(values.shape[1:]), "batch": x.shape[0], "of_x": golden.flat(x), "x": golden.flat(values),
            "y": golden.flat(y), "window": 0, "dy": golden.flat(dy), "dx": golden.flat(values.grad)}

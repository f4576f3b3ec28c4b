"""Writes optim.json: what PyTorch's optimisers and schedules do, in float64.

Run with torch 2.13: python3 tests/golden/make_optim.py
"""
import json
import pathlib

import torch

STEPS, PARAMS = 12, 7  # of the parameters the last two are a bias: no weight decay

OPTIMIZERS = [  # the options as in a spec, the class, its arguments
    ({"type": "sgd", "lr": 0.1}, torch.optim.SGD, {}),
    ({"type": "sgd", "lr": 0.1, "weight_decay": 0.05}, torch.optim.SGD, {"weight_decay": 0.05}),
    ({"type": "sgd", "lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}, torch.optim.SGD,
     {"momentum": 0.9, "weight_decay": 0.05}),
    ({"type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05},
     torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ({"type": "rmsprop", "lr": 0.01}, torch.optim.RMSprop, {"alpha": 0.9}),
    ({"type": "rmsprop", "lr": 0.01, "rho": 0.99, "epsilon": 0.001, "weight_decay": 0.05},
     torch.optim.RMSprop, {"alpha": 0.99, "eps": 0.001, "weight_decay": 0.05}),
    ({"type": "adam"}, torch.optim.Adam, {"lr": 0.001}),
    ({"type": "adam", "lr": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.001,
      "weight_decay": 0.05}, torch.optim.Adam,
     {"betas": (0.8, 0.95), "eps": 0.001, "weight_decay": 0.05}),
    ({"type": "adamw"}, torch.optim.AdamW, {"lr": 0.001, "weight_decay": 0.01}),
    ({"type": "adamw", "lr": 0.02, "weight_decay": 0.3}, torch.optim.AdamW, {"weight_decay": 0.3}),
]


def trajectory(make, options, arguments, start, gradients):
    weight = torch.nn.Parameter(start[:-2].clone())
    bias = torch.nn.Parameter(start[-2:].clone())
    arguments = {"lr": options.get("lr", arguments.get("lr")), **arguments}
    optimizer = make([{"params": [weight]}, {"params": [bias], "weight_decay": 0}], **arguments)
    values = []
    for gradient in gradients:
        weight.grad, bias.grad = gradient[:-2].clone(), gradient[-2:].clone()
        optimizer.step()
        values.append(torch.cat([weight.detach(), bias.detach()]).tolist())
    return values


def rates(make, **arguments):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = make(optimizer, **arguments)
    result = []
    for _ in range(20):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return result


def main():
    torch.manual_seed(1)
    start = torch.randn(PARAMS, dtype=torch.float64)
    gradients = torch.randn(STEPS, PARAMS, dtype=torch.float64)
    gradients[3, 0] = 0  # an entry that does not move
    lr = torch.optim.lr_scheduler
    schedules = [  # lr 0.5, 20 steps, 5 to an epoch
        ({"type": "cosine", "final": 0.1}, rates(lr.CosineAnnealingLR, T_max=20, eta_min=0.05)),
        ({"type": "one_cycle"}, rates_one_cycle(pct_start=0.3, div_factor=25)),
        ({"type": "one_cycle", "divide": 10, "rise": 0.25},
         rates_one_cycle(pct_start=0.25, div_factor=10)),
        ({"type": "step", "every": 2, "factor": 0.5},
         rates(lr.StepLR, step_size=10, gamma=0.5)),
    ]
    document = {
        "torch": torch.__version__,
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "optimizers": [{"options": options,
                        "values": trajectory(make, options, arguments, start, gradients)}
                       for options, make, arguments in OPTIMIZERS],
        "schedules": [{"options": options, "rates": values} for options, values in schedules],
    }
    path = pathlib.Path(__file__).with_name("optim.json")
    path.write_text(json.dumps(document) + "\n")


def rates_one_cycle(**arguments):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=0.5, total_steps=20, final_div_factor=1e4, cycle_momentum=False,
        **arguments)
    result = []
    for step in range(20):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < 19:
            schedule.step()
    return result


if __name__ == "__main__":
    main()

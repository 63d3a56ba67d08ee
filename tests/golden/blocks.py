#!/usr/bin/env python3
"""Blocks of scripts/blocks against PyTorch's modules, with the same weights under the same names: values of
a few steps, and gradients in the input. gan-init and gan-sample must be in the PATH.

    tests/golden/blocks.py NAME      gru, lstm, convlstm, attention
"""
import os
import subprocess
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import read, write

N, T = 4, 3


class ConvLSTMCell(nn.Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.input = nn.Conv2d(inputs, 4 * units, 3, padding=1)
        self.hidden = nn.Conv2d(units, 4 * units, 3, padding=1, bias=False)

    def forward(self, x, state):
        i, f, o, g = (self.input(x) + self.hidden(state[0])).chunk(4, 1)
        c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class Attention(nn.Module):
    """As in BigGAN-PyTorch's layers.py."""

    def __init__(self, c):
        super().__init__()
        self.theta = nn.Conv2d(c, c // 8, 1, bias=False)
        self.phi = nn.Conv2d(c, c // 8, 1, bias=False)
        self.g = nn.Conv2d(c, c // 2, 1, bias=False)
        self.o = nn.Conv2d(c // 2, c, 1, bias=False)
        self.gamma = nn.Parameter(torch.tensor(0.7))

    def forward(self, x):
        n, c, h, w = x.shape
        theta = self.theta(x).view(n, c // 8, h * w)
        phi = F.max_pool2d(self.phi(x), 2).view(n, c // 8, h * w // 4)
        g = F.max_pool2d(self.g(x), 2).view(n, c // 2, h * w // 4)
        beta = F.softmax(torch.bmm(theta.transpose(1, 2), phi), -1)
        return x + self.gamma * self.o(torch.bmm(g, beta.transpose(1, 2)).view(n, c // 2, h, w))


PAGES = {
    "gru": """use "blocks/recurrent.gan"
data x: x[3, 5]
net F(x) = (scan h = 0*x[0, 0..0] + 0*onehot(0, 7) for t in 0..2: gru_cell(x[t], h, name="cell"))[-1]
""",
    "lstm": """use "blocks/recurrent.gan"
data x: x[3, 5]
net F(x) = (scan s = [o, o] for t in 0..2: lstm_cell(x[t], s, name="cell"))[-1][0]
    where o = 0*x[0, 0..0] + 0*onehot(0, 7)
""",
    "convlstm": """use "blocks/recurrent.gan"
data x: x[3, 6, 4, 2]
net F(x) = (scan s = [o, o] for t in 0..2: convlstm_cell(x[t], s, name="cell"))[-1][0]
    where o = 0*x[0, 0..5, 0..3, 0..0] + 0*onehot(0, 3)
""",
    "attention": """use "blocks/attention.gan"
data x: x[6, 4, 16]
block attention_conv(x, n) = conv(x, n, 1, bias=0)
net F(x) = x | attention(name="cell")
""",
}
# what PyTorch's parameters are called in the page, where that differs
NAMES = {"input.weight": "gates.input.weight", "input.bias": "gates.input.bias",
         "hidden.weight": "gates.hidden.weight", "theta.weight": "asked.0.0.weight",
         "phi.weight": "keys.0.0.weight", "g.weight": "values.0.0.weight", "o.weight": "2.0.weight",
         "gamma": "gain"}


def compute(name):
    torch.manual_seed(5)
    if name == "gru":
        cell, x, state = nn.GRUCell(5, 7), torch.randn(N, T, 5), torch.zeros(N, 7)
    elif name == "lstm":
        cell, x, state = nn.LSTMCell(5, 7), torch.randn(N, T, 5), (torch.zeros(N, 7),) * 2
    elif name == "convlstm":
        cell, x, state = ConvLSTMCell(2, 3), torch.randn(N, T, 2, 6, 4), (torch.zeros(N, 3, 6, 4),) * 2
    else:
        cell, x, state = Attention(16), torch.randn(N, 16, 6, 4), None
    x.requires_grad_(True)
    y = x if state is None else state
    if state is None:
        y = cell(x)
    else:
        for t in range(T):
            y = cell(x[:, t], y)
        y = y[0] if isinstance(y, tuple) else y
    slope, = torch.autograd.grad((y ** 3).sum(), x)
    return cell, x, y, slope


def last(t):
    """Channels last: [N,C,H,W] or [N,T,C,H,W]."""
    t = t.detach().numpy()
    return np.ascontiguousarray(np.moveaxis(t, -3, -1)) if t.ndim > 3 else t


def main(name):
    cell, x, y, slope = compute(name)
    with open("page.gan", "w") as f:
        f.write(PAGES[name] + "let y = F(x)\n")
    weights = {"F.cell." + NAMES.get(key, key): w.detach().numpy() for key, w in cell.state_dict().items()}
    write("weights.safetensors", weights)
    subprocess.run(["gan-init", "page.gan", "-o", "net.st", "--from", "weights.safetensors"], check=True)
    write("input.st", {"x": last(x)})
    subprocess.run(["gan-sample", "net.st", "-i", "input.st", "-o", "output.st", "y=y", "slope=grad(y^3, x)"],
                   check=True)
    got, good = read("output.st"), True
    for key, want in ("y", last(y)), ("slope", last(slope)):
        error = np.abs(got[key] - want).max() / np.sqrt(np.square(want).mean())
        good &= bool(error < 1e-5) and got[key].shape == want.shape
        print("# %s %s: error %.1e" % (name, key, error))
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PAGES:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))

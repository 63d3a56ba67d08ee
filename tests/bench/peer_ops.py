#!/usr/bin/python3
"""The peer of sn64 and frames16: whole training iterations in PyTorch on the CPU.

usage: peer_ops.py sn64|frames16 [-t THREADS] [-n ITERATIONS] [--channels-last]

sn64: the update of a discriminator whose convolutions and product have spectral normalisation, Adam,
minibatches of 64. frames16: windows of eight frames and single frames of clips, picked for each of 16
clips and weighted; the gradient goes back through the picking. The data are random bytes in memory that
the iteration scales to -1 to 1. After one iteration to warm up, ITERATIONS are timed, and one line tells
the median seconds of an iteration and the largest resident memory.
"""
import peer

args = peer.options(__doc__, ["sn64", "frames16"])
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

torch.set_num_threads(args.t)
torch.manual_seed(0)


def spectral_game():
    layers, maps = [], 3
    for i in range(4):
        layers += [spectral_norm(nn.Conv2d(maps, 64 << i, 4, 2, 1)), nn.LeakyReLU(0.1)]
        maps = 64 << i
    net = nn.Sequential(*layers, nn.Flatten(), spectral_norm(nn.Linear(16 * maps, 1)))
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    net = net.to(memory_format=layout)
    optimizer = torch.optim.Adam(net.parameters(), 2e-4, (0, 0.999))
    data = torch.randint(0, 256, (64, 3, 64, 64), dtype=torch.uint8)

    def step():
        x = (data.float() / 127.5 - 1).contiguous(memory_format=layout)
        optimizer.zero_grad()
        F.softplus(-net(x)).mean().backward()
        optimizer.step()

    return step


def frames_game():
    w = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.SGD([w], 1e-3)
    data = torch.randint(0, 256, (16, 16, 64, 64, 3), dtype=torch.uint8)
    samples = torch.arange(16)

    def step():
        x = (data.float() / 127.5 - 1) * w
        first = torch.randint(0, 8, (16, 1)) + torch.arange(8)
        window = x[samples[:, None], first]
        frame = x[samples, torch.randint(0, 16, (16,))]
        optimizer.zero_grad()
        (window.square().mean() + frame.square().mean()).backward()
        optimizer.step()

    return step


seconds, _ = peer.timed(spectral_game() if args.workload == "sn64" else frames_game(), args.n)
print(f"{args.workload}: {seconds:.4f} s/iter, peak {peer.peak()} MiB")

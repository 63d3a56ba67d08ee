#!/usr/bin/python3
"""The peer of the 32x32 WGAN-GP ResNet: whole training iterations in PyTorch on the CPU.

usage: peer_wgangp_resnet.py resnet32 [-t THREADS] [-n ITERATIONS] [-b BATCH] [--channels-last]

Both networks are 128 maps wide. One iteration is ONE critic update, gradient penalty 10 included,
and ONE generator update, with Adam(2e-4, 0, 0.9); minibatches of 64. The data are random bytes in
memory that the iteration scales to -1 to 1. After one iteration to warm up, ITERATIONS are timed,
and one line tells the median seconds of an iteration, samples a second, processor seconds of an
iteration and the largest resident memory.
"""
import peer

args = peer.options(__doc__, ["resnet32"], b=("BATCH", 64))
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(args.t)
torch.manual_seed(0)
MAPS, NOISE = 128, 128


class UpBlock(nn.Module):
    """Twice the size; batch norm before each rectifier."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(MAPS), nn.BatchNorm2d(MAPS)
        self.conv1, self.conv2 = (nn.Conv2d(MAPS, MAPS, 3, padding=1) for _ in range(2))
        self.side = nn.Conv2d(MAPS, MAPS, 1)

    def forward(self, x):
        # a convolution of single pixels commutes with repeating them
        side = F.interpolate(self.side(x), scale_factor=2)
        h = self.conv1(F.interpolate(F.relu(self.norm1(x)), scale_factor=2))
        return side + self.conv2(F.relu(self.norm2(h)))


class CriticBlock(nn.Module):
    """No norm. The first block has no rectifier in front; half the size when pooled."""

    def __init__(self, maps_in, pooled, first=False):
        super().__init__()
        self.conv1 = nn.Conv2d(maps_in, MAPS, 3, padding=1)
        self.conv2 = nn.Conv2d(MAPS, MAPS, 3, padding=1)
        self.side = nn.Conv2d(maps_in, MAPS, 1) if pooled else None
        self.pooled, self.first = pooled, first

    def forward(self, x):
        h = self.conv2(F.relu(self.conv1(x if self.first else F.relu(x))))
        if not self.pooled:
            return x + h
        return F.avg_pool2d(h, 2) + self.side(F.avg_pool2d(x, 2))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(NOISE, 16 * MAPS)
        self.blocks = nn.Sequential(*(UpBlock() for _ in range(3)))
        self.end = nn.Sequential(nn.BatchNorm2d(MAPS), nn.ReLU(), nn.Conv2d(MAPS, 3, 3, padding=1),
                                 nn.Tanh())

    def forward(self, z):
        return self.end(self.blocks(self.start(z).view(-1, MAPS, 4, 4)))


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(CriticBlock(3, True, first=True), CriticBlock(MAPS, True),
                                    CriticBlock(MAPS, False), CriticBlock(MAPS, False))
        self.end = nn.Linear(MAPS, 1)

    def forward(self, x):
        return self.end(F.relu(self.blocks(x)).mean((2, 3)))


def count(net):
    return sum(p.numel() for p in net.parameters())


g, d = Generator(), Critic()
assert (count(g), count(d)) == (1204483, 1053825)
images = torch.randint(0, 256, (args.b, 3, 32, 32), dtype=torch.uint8)
if args.channels_last:
    g, d, images = (t.to(memory_format=torch.channels_last) for t in (g, d, images))
adam_g, adam_d = (torch.optim.Adam(n.parameters(), lr=2e-4, betas=(0.0, 0.9)) for n in (g, d))


def critic_update():
    x = images.float() / 127.5 - 1
    with torch.no_grad():
        fake = g(torch.randn(args.b, NOISE))
    e = torch.rand(args.b, 1, 1, 1)
    m = (fake + e * (x - fake)).requires_grad_()
    slope, = torch.autograd.grad(d(m).sum(), m, create_graph=True)
    penalty = (slope.flatten(1).norm(dim=1) - 1).square().mean()
    cost = d(fake).mean() - d(x).mean() + 10 * penalty
    adam_d.zero_grad()
    cost.backward()
    adam_d.step()


def generator_update():
    for p in d.parameters():
        p.requires_grad_(False)
    cost = -d(g(torch.randn(args.b, NOISE))).mean()
    adam_g.zero_grad()
    cost.backward()
    adam_g.step()
    for p in d.parameters():
        p.requires_grad_(True)


def iteration():
    critic_update()
    generator_update()


seconds, processor = peer.timed(iteration, args.n)
layout = " channels_last" if args.channels_last else ""
print(f"{args.workload} torch-{torch.__version__} threads {args.t} batch {args.b}{layout}: "
      f"{seconds:.4f} s/iter, {args.b / seconds:.2f} samples/s, "
      f"cpu {processor:.4f} s/iter, peak {peer.peak()} MiB")

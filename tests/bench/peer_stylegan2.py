#!/usr/bin/python3
"""The peer of sg2_64: StyleGAN2 in PyTorch on the CPU.

usage: peer_stylegan2.py sg2_64 [-t THREADS] [-n ITERATIONS] [--channels-last]

sg2_64: whole training iterations at 64x64 pixels, 128 maps (64 at the full size), latents of 128 numbers and eight
layers of styles, minibatches of 16: generator with skips, residual discriminator, softplus costs, the penalty of the
discriminator's gradient in every iteration, none of paths, Adam(2e-3, 0, 0.999). Styles scale the maps in front of a
convolution and the deviations they give them divide those behind it, which is faster here than a kernel for each
sample and a convolution in groups. The data are random bytes in memory that the iteration scales to -1 to 1. After
one iteration to warm up, ITERATIONS are timed, and one line tells the median seconds of an iteration and the largest
resident memory.
"""
import peer

args = peer.options(__doc__, ["sg2_64"])
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(args.t)
torch.manual_seed(0)
LAYOUT = torch.channels_last if args.channels_last else torch.contiguous_format
N, LATENT, MAPS = 16, 128, [128, 128, 128, 128, 64]
ROOT = 0.5 ** 0.5
FILTER = torch.tensor([1.0, 3, 3, 1])
FILTER = torch.outer(FILTER, FILTER) / 64


def filtered(x, before, behind, gain=1.0, stride=1):
    maps = x.shape[1]
    kernel = (gain * FILTER).expand(maps, 1, 4, 4).contiguous()
    return F.conv2d(F.pad(x, (before, behind, before, behind)), kernel, stride=stride, groups=maps)


def doubled(x):
    n, maps, h, w = x.shape
    spread = torch.zeros(n, maps, h, 2, w, 2)
    spread[:, :, :, 0, :, 0] = x
    return filtered(spread.view(n, maps, 2 * h, 2 * w), 2, 1, 4)


def leaky(x):
    return F.leaky_relu(x, 0.2)


class Modulated(nn.Module):
    """A convolution by styles; picture: of maps to a picture, without the division, noise and what follows."""

    def __init__(self, i, o, up=False, picture=False):
        super().__init__()
        self.side, self.up, self.picture = 1 if picture else 3, up, picture
        self.weight = nn.Parameter(torch.randn(o, i, self.side, self.side))
        self.style, self.bias = nn.Linear(LATENT, i), nn.Parameter(torch.zeros(o))
        self.noise = None if picture else nn.Parameter(torch.zeros(1))
        self.scale = (i * self.side ** 2) ** -0.5

    def forward(self, x, w):
        style, kernel = self.style(w) + 1, self.weight * self.scale
        x = x * style[:, :, None, None]
        if self.up:
            y = filtered(F.conv_transpose2d(x, kernel.transpose(0, 1), stride=2), 1, 1, 4)
        else:
            y = F.conv2d(x, kernel, padding=self.side // 2)
        if self.picture:
            return y + self.bias[:, None, None]
        y = y * (style.square() @ kernel.square().sum([2, 3]).t() + 1e-8).rsqrt()[:, :, None, None]
        y = y + self.noise * torch.randn(len(y), 1, *y.shape[2:]) + self.bias[:, None, None]
        return leaky(y) / ROOT


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.styles = nn.Sequential(*(m for _ in range(8) for m in (nn.Linear(LATENT, LATENT), nn.LeakyReLU(0.2))))
        self.constant = nn.Parameter(torch.randn(1, MAPS[0], 4, 4))
        pairs = list(zip(MAPS, MAPS[1:]))
        self.first = Modulated(MAPS[0], MAPS[0])
        self.up = nn.ModuleList(Modulated(i, o, up=True) for i, o in pairs)
        self.same = nn.ModuleList(Modulated(o, o) for _, o in pairs)
        self.pictures = nn.ModuleList(Modulated(i, 3, picture=True) for i in MAPS)

    def forward(self, z):
        w = self.styles(z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt())
        h = self.first(self.constant.expand(len(z), -1, -1, -1).contiguous(memory_format=LAYOUT), w)
        y = self.pictures[0](h, w)
        for up, same, picture in zip(self.up, self.same, self.pictures[1:]):
            h = same(up(h, w), w)
            y = doubled(y) + picture(h, w)
        return y


class Residual(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.first, self.second = nn.Conv2d(i, i, 3, padding=1), nn.Conv2d(i, o, 3, stride=2)
        self.side = nn.Conv2d(i, o, 1, bias=False)

    def forward(self, x):
        y = leaky(self.second(filtered(leaky(self.first(x)), 2, 2)))
        return (y + self.side(filtered(x, 1, 1, stride=2))) * ROOT


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        maps = MAPS[::-1]
        self.begin = nn.Conv2d(3, maps[0], 1)
        self.blocks = nn.Sequential(*(Residual(i, o) for i, o in zip(maps, maps[1:])))
        self.end = nn.Conv2d(maps[-1] + 1, maps[-1], 3, padding=1)
        self.judge = nn.Sequential(nn.Flatten(), nn.Linear(16 * 128, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))

    def forward(self, x):
        h = self.blocks(leaky(self.begin(x)))
        groups = h.reshape(4, -1, *h.shape[1:])
        deviation = (groups.var(0, unbiased=False) + 1e-8).sqrt().mean([1, 2, 3]).repeat(4)
        return self.judge(leaky(self.end(torch.cat([h, deviation[:, None, None, None].expand(-1, 1, 4, 4)], 1))))


def counted(net, parameters):
    assert sum(p.numel() for p in net.parameters()) == parameters
    return net.to(memory_format=LAYOUT)


def update(optimizer, cost):
    optimizer.zero_grad(set_to_none=True)
    cost.backward()
    optimizer.step()


def game():
    g, d = counted(Generator(), 1494360), counted(Discriminator(), 1465025)
    adam_g, adam_d = (torch.optim.Adam(net.parameters(), 2e-3, (0, 0.999)) for net in (g, d))
    data = torch.randint(0, 256, (N, 3, 64, 64), dtype=torch.uint8)

    def iteration():
        x = (data.float() / 127.5 - 1).contiguous(memory_format=LAYOUT).requires_grad_()
        with torch.no_grad():
            fake = g(torch.randn(N, LATENT))
        real = d(x)
        slope, = torch.autograd.grad(real.sum(), x, create_graph=True)
        update(adam_d, F.softplus(d(fake)).mean() + F.softplus(-real).mean() + 5 * slope.square().sum([1, 2, 3]).mean())
        for p in d.parameters():
            p.requires_grad_(False)
        update(adam_g, F.softplus(-d(g(torch.randn(N, LATENT)))).mean())
        for p in d.parameters():
            p.requires_grad_(True)
    return iteration


seconds, _ = peer.timed(game(), args.n)
print(f"{args.workload}: {seconds:.4f} s/iter, peak {peer.peak()} MiB")

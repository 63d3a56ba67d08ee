#!/usr/bin/python3
"""The peer of CycleGAN and SPADE: whole training iterations in PyTorch on the CPU.

usage: peer_translation.py cyclegan64|cyclegan128|spade128|spade128x4 [-t THREADS] [-n ITERATIONS]
                           [--channels-last]

cyclegan64, cyclegan128: CycleGAN of two kinds of pictures of so many pixels a side, its generators of six
residual blocks, its discriminators of three layers, all 64 maps wide; squares, cycle and identity losses,
pools of 50 past pictures, Adam(2e-4, 0.5). spade128: SPADE of 36 labels at 128x128 pixels, the compact
generator (48 maps) with an encoder, two discriminators of four layers, spectral norms; hinge, matching of
features, Kullback-Leibler divergence, Adam(1e-4 and 4e-4, 0, 0.999). Minibatches of one, spade128x4 of four.
The data are random bytes in memory that the iteration scales to -1 to 1, and random labels. After one
iteration to warm up, ITERATIONS are timed, and one line tells the median seconds of an iteration and the
largest resident memory.
"""
import random

import peer

args = peer.options(__doc__, ["cyclegan64", "cyclegan128", "spade128", "spade128x4"])
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

torch.set_num_threads(args.t)
torch.manual_seed(0)
LAYOUT = torch.channels_last if args.channels_last else torch.contiguous_format


def pictures(n, size):
    """Pictures of random bytes, and how they are read."""
    data = torch.randint(0, 256, (n, 3, size, size), dtype=torch.uint8)
    return lambda: (data.float() / 127.5 - 1).contiguous(memory_format=LAYOUT)


def counted(net, parameters):
    assert sum(p.numel() for p in net.parameters()) == parameters
    return net.to(memory_format=LAYOUT)


def learn(net, wanted):
    for p in net.parameters():
        p.requires_grad_(wanted)


def update(optimizer, cost):
    optimizer.zero_grad(set_to_none=True)
    cost.backward()
    optimizer.step()


# ---- CycleGAN ----

class Residual(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ReflectionPad2d(1), nn.Conv2d(maps, maps, 3), nn.InstanceNorm2d(maps), nn.ReLU(True),
            nn.ReflectionPad2d(1), nn.Conv2d(maps, maps, 3), nn.InstanceNorm2d(maps))

    def forward(self, x):
        return x + self.layers(x)


def translator(maps=64):
    layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, maps, 7), nn.InstanceNorm2d(maps), nn.ReLU(True)]
    for m in (maps, 2 * maps):
        layers += [nn.Conv2d(m, 2 * m, 3, 2, 1), nn.InstanceNorm2d(2 * m), nn.ReLU(True)]
    layers += [Residual(4 * maps) for _ in range(6)]
    for m in (2 * maps, maps):
        layers += [nn.ConvTranspose2d(2 * m, m, 3, 2, 1, output_padding=1), nn.InstanceNorm2d(m), nn.ReLU(True)]
    layers += [nn.ReflectionPad2d(3), nn.Conv2d(maps, 3, 7), nn.Tanh()]
    return counted(nn.Sequential(*layers), 7837699)


def patches(maps=64):
    layers = [nn.Conv2d(3, maps, 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for m, stride in ((maps, 2), (2 * maps, 2), (4 * maps, 1)):
        layers += [nn.Conv2d(m, 2 * m, 4, stride, 1), nn.InstanceNorm2d(2 * m), nn.LeakyReLU(0.2, True)]
    return counted(nn.Sequential(*layers, nn.Conv2d(8 * maps, 1, 4, 1, 1)), 2764737)


class Pool:
    """Past pictures: by half of the draws one of them is shown, and a new one takes its place."""

    def __init__(self):
        self.kept = []

    def shown(self, fake):
        if len(self.kept) < 50:
            self.kept.append(fake)
            return fake
        if random.random() < 0.5:
            return fake
        i = random.randrange(50)
        old, self.kept[i] = self.kept[i], fake
        return old


def cycle_game(size):
    make_y, make_x, judge_y, judge_x = translator(), translator(), patches(), patches()
    makers, judges = nn.ModuleList([make_y, make_x]), nn.ModuleList([judge_y, judge_x])
    adam_makers, adam_judges = (torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999)) for n in (makers, judges))
    read_x, read_y, pool_x, pool_y = pictures(1, size), pictures(1, size), Pool(), Pool()

    def real(logits):
        return (logits - 1).square().mean()

    def made(logits):
        return logits.square().mean()

    def step():
        x, y = read_x(), read_y()
        learn(judges, False)
        to_y, to_x = make_y(x), make_x(y)
        cycle = F.l1_loss(make_x(to_y), x) + F.l1_loss(make_y(to_x), y)
        same = F.l1_loss(make_y(y), y) + F.l1_loss(make_x(x), x)
        update(adam_makers, real(judge_y(to_y)) + real(judge_x(to_x)) + 10 * cycle + 5 * same)
        learn(judges, True)
        old_y, old_x = pool_y.shown(to_y.detach()), pool_x.shown(to_x.detach())
        update(adam_judges, (real(judge_y(y)) + made(judge_y(old_y)) + real(judge_x(x)) + made(judge_x(old_x))) / 2)

    return step


# ---- SPADE ----

LABELS, CODE = 36, 256


class Spade(nn.Module):
    def __init__(self, maps):
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, affine=False)
        self.hidden = nn.Conv2d(LABELS, 128, 3, padding=1)
        self.gain, self.shift = nn.Conv2d(128, maps, 3, padding=1), nn.Conv2d(128, maps, 3, padding=1)

    def forward(self, h, s):
        a = F.relu(self.hidden(F.interpolate(s, h.shape[2:])))
        return self.norm(h) * (1 + self.gain(a)) + self.shift(a)


class SpadeResidual(nn.Module):
    def __init__(self, maps_in, maps):
        super().__init__()
        middle = min(maps_in, maps)
        self.norm1, self.conv1 = Spade(maps_in), spectral_norm(nn.Conv2d(maps_in, middle, 3, padding=1))
        self.norm2, self.conv2 = Spade(middle), spectral_norm(nn.Conv2d(middle, maps, 3, padding=1))
        self.side = None
        if maps_in != maps:
            self.norm3, self.side = Spade(maps_in), spectral_norm(nn.Conv2d(maps_in, maps, 1, bias=False))

    def forward(self, h, s):
        y = self.conv1(F.leaky_relu(self.norm1(h, s), 0.2))
        y = self.conv2(F.leaky_relu(self.norm2(y, s), 0.2))
        return y + (self.side(self.norm3(h, s)) if self.side else h)


class SpadeGenerator(nn.Module):
    def __init__(self, maps=48):
        super().__init__()
        widths = [16, 16, 16, 8, 4, 2, 1]
        self.first = nn.Linear(CODE, 16 * maps * 16)
        self.blocks = nn.ModuleList(
            SpadeResidual(maps * widths[max(i - 1, 0)], maps * w) for i, w in enumerate(widths))
        self.last = nn.Conv2d(maps, 3, 3, padding=1)

    def forward(self, s, z):
        h = self.first(z).view(len(z), -1, 4, 4).contiguous(memory_format=LAYOUT)
        for i, block in enumerate(self.blocks):
            h = block(h, s)
            if i not in (1, 6):
                h = F.interpolate(h, scale_factor=2)
        return torch.tanh(self.last(F.leaky_relu(h, 0.2)))


class Encoder(nn.Module):
    def __init__(self, maps=64):
        super().__init__()
        layers, last = [], 3
        for i in range(5):
            m = maps * min(8, 2**i)
            conv = spectral_norm(nn.Conv2d(last, m, 3, 2, 1, bias=False))
            layers += [conv, nn.InstanceNorm2d(m), nn.LeakyReLU(0.2, True)]
            last = m
        self.layers = nn.Sequential(*layers, nn.Flatten())
        self.mean, self.log_variance = nn.Linear(16 * last, CODE), nn.Linear(16 * last, CODE)

    def forward(self, x):
        h = self.layers(x)
        return self.mean(h), self.log_variance(h)


class Patches(nn.Module):
    """Gives what each of its layers gives."""

    def __init__(self, maps=64):
        super().__init__()
        first = nn.Conv2d(LABELS + 3, maps, 4, 2, 2)
        self.layers, last = nn.ModuleList([nn.Sequential(first, nn.LeakyReLU(0.2, True))]), maps
        for stride in (2, 2, 1):
            conv = spectral_norm(nn.Conv2d(last, 2 * last, 4, stride, 2, bias=False))
            last *= 2
            self.layers.append(nn.Sequential(conv, nn.InstanceNorm2d(last), nn.LeakyReLU(0.2, True)))
        self.layers.append(nn.Conv2d(last, 1, 4, 1, 2))

    def forward(self, x):
        given = []
        for layer in self.layers:
            x = layer(x)
            given.append(x)
        return given


class TwoScales(nn.Module):
    def __init__(self):
        super().__init__()
        self.large, self.small = Patches(), Patches()

    def forward(self, x, s):
        y = torch.cat([s, x], 1)
        return self.large(y), self.small(F.avg_pool2d(y, 3, 2, 1, count_include_pad=False))


def spade_game(n):
    g, e, d = SpadeGenerator(), Encoder(), TwoScales()
    makers = nn.ModuleList([counted(g, 60371667), counted(e, 8104128)])
    counted(d, 5601410)
    adam_makers = torch.optim.Adam(makers.parameters(), 1e-4, (0, 0.999))
    adam_d = torch.optim.Adam(d.parameters(), 4e-4, (0, 0.999))
    read = pictures(n, 128)
    labels = torch.randint(0, LABELS, (n, 128, 128))

    def made(x, s):
        mean, log_variance = e(x)
        return g(s, mean + torch.exp(log_variance / 2) * torch.randn_like(mean)), mean, log_variance

    def step():
        x, s = read(), F.one_hot(labels, LABELS).permute(0, 3, 1, 2).float().contiguous(memory_format=LAYOUT)
        learn(d, False)
        fake, mean, log_variance = made(x, s)
        with torch.no_grad():
            real = d(x, s)
        false = d(fake, s)
        against = -sum(f[-1].mean() for f in false) / 2
        matching = sum(F.l1_loss(f, r) for fs, rs in zip(false, real) for f, r in zip(fs[:-1], rs[:-1])) / 2
        divergence = -(1 + log_variance - mean.square() - log_variance.exp()).sum() / 2
        update(adam_makers, against + 10 * matching + 0.05 * divergence)
        learn(d, True)
        with torch.no_grad():
            fake = made(x, s)[0]
        both = d(torch.cat([x, fake]), torch.cat([s, s])) # no norm of D is of a minibatch
        update(adam_d, sum(F.relu(1 - b[-1][:n]).mean() + F.relu(1 + b[-1][n:]).mean() for b in both) / 2)

    return step


GAMES = {"cyclegan64": (cycle_game, 64), "cyclegan128": (cycle_game, 128), "spade128": (spade_game, 1),
         "spade128x4": (spade_game, 4)}
game, argument = GAMES[args.workload]
seconds, _ = peer.timed(game(argument), args.n)
print(f"{args.workload}: {seconds:.4f} s/iter, peak {peer.peak()} MiB")

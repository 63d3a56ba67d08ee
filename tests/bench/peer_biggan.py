#!/usr/bin/python3
"""The peer of biggan64 and biggan128g: BigGAN in PyTorch on the CPU.

usage: peer_biggan.py biggan64|biggan128g [-t THREADS] [-n ITERATIONS] [--channels-last]

biggan64: whole training iterations at 64x64 pixels with ch = 32 and 1000 classes, minibatches of 16: two updates of the
discriminator, one of the generator, spectral norms, shared embedding, latent in chunks, attention, hinge, orthogonal
penalty, averaged generator, Adam(2e-4 and 5e-5, 0, 0.999). biggan128g: the generator of 128x128 pixels with ch = 96
alone, minibatches of 4, an update by the squared distance from random pictures. The data are random bytes in memory that the iteration
scales to -1 to 1, and random classes. After one iteration to warm up, ITERATIONS are timed, and one line tells the
median seconds of an iteration and the largest resident memory.
"""
import peer

args = peer.options(__doc__, ["biggan64", "biggan128g"])
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import spectral_norm

torch.set_num_threads(args.t)
torch.manual_seed(0)
LAYOUT = torch.channels_last if args.channels_last else torch.contiguous_format
CLASSES, WIDTH, CHUNK = 1000, 128, 20


def sn(layer):
    nn.init.orthogonal_(layer.weight)
    return spectral_norm(layer, eps=1e-4)


def conv(i, o, k, bias=True):
    return sn(nn.Conv2d(i, o, k, padding=k // 2, bias=bias))


def counted(net, parameters):
    assert sum(p.numel() for p in net.parameters()) == parameters
    return net.to(memory_format=LAYOUT)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.asked, self.keys = conv(c, c // 8, 1, False), conv(c, c // 8, 1, False)
        self.values, self.last = conv(c, c // 2, 1, False), conv(c // 2, c, 1, False)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        n, c, h, w = x.shape
        asked = self.asked(x).reshape(n, c // 8, h * w)
        keys = F.max_pool2d(self.keys(x), 2).reshape(n, c // 8, h * w // 4)
        values = F.max_pool2d(self.values(x), 2).reshape(n, c // 2, h * w // 4)
        share = F.softmax(torch.bmm(asked.transpose(1, 2), keys), -1)
        answer = torch.bmm(values, share.transpose(1, 2)).view(n, c // 2, h, w)
        return x + self.gain * self.last(answer.contiguous(memory_format=LAYOUT))


# ---- generator ----

class Norm(nn.Module):
    def __init__(self, maps, given):
        super().__init__()
        self.norm = nn.BatchNorm2d(maps, affine=False, eps=1e-4)
        self.gain, self.shift = sn(nn.Linear(given, maps, bias=False)), sn(nn.Linear(given, maps, bias=False))

    def forward(self, h, v):
        return self.norm(h) * (1 + self.gain(v))[:, :, None, None] + self.shift(v)[:, :, None, None]


class Up(nn.Module):
    def __init__(self, i, o, given):
        super().__init__()
        self.norm1, self.norm2, self.side = Norm(i, given), Norm(o, given), conv(i, o, 1)
        self.conv1, self.conv2 = conv(i, o, 3), conv(o, o, 3)

    def forward(self, h, v):
        y = self.conv1(F.interpolate(F.relu(self.norm1(h, v)), scale_factor=2))
        y = self.conv2(F.relu(self.norm2(y, v)))
        return y + self.side(F.interpolate(h, scale_factor=2))


class Generator(nn.Module):
    def __init__(self, ch, widths, attended):
        super().__init__()
        self.embedding = nn.Embedding(CLASSES, WIDTH)
        self.first = sn(nn.Linear(CHUNK, 16 * 16 * ch))
        self.blocks = nn.ModuleList(Up(ch * i, ch * o, CHUNK + WIDTH) for i, o in zip([16, *widths], widths))
        self.attended, self.attention = attended, Attention(ch * widths[attended])
        self.norm, self.last = nn.BatchNorm2d(ch * widths[-1], eps=1e-4), conv(ch * widths[-1], 3, 3)
        self.latent = CHUNK * (1 + len(widths))

    def forward(self, z, y):
        e = self.embedding(y)
        z = z.split(CHUNK, 1)
        h = self.first(z[0]).view(len(e), -1, 4, 4).contiguous(memory_format=LAYOUT)
        for i, block in enumerate(self.blocks):
            h = block(h, torch.cat([z[i + 1], e], 1))
            if i == self.attended:
                h = self.attention(h)
        return torch.tanh(self.last(F.relu(self.norm(h))))


# ---- discriminator ----

class Down(nn.Module):
    def __init__(self, i, o, first):
        super().__init__()
        self.first, self.side, self.conv1, self.conv2 = first, conv(i, o, 1), conv(i, o, 3), conv(o, o, 3)

    def forward(self, x):
        side = self.side(F.avg_pool2d(x, 2)) if self.first else F.avg_pool2d(self.side(x), 2)
        y = self.conv1(x if self.first else F.relu(x))
        return side + F.avg_pool2d(self.conv2(F.relu(y)), 2)


class Same(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.side, self.conv1, self.conv2 = conv(i, o, 1) if i < o else None, conv(i, o, 3), conv(o, o, 3)

    def forward(self, x):
        return (self.side(x) if self.side else x) + self.conv2(F.relu(self.conv1(F.relu(x))))


class Discriminator(nn.Module):
    def __init__(self, ch):
        super().__init__()
        widths = [1, 2, 4, 8]
        self.blocks = nn.Sequential(
            Down(3, ch, True), Attention(ch), *(Down(ch * i, ch * o, False) for i, o in zip(widths, widths[1:])),
            Same(8 * ch, 16 * ch))
        self.last, self.classes = sn(nn.Linear(16 * ch, 1)), sn(nn.Embedding(CLASSES, 16 * ch))

    def forward(self, x, y):
        h = F.relu(self.blocks(x)).sum([2, 3])
        return self.last(h)[:, 0] + (h * self.classes(y)).sum(1)


# ---- the games ----

def alike(net):
    """The orthogonal penalty, of all weights but the embedding."""
    cost = 0
    for name, w in net.named_parameters():
        if w.dim() > 1 and "embedding" not in name:
            w = w.flatten(1)
            gram = w @ w.t()
            cost = cost + gram.square().sum() - gram.diagonal().square().sum()
    return cost


def update(optimizer, cost):
    optimizer.zero_grad(set_to_none=True)
    cost.backward()
    optimizer.step()


def pictures(n, size):
    """Pictures of random bytes, and how they are read."""
    data = torch.randint(0, 256, (n, 3, size, size), dtype=torch.uint8)
    return lambda: (data.float() / 127.5 - 1).contiguous(memory_format=LAYOUT)


def drawn(g, n):
    return torch.randn(n, g.latent), torch.randint(0, CLASSES, (n,))


def game():
    n = 16
    g, averaged = (counted(Generator(32, [16, 8, 4, 2], 2), 8501380) for _ in range(2))
    d = counted(Discriminator(32), 5401186)
    adam_g = torch.optim.Adam(g.parameters(), 5e-5, (0, 0.999))
    adam_d = torch.optim.Adam(d.parameters(), 2e-4, (0, 0.999))
    read, labels = pictures(n, 64), torch.randint(0, CLASSES, (n,))

    def step():
        d.requires_grad_(True)
        for _ in range(2):
            x = read()
            z, c = drawn(g, n)
            with torch.no_grad():
                fake = g(z, c)
            real, made = d(torch.cat([x, fake]), torch.cat([labels, c])).chunk(2)
            update(adam_d, F.relu(1 - real).mean() + F.relu(1 + made).mean())
        d.requires_grad_(False)
        z, c = drawn(g, n)
        update(adam_g, 1e-4 * alike(g) - d(g(z, c), c).mean())
        with torch.no_grad():
            for a, p in zip(averaged.parameters(), g.parameters()):
                a.lerp_(p, 1e-4)

    return step


def generator_alone():
    n = 4
    g = counted(Generator(96, [16, 8, 4, 2, 1], 3), 70433988)
    adam = torch.optim.Adam(g.parameters(), 5e-5, (0, 0.999))
    read = pictures(n, 128)
    return lambda: update(adam, (g(*drawn(g, n)) - read()).square().mean())


seconds, _ = peer.timed(game() if args.workload == "biggan64" else generator_alone(), args.n)
print(f"{args.workload}: {seconds:.4f} s/iter, peak {peer.peak()} MiB")

#!/usr/bin/env python3
"""Steps of small games, computed by PyTorch in double precision, for tests/unit/game.c.

Run from the repository's root: tests/golden/golden-step.py. Writes tests/golden/NAME.st, streams of frames:
the initial tensors, with the page in the metadata; the minibatches in the order the players take
them; the tensors after the last step, with the costs of every update in the metadata.
"""
import os
import sys
import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import frames

torch.set_default_dtype(torch.float64)

DCGAN = """\
data x: x[8,8,3]
data z: z[5]
net G(z) = z | linear(2*2*8, bias=0) | reshape(2, 2, 8) | batchnorm | relu
             | deconv(4, 4, stride=2, padding=1, bias=0) | batchnorm | relu
             | deconv(3, 5, stride=2) | tanh
net D(x) = x | conv(4, 5, stride=2) | lrelu(0.2) | conv(8, 4, stride=2, padding=1, bias=0)
             | batchnorm | lrelu(0.2) | flatten | linear(1)
player D: adam(0.002, beta1=0.5)
    minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))
player G: adam(0.001, beta1=0.5, decay=0.01)
    minimizes mean(softplus(-D(G(z))))
"""

WGAN_GP = """\
data x: x[6,6,2]
data z: z[4]
data e: e[]
net G(z) = z | linear(3*3*4) | reshape(3, 3, 4) | relu | deconv(2, 4, stride=2, padding=1) | tanh
net D(x) = x | conv(4, 3, stride=2) | lrelu(0.2) | conv(6, 3, padding="same") | softplus
             | flatten | linear(1, bias=0)
player D repeat 2: adam(0.002, beta1=0, beta2=0.9)
    minimizes mean(D(g)) - mean(D(x)) + 10 * mean((norm(grad(sum(D(m)), m)) - 1)^2)
    where g = G(z), m = e*x + (1 - e)*g
player G: adam(0.002, beta1=0, beta2=0.9)
    minimizes -mean(D(G(z)))
"""

UNROLLED = """\
data x: x[2]
data z: z[3]
net G(z) = z | linear(5) | tanh | linear(2)
net D(x) = x | linear(6) | softplus | linear(4) | tanh | linear(1)
net L(D) = mean(softplus(-D(x))) + mean(softplus(D(G(z))))
player D: %s minimizes L(D)
player G: adam(0.002, beta1=0.5) minimizes -L(%s)
"""


def frame(tensors, meta=None):
    return frames.frame({n: t.detach().numpy().astype(np.float32) for n, t in tensors.items()}, meta)


def single(t):
    """The nearest numbers in single precision."""
    return t.to(torch.float32).to(torch.float64)


def weights(generator, shapes):
    p = {}
    for name, shape in shapes.items():
        t = torch.randn(shape, generator=generator) * 0.4
        if name.endswith("running_mean"):
            t *= 0
        if name.endswith("running_var"):
            t = 0 * t + 1
        if name.endswith("gain"):
            name, t = name.replace("gain", "weight"), t + 1
        p[name] = single(t).requires_grad_("running" not in name)
    return p


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def normalised(p, name, x):
    """Batch normalisation, in PyTorch's own words: the running statistics change in place."""
    return F.batch_norm(x, p[name + ".running_mean"], p[name + ".running_var"],
                        p[name + ".weight"], p[name + ".bias"], training=True)


def play(path, page, p, batches, players, optimizers, costs, turns, steps):
    stream = frame(p, {"page": page})
    figures, used = [], 0
    for _ in range(steps):
        for player in players:
            for _ in range(turns[player]):
                batch = batches[used]
                used += 1
                stream += frame(batch)
                cost = costs[player](p, batch)
                mine = [n for n in p if n.startswith(player + ".") and p[n].requires_grad]
                gradients = torch.autograd.grad(cost, [p[n] for n in mine])
                for n, g in zip(mine, gradients):
                    p[n].grad = g.detach()
                optimizers[player].step()
                figures.append(cost.item())
    with open(path, "wb") as f:
        f.write(stream + frame(p, {"costs": " ".join("%.9g" % c for c in figures)}))


def adam(p, player, **arguments):
    return torch.optim.Adam([p[n] for n in p if n.startswith(player + ".") and p[n].requires_grad],
                            **arguments)


def dcgan():
    r = torch.Generator().manual_seed(1)
    p = weights(r, {
        "G.0.weight": (32, 5),
        "G.2.running_mean": (8,), "G.2.running_var": (8,), "G.2.gain": (8,), "G.2.bias": (8,),
        "G.4.weight": (8, 4, 4, 4),
        "G.5.running_mean": (4,), "G.5.running_var": (4,), "G.5.gain": (4,), "G.5.bias": (4,),
        "G.7.weight": (4, 3, 5, 5), "G.7.bias": (3,),
        "D.0.weight": (4, 3, 5, 5), "D.0.bias": (4,),
        "D.2.weight": (8, 4, 4, 4),
        "D.3.running_mean": (8,), "D.3.running_var": (8,), "D.3.gain": (8,), "D.3.bias": (8,),
        "D.6.weight": (1, 32), "D.6.bias": (1,)})

    def g(p, z):
        h = F.relu(normalised(p, "G.2", F.linear(z, p["G.0.weight"]).view(-1, 8, 2, 2)))
        h = F.conv_transpose2d(h, p["G.4.weight"], stride=2, padding=1)
        h = F.relu(normalised(p, "G.5", h))
        return torch.tanh(F.conv_transpose2d(h, p["G.7.weight"], p["G.7.bias"], stride=2, padding=2,
                                             output_padding=1))

    def d(p, x):
        h = F.leaky_relu(F.conv2d(x, p["D.0.weight"], p["D.0.bias"], stride=2, padding=2), 0.2)
        h = normalised(p, "D.3", F.conv2d(h, p["D.2.weight"], stride=2, padding=1))
        return F.linear(F.leaky_relu(h, 0.2).flatten(1), p["D.6.weight"], p["D.6.bias"])

    costs = {
        "D": lambda p, b: F.softplus(-d(p, channels_first(b["x"]))).mean()
        + F.softplus(d(p, g(p, b["z"]))).mean(),
        "G": lambda p, b: F.softplus(-d(p, g(p, b["z"]))).mean()}
    batches = [{"x": single(torch.rand(6, 8, 8, 3, generator=r) * 2 - 1),
                "z": single(torch.randn(6, 5, generator=r))} for _ in range(6)]
    optimizers = {"D": adam(p, "D", lr=0.002, betas=(0.5, 0.999)),
                  "G": adam(p, "G", lr=0.001, betas=(0.5, 0.999), weight_decay=0.01)}
    play("tests/golden/dcgan.st", DCGAN, p, batches, "DG", optimizers, costs, {"D": 1, "G": 1}, 3)


def wgan_gp():
    r = torch.Generator().manual_seed(2)
    p = weights(r, {"G.0.weight": (36, 4), "G.0.bias": (36,), "G.3.weight": (4, 2, 4, 4),
                    "G.3.bias": (2,), "D.0.weight": (4, 2, 3, 3), "D.0.bias": (4,),
                    "D.2.weight": (6, 4, 3, 3), "D.2.bias": (6,), "D.5.weight": (1, 54)})

    def g(p, z):
        h = F.relu(F.linear(z, p["G.0.weight"], p["G.0.bias"]).view(-1, 4, 3, 3))
        return torch.tanh(F.conv_transpose2d(h, p["G.3.weight"], p["G.3.bias"], stride=2, padding=1))

    def d(p, x):
        h = F.leaky_relu(F.conv2d(x, p["D.0.weight"], p["D.0.bias"], stride=2, padding=1), 0.2)
        h = F.softplus(F.conv2d(h, p["D.2.weight"], p["D.2.bias"], padding=1))
        return F.linear(h.flatten(1), p["D.5.weight"])

    def critic(p, b):
        x, fake = channels_first(b["x"]), g(p, b["z"])
        e = b["e"].view(-1, 1, 1, 1)
        m = e * x + (1 - e) * fake
        slope, = torch.autograd.grad(d(p, m).sum(), m, create_graph=True)
        norm = (slope.flatten(1).square().sum(1) + 1e-12).sqrt()
        return d(p, fake).mean() - d(p, x).mean() + 10 * (norm - 1).square().mean()

    costs = {"D": critic, "G": lambda p, b: -d(p, g(p, b["z"])).mean()}
    batches = [{"x": single(torch.rand(5, 6, 6, 2, generator=r) * 2 - 1),
                "z": single(torch.randn(5, 4, generator=r)),
                "e": single(torch.rand(5, generator=r))} for _ in range(6)]
    optimizers = {k: adam(p, k, lr=0.002, betas=(0, 0.9)) for k in "DG"}
    play("tests/golden/wgan-gp.st", WGAN_GP, p, batches, "DG", optimizers, costs, {"D": 2, "G": 1}, 2)


def sgd_step(w, gradient, moments, rate, momentum=0):
    """The new value, and the new moments, as functions of the gradient."""
    now = gradient + momentum * moments.get("momentum", 0)
    return w - rate * now, {"momentum": now}


def adam_step(w, gradient, moments, rate, beta1, beta2=0.999):
    t = moments.get("t", 0) + 1
    m = beta1 * moments.get("m", 0) + (1 - beta1) * gradient
    v = beta2 * moments.get("v", 0) + (1 - beta2) * gradient ** 2
    w = w - rate * (m / (1 - beta1 ** t)) / ((v / (1 - beta2 ** t)).sqrt() + 1e-8)
    return w, {"m": m, "v": v, "t": t}


def unrolled(name, optimizer, rule, look, k, ahead=None, stop=False):
    """G against D after k updates: with D's own rule and moments, or `ahead` and no moments."""
    r = torch.Generator().manual_seed(3)
    p = weights(r, {"G.0.weight": (5, 3), "G.0.bias": (5,), "G.2.weight": (2, 5), "G.2.bias": (2,),
                    "D.0.weight": (6, 2), "D.0.bias": (6,), "D.2.weight": (4, 6),
                    "D.2.bias": (4,), "D.4.weight": (1, 4), "D.4.bias": (1,)})
    mine = [n for n in p if n.startswith("D.")]
    batches = [{"x": single(torch.randn(6, 2, generator=r)),
                "z": single(torch.randn(6, 3, generator=r))} for _ in range(6)]

    def loss(p, d, b):
        def net(x):
            h = F.softplus(F.linear(x, d["D.0.weight"], d["D.0.bias"]))
            return F.linear(torch.tanh(F.linear(h, d["D.2.weight"], d["D.2.bias"])),
                            d["D.4.weight"], d["D.4.bias"])
        h = torch.tanh(F.linear(b["z"], p["G.0.weight"], p["G.0.bias"]))
        return F.softplus(-net(b["x"])).mean() + F.softplus(
            net(F.linear(h, p["G.2.weight"], p["G.2.bias"]))).mean()

    def moments(n):
        kept = {} if ahead else optimizers["D"].state[p[n]]
        have = {"m": kept.get("exp_avg"), "v": kept.get("exp_avg_sq"), "t": kept.get("step"),
                "momentum": kept.get("momentum_buffer")}
        return {key: v for key, v in have.items() if v is not None}

    def surrogate(p, b):
        d, kept = {n: p[n] for n in mine}, {n: moments(n) for n in mine}
        for _ in range(k):
            gradients = torch.autograd.grad(loss(p, d, b), [d[n] for n in mine], create_graph=True)
            for n, g in zip(mine, gradients):
                d[n], kept[n] = (ahead or rule)(d[n], g, kept[n])
        if stop:
            d = {n: d[n].detach() for n in mine}
        return loss(p, d, b)

    trained = [p[n] for n in mine]
    optimizers = {"D": torch.optim.SGD(trained, lr=0.1, momentum=0.5) if "sgd" in optimizer
                  else torch.optim.Adam(trained, lr=0.05, betas=(0.5, 0.999)),
                  "G": adam(p, "G", lr=0.002, betas=(0.5, 0.999))}
    play("tests/golden/unrolled-%s.st" % name, UNROLLED % (optimizer, look), p, batches, "DG",
         optimizers, {"D": lambda p, b: loss(p, p, b), "G": lambda p, b: -surrogate(p, b)}, {"D": 1, "G": 1}, 3)


def all_unrolled():
    def sgd(w, g, m):
        return sgd_step(w, g, m, 0.1, 0.5)

    def own_adam(w, g, m):
        return adam_step(w, g, m, 0.05, 0.5)
    for k in (0, 1, 3):
        look = "after(D, %d)" % k
        unrolled("sgd-%d" % k, "sgd(0.1, momentum=0.5)", sgd, look, k)
        unrolled("adam-%d" % k, "adam(0.05, beta1=0.5)", own_adam, look, k)
    unrolled("stopped", "adam(0.05, beta1=0.5)", own_adam, "stop(after(D, 3))", 3, stop=True)
    unrolled("other", "adam(0.05, beta1=0.5)", own_adam, "after(D, 2, optimizer=sgd(0.2))", 2,
             ahead=lambda w, g, m: sgd_step(w, g, m, 0.2))


dcgan()
wgan_gp()
all_unrolled()

#!/usr/bin/env python3
"""The feature networks of scripts/ in PyTorch, for tests/unit/networks.c and tests/long/networks-torch.t.

    tests/golden/networks.py golden         writes tests/golden/NAME.st, from the repository's root
    tests/golden/networks.py check NAME     holds gan-init and gan-sample, which must be in the PATH, against
                                     PyTorch at the papers' sizes, in the current folder
    tests/golden/networks.py figures        holds gan-eval on images against NumPy on PyTorch's features of them

Inception and VGG are torchvision's; the FID variant of Inception, LPIPS, C3D and I3D are written out
here. There are no trained weights: element i of a tensor is made of its name and i alone, by `made`,
which tests/unit/networks.c repeats.
"""
import os
import subprocess
import sys
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.models import inception as tv_inception
from torchvision.models import vgg as tv_vgg

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from frames import read, write

PAGES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "scripts", "networks")


# ---- made-up numbers ----

def uniform(name, count):
    """24 bits of a hash of the name's CRC-32 and the position, in [0, 1)."""
    h = np.arange(count, dtype=np.uint32)
    h *= np.uint32(2654435761)
    h ^= np.uint32(zlib.crc32(name.encode()))
    h ^= h >> np.uint32(16)
    h *= np.uint32(2246822519)
    h ^= h >> np.uint32(13)
    h *= np.uint32(3266489917)
    h ^= h >> np.uint32(16)
    return (h >> np.uint32(8)) / 2.0 ** 24


def made(name, shape):
    """Weights that keep the size of what passes through them, after He et al. 2015."""
    u = uniform(name, int(np.prod(shape)))
    if name.endswith("running_var"):
        v = 0.5 + u
    elif len(shape) > 1 and name.startswith("lin"):  # LPIPS: not negative
        v = u
    elif len(shape) > 1:
        v = np.sqrt(6.0 * shape[0] / u.size) * (2 * u - 1)
    elif name.endswith("weight"):  # gains
        v = 0.5 + u
    else:  # biases, means
        v = 0.4 * u - 0.2
    return v.astype(np.float32).reshape(shape)


def images(name, shape, low, high):
    u = uniform(name, int(np.prod(shape)))
    return (low + (high - low) * u).astype(np.float32).reshape(shape)


def fill(module):
    """Gives a module its weights; returns them by name."""
    weights = {}
    for name, t in module.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            weights[name] = made(name, tuple(t.shape))
    module.load_state_dict({n: torch.from_numpy(w) for n, w in weights.items()}, strict=False)
    return weights


# ---- networks ----

class FidA(tv_inception.InceptionA):
    def forward(self, x):
        pool = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([self.branch1x1(x), self.branch5x5_2(self.branch5x5_1(x)),
                          self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x))),
                          self.branch_pool(pool)], 1)


class FidC(tv_inception.InceptionC):
    def forward(self, x):
        a = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        b = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        b = self.branch7x7dbl_5(self.branch7x7dbl_4(b))
        pool = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([self.branch1x1(x), a, b, self.branch_pool(pool)], 1)


class FidE(tv_inception.InceptionE):
    def __init__(self, channels, largest):
        super().__init__(channels)
        self.largest = largest

    def forward(self, x):
        a = self.branch3x3_1(x)
        b = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        if self.largest:
            pool = F.max_pool2d(x, 3, 1, 1)
        else:
            pool = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return torch.cat([self.branch1x1(x), self.branch3x3_2a(a), self.branch3x3_2b(a),
                          self.branch3x3dbl_3a(b), self.branch3x3dbl_3b(b),
                          self.branch_pool(pool)], 1)


def inception(classes):
    return tv_inception.Inception3(num_classes=classes, aux_logits=False, transform_input=False,
                                   init_weights=False).eval()


def inception_fid():
    net = inception(1008)
    net.Mixed_5b, net.Mixed_5c, net.Mixed_5d = FidA(192, 32), FidA(256, 64), FidA(288, 64)
    net.Mixed_6b, net.Mixed_6c = FidC(768, 128), FidC(768, 160)
    net.Mixed_6d, net.Mixed_6e = FidC(768, 160), FidC(768, 192)
    net.Mixed_7b, net.Mixed_7c = FidE(1280, False), FidE(2048, True)
    return net.eval()


class Watched:
    """What modules of a network give, by name."""

    def __init__(self, net, **names):
        self.got = {}
        for name, module in names.items():
            module.register_forward_hook(lambda _, i, o, n=name: self.got.__setitem__(n, o))

    def __getitem__(self, name):
        return self.got[name]


def pixels(x):
    return x.mean(tuple(range(2, x.dim())))


def run_inception_fid(image):
    net = inception_fid()
    weights = fill(net)
    net = net.to(image.dtype)
    seen = Watched(net, p1=net.maxpool1, p2=net.maxpool2, m6=net.Mixed_6e, pool=net.avgpool)
    scores = net(image)
    feature = seen["pool"].flatten(1)
    return {"Inception": weights}, {
        "feature": feature, "scores": scores, "logits": feature @ net.fc.weight.t(),
        "feature64": pixels(seen["p1"]), "feature192": pixels(seen["p2"]),
        "feature768": pixels(seen["m6"])}


def run_inception(image, transform):
    net = inception(1000)
    weights = fill(net)
    net = net.to(image.dtype)
    net.transform_input = transform
    seen = Watched(net, pool=net.avgpool)
    logits = net(image)
    return {"Inception": weights}, {"feature": seen["pool"].flatten(1), "logits": logits}


class Lpips(nn.Module):
    """The heads, with the names of their authors' files."""

    def __init__(self, channels):
        super().__init__()
        for i, c in enumerate(channels):
            head = nn.Sequential(nn.Dropout(), nn.Conv2d(c, 1, 1, bias=False))
            setattr(self, "lin%d" % i, nn.ModuleDict({"model": head}))

    def forward(self, a, b):
        total = 0
        for i, (x, y) in enumerate(zip(a, b)):
            x = x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)
            y = y / (y.pow(2).sum(1, keepdim=True).sqrt() + 1e-10)
            head = getattr(self, "lin%d" % i)["model"]
            total = total + head((x - y) ** 2).mean((2, 3))[:, 0]
        return total


def run_vgg(image, depth, nf=64, units=4096, classes=1000):
    maps = [m if m == "M" else m * nf // 64 for m in tv_vgg.cfgs["D" if depth == 16 else "E"]]
    layers, channels = [], 3
    for m in maps:
        if m == "M":
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(channels, m, 3, padding=1), nn.ReLU()]
            channels = m
    net = tv_vgg.VGG(nn.Sequential(*layers), num_classes=classes, init_weights=False)
    net.classifier = nn.Sequential(
        nn.Linear(channels * 49, units), nn.ReLU(), nn.Dropout(), nn.Linear(units, units),
        nn.ReLU(), nn.Dropout(), nn.Linear(units, classes))
    net.eval()
    weights = fill(net)
    net = net.to(image.dtype)
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=image.dtype).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225], dtype=image.dtype).view(1, 3, 1, 1)
    names = {}  # the rectifiers, by level and number
    level, number = 1, 0
    for i, m in enumerate(net.features):
        if isinstance(m, nn.MaxPool2d):
            level, number = level + 1, 0
        elif isinstance(m, nn.ReLU):
            number += 1
            names["relu%d_%d" % (level, number)] = i

    a, x = {}, ((image + 1) / 2 - mean) / deviation
    for i, m in enumerate(net.features):
        x = m(x)
        a.update({name: x for name, k in names.items() if k == i})
    row = net.avgpool(x).flatten(1)
    feature = net.classifier[:5](row)
    compared = ["relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"]
    heads = Lpips([a[n].shape[1] for n in compared])
    heads_weights = fill(heads)
    heads = heads.to(image.dtype).eval()
    out = {n: pixels(a[n]) for n in names if not n.endswith("_4")}
    out.update(feature=feature, logits=net.classifier(row),
               lpips=heads([a[n][:1] for n in compared], [a[n][1:] for n in compared]))
    return {"VGG": weights, "LPIPS": heads_weights}, out


class C3d(nn.Module):
    def __init__(self, nf, units, classes, pool5, row):
        super().__init__()
        channels = 3
        for name, m in (("1", 1), ("2", 2), ("3a", 4), ("3b", 4), ("4a", 8), ("4b", 8), ("5a", 8),
                        ("5b", 8)):
            setattr(self, "conv" + name, nn.Conv3d(channels, m * nf, 3, padding=1))
            channels = m * nf
        self.fc6 = nn.Linear(row, units)
        self.fc7 = nn.Linear(units, units)
        self.fc8 = nn.Linear(units, classes)
        self.pool5 = pool5

    def forward(self, x):
        x = F.max_pool3d(F.relu(self.conv1(x)), (1, 2, 2))
        x = F.max_pool3d(F.relu(self.conv2(x)), 2)
        x = F.max_pool3d(F.relu(self.conv3b(F.relu(self.conv3a(x)))), 2)
        x = F.max_pool3d(F.relu(self.conv4b(F.relu(self.conv4a(x)))), 2)
        x = F.relu(self.conv5b(F.relu(self.conv5a(x))))
        if self.pool5 == "ceil":
            x = F.max_pool3d(x, 2, ceil_mode=True)
        else:
            x = F.max_pool3d(x, 2, padding=(0, 1, 1))
        feature = F.relu(self.fc7(F.relu(self.fc6(x.flatten(1)))))
        return feature, self.fc8(feature)


def run_c3d(video, mean, pool5, nf=64, units=4096, classes=101):
    net = C3d(nf, units, classes, pool5, 8 * nf * 16).eval()
    weights = fill(net)
    feature, logits = net.to(video.dtype)(video - mean)
    return {"C3D": weights}, {"feature": feature, "logits": logits}


def same(x, kernel, stride):
    """TensorFlow's padding: the odd zero is behind."""
    pads = []
    for size, k, s in zip(x.shape[2:], kernel, stride):
        total = max(k - s if size % s == 0 else k - size % s, 0)
        pads = [total // 2, total - total // 2] + pads
    return F.pad(x, pads)


class Unit(nn.Module):
    def __init__(self, cin, cout, kernel=(1, 1, 1), stride=(1, 1, 1), last=False):
        super().__init__()
        self.conv3d = nn.Conv3d(cin, cout, kernel, stride, bias=last)
        self.bn = None if last else nn.BatchNorm3d(cout, eps=0.001)

    def forward(self, x):
        x = self.conv3d(same(x, self.conv3d.kernel_size, self.conv3d.stride))
        return x if self.bn is None else F.relu(self.bn(x))


class Mixed(nn.Module):
    def __init__(self, cin, n0, m1, n1, m2, n2, n3):
        super().__init__()
        self.b0 = Unit(cin, n0)
        self.b1a, self.b1b = Unit(cin, m1), Unit(m1, n1, (3, 3, 3))
        self.b2a, self.b2b = Unit(cin, m2), Unit(m2, n2, (3, 3, 3))
        self.b3b = Unit(cin, n3)

    def forward(self, x):
        pool = F.max_pool3d(same(x, (3, 3, 3), (1, 1, 1)), 3, 1)
        return torch.cat([self.b0(x), self.b1b(self.b1a(x)), self.b2b(self.b2a(x)),
                          self.b3b(pool)], 1)


class I3d(nn.Module):
    def __init__(self):
        super().__init__()
        self.Conv3d_1a_7x7 = Unit(3, 64, (7, 7, 7), (2, 2, 2))
        self.Conv3d_2b_1x1 = Unit(64, 64)
        self.Conv3d_2c_3x3 = Unit(64, 192, (3, 3, 3))
        self.Mixed_3b = Mixed(192, 64, 96, 128, 16, 32, 32)
        self.Mixed_3c = Mixed(256, 128, 128, 192, 32, 96, 64)
        self.Mixed_4b = Mixed(480, 192, 96, 208, 16, 48, 64)
        self.Mixed_4c = Mixed(512, 160, 112, 224, 24, 64, 64)
        self.Mixed_4d = Mixed(512, 128, 128, 256, 24, 64, 64)
        self.Mixed_4e = Mixed(512, 112, 144, 288, 32, 64, 64)
        self.Mixed_4f = Mixed(528, 256, 160, 320, 32, 128, 128)
        self.Mixed_5b = Mixed(832, 256, 160, 320, 32, 128, 128)
        self.Mixed_5c = Mixed(832, 384, 192, 384, 48, 128, 128)
        self.logits = Unit(1024, 400, last=True)

    def forward(self, x):
        def pool(x, kernel, stride):
            return F.max_pool3d(same(x, kernel, stride), kernel, stride)

        side = x.shape[-1] // 32
        x = pool(self.Conv3d_1a_7x7(x), (1, 3, 3), (1, 2, 2))
        x = pool(self.Conv3d_2c_3x3(self.Conv3d_2b_1x1(x)), (1, 3, 3), (1, 2, 2))
        x = pool(self.Mixed_3c(self.Mixed_3b(x)), (3, 3, 3), (2, 2, 2))
        x = self.Mixed_4e(self.Mixed_4d(self.Mixed_4c(self.Mixed_4b(x))))
        x = pool(self.Mixed_4f(x), (2, 2, 2), (2, 2, 2))
        x = F.avg_pool3d(self.Mixed_5c(self.Mixed_5b(x)), (2, side, side), 1)
        return pixels(x), pixels(self.logits(x))


def run_i3d(video):
    net = I3d().eval()
    weights = fill(net)
    pooled, logits = net.to(video.dtype)(video)
    return {"I3D": weights}, {"pooled": pooled, "logits": logits, "feature": logits}


# ---- cases ----

class Case:
    """A page, its options, what it reads, and how PyTorch computes what it names."""

    def __init__(self, page, options, inputs, run, tensors={}):
        self.page, self.options, self.run = page, options, run
        self.inputs, self.tensors = inputs, tensors  # name: (shape, low, high)

    def compute(self, dtype):
        """Weights by net, the tensors read, and the results."""
        given = {n: images(n, *a) for n, a in self.inputs.items()}
        extra = {n: images(n, *self.tensors[n]) for n in self.tensors}
        # channels last to PyTorch's order; the mean clip has no minibatch
        ordered = [torch.from_numpy(np.moveaxis(x, -1, 1).copy()).to(dtype) for x in given.values()]
        ordered += [torch.from_numpy(np.moveaxis(x, -1, 0).copy()).to(dtype) for x in extra.values()]
        with torch.no_grad():
            weights, out = self.run(*ordered)
        return weights, given, extra, {n: t.numpy().astype(np.float32) for n, t in out.items()}


def image(size, n=2):
    return {"image": ((n, size, size, 3), -1.0, 1.0)}


def clip(size, frames, n, low=-1.0, high=1.0):
    return {"video": ((n, frames, size, size, 3), low, high)}


MEAN = {"mean_clip": ((16, 112, 112, 3), 80.0, 120.0)}
SMALL = dict(nf=8, units=24, classes=10)
GOLDEN = {
    "inception-v3-fid": Case("inception-v3-fid", {"size": 139}, image(139), run_inception_fid),
    "inception-v3": Case("inception-v3", {"size": 139, "transform_input": 1}, image(139),
                         lambda x: run_inception(x, True)),
    "vgg16": Case("vgg16", {"size": 100, **SMALL}, image(100), lambda x: run_vgg(x, 16, **SMALL)),
    "vgg19": Case("vgg16", {"size": 290, "depth": 19, **SMALL}, image(290),
                  lambda x: run_vgg(x, 19, **SMALL)),
    "c3d": Case("c3d", SMALL, clip(112, 16, 2, 0.0, 255.0),
                lambda x, m: run_c3d(x.flip(1), m, "ceil", **SMALL), MEAN),
    "c3d-pad": Case("c3d", {"pool5": "pad", "order": "rgb", **SMALL}, clip(112, 16, 1, 0.0, 255.0),
                    lambda x, m: run_c3d(x, m, "pad", **SMALL), MEAN),
    "i3d": Case("i3d", {"size": 64, "frames": 17}, clip(64, 17, 2), run_i3d),
}
PAPER = {
    "inception-v3-fid": Case("inception-v3-fid", {}, image(299), run_inception_fid),
    "inception-v3": Case("inception-v3", {}, image(299), lambda x: run_inception(x, False)),
    "vgg16": Case("vgg16", {"units": 512}, image(224), lambda x: run_vgg(x, 16, units=512)),
    "vgg19": Case("vgg16", {"units": 512, "depth": 19}, image(224),
                  lambda x: run_vgg(x, 19, units=512)),
    "c3d": Case("c3d", {"units": 512}, clip(112, 16, 1, 0.0, 255.0),
                lambda x, m: run_c3d(x.flip(1), m, "ceil", units=512), MEAN),
    "i3d": Case("i3d", {}, clip(224, 16, 1), run_i3d),
}


# ---- files ----

def expression(name):
    """Of the page: maps are compared by their means over the pixels, LPIPS is that of two images."""
    if name == "lpips":
        return "sqnorm(LPIPS(rows(image, 0, 1)) - LPIPS(rows(image, 1, 1)))"
    return "mean(%s, [0, 1])" % name if name.startswith("relu") else name


def golden():
    for name, case in GOLDEN.items():
        weights, given, extra, out = case.compute(torch.float64)
        meta = {"page": case.page + ".gan", "nets": "\n".join(weights),
                "options": "\n".join("%s=%s" % o for o in case.options.items()),
                "expressions": "\n".join("%s=%s" % (n, expression(n)) for n in out)}
        for n, (shape, low, high) in {**case.inputs, **case.tensors}.items():
            meta["input " + n] = "%s %g %g" % (" ".join(map(str, shape)), low, high)
        write("tests/golden/%s.st" % name, out, meta)
        print(name, {n: t.shape for n, t in out.items()})


def check(name):
    case = PAPER[name]
    weights, given, extra, out = case.compute(torch.float32)
    command = ["gan-init", os.path.join(PAGES, case.page + ".gan"), "-o", "net.st"]
    for option in case.options.items():
        command += ["-D", "%s=%s" % option]
    for net, tensors in weights.items():
        write(net + ".safetensors", tensors)
        command += ["--from", "%s=%s.safetensors" % (net, net)]
    if extra:
        write("extra.safetensors", extra)
        command += ["--from", "extra.safetensors"]
    subprocess.run(command, check=True)
    write("input.st", given)
    subprocess.run(["gan-sample", "net.st", "-i", "input.st", "-o", "output.st"] +
                   ["%s=%s" % (n, expression(n)) for n in out], check=True)
    got, good = read("output.st"), True
    for n, want in out.items():
        error = np.abs(got[n] - want).max() / np.sqrt(np.square(want).mean())
        good &= bool(error < 2e-5) and got[n].shape == want.shape
        print("# %s %s: error %.1e" % (name, n, error))
    return 0 if good else 1


# ---- figures of images ----

def tf_resize(x, size):
    """Output i at i * in/out, as TensorFlow 1 has it; x is [N,H,W,C]."""
    for axis in (1, 2):
        n = x.shape[axis]
        at = np.arange(size) * (n / size)
        low = at.astype(int)
        part = (at - low).reshape([-1 if k == axis else 1 for k in range(4)])
        x = x.take(low, axis) * (1 - part) + x.take(np.minimum(low + 1, n - 1), axis) * part
    return x


def torch_resize(x, size):
    x = torch.from_numpy(x.transpose(0, 3, 1, 2))
    return F.interpolate(x, (size, size), mode="bilinear", align_corners=False).numpy().transpose(0, 2, 3, 1)


PROTOCOLS = {"tf": (tf_resize, lambda x: (x - 128) / 128), "torch": (torch_resize, lambda x: 2 * x / 255 - 1)}


def frechet(a, b):
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.sqrt(np.maximum(np.linalg.eigvals(ca @ cb).real, 0)).sum()
    return np.square(a.mean(0) - b.mean(0)).sum() + np.trace(ca) + np.trace(cb) - 2 * root


def kernel_distance(a, b):
    """The unbiased estimate from all rows at once: one subset of them."""
    n, d = a.shape
    aa, ab, bb = ((p @ q.T / d + 1) ** 3 for p, q in ((a, a), (a, b), (b, b)))
    return ((aa.sum() - np.trace(aa) + bb.sum() - np.trace(bb)) / (n * (n - 1)) - 2 * ab.mean())


def score(logits):
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return np.exp((p * (np.log(p) - np.log(p.mean(0)))).sum(1).mean())


def eval_tool(metric, *rest):
    lines = subprocess.run(["gan-eval", metric, *rest, "--net", "net.st"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    return float(lines[1].split("\t")[1])


def figures():
    net = inception_fid()
    write("weights.safetensors", fill(net))
    watched = Watched(net, pool=net.maxpool2, last=net.avgpool)
    subprocess.run(["gan-init", os.path.join(PAGES, "inception-v3-fid.gan"), "-o", "net.st", "--from",
                    "Inception=weights.safetensors"], check=True)
    sets = {"a": images("a", (48, 40, 40, 3), 0, 255), "b": images("b", (48, 40, 40, 3), 30, 200)}
    sets["a"] += 40 * np.sin(np.arange(40, dtype=np.float32) / 5)[:, None]
    sets = {n: np.clip(x, 0, 255).astype(np.uint8) for n, x in sets.items()}
    for n, x in sets.items():
        write(n + ".st", {"image": x})
    good = True
    for protocol, (resize, scale) in PROTOCOLS.items():
        rows, logits = {}, {}
        for n, x in sets.items():
            x = scale(resize(x.astype(np.float64), 299)).astype(np.float32)
            with torch.no_grad():
                net(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))))
            rows[n] = pixels(watched["pool"]).double().numpy()
            last = watched["last"].flatten(1).double().numpy()
            logits[n] = last @ net.fc.weight.detach().double().numpy().T
        a, b = rows["a"], rows["b"]
        named = ("a.st", "b.st", "--feature", "feature192")
        for name, ours, want in (
                ("fid", eval_tool("fid:" + protocol, *named), frechet(a, b)),
                ("kid", eval_tool("kid:" + protocol, *named, "--size", "48", "--subsets", "1"), kernel_distance(a, b)),
                ("inception", eval_tool("inception:" + protocol, "a.st", "--splits", "1"), score(logits["a"]))):
            error = abs(ours - want) / abs(want)
            good &= error < 1e-3
            print("# %s:%s of the same images: %.9g, here %.9g, error %.1e" % (name, protocol, ours, want, error))
    return 0 if good else 1


COMMANDS = {"golden": golden, "check": check, "figures": figures}
if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))

"""The networks of `arrays.rs` with PyTorch: `pip install torch`, `python network_pytorch.py`. One core: `taskset -c 0 python network_pytorch.py`."""

import time

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def loss(network, images, labels):
    first, second = network
    hidden = torch.relu(images @ first[0] + first[1])
    scores = hidden @ second[0] + second[1]
    return torch.nn.functional.cross_entropy(scores, labels)


def gradient(network, images, labels):
    parameters = [part for layer in network for part in layer]
    value = loss(network, images, labels)
    return value, torch.autograd.grad(value, parameters)


def matrix(rows, columns):
    i, j = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return ((i * 31 + j * 17) % 23) / 100.0 - 0.1


def best(form, *arguments):
    times = []
    for _ in range(100):
        start = time.perf_counter()
        form(*arguments)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2] * 1e6


for units in (32, 512):
    i, j = torch.meshgrid(torch.arange(64), torch.arange(1257), indexing="ij")
    images = ((((i * 7 + j * 13) % 17) / 16.0).T).contiguous().double()
    labels = torch.arange(1257) % 10
    layers = ((64, units), (units, 10))
    network = [
        (matrix(*shape).double().requires_grad_(), torch.full((shape[1],), 0.01).requires_grad_()) for shape in layers
    ]
    with torch.no_grad():
        function = best(loss, network, images, labels)
    both = best(gradient, network, images, labels)
    value = loss(network, images, labels).item()
    print(f"network 64-{units}-10: {function:.1f} µs; gradient {both:.1f} µs; value {value}")

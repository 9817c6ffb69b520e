"""The networks of `costs.rs` (sigmoid) and `arrays.rs` (ramp) with JAX: `pip install jax`, `python network.py`. One core: `taskset -c 0 python network.py`."""

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def loss(units, network, images, labels):
    first, second = network
    hidden = units(images @ first[0] + first[1])
    scores = hidden @ second[0] + second[1]
    chosen = scores[jnp.arange(len(labels)), labels]
    return jnp.mean(jax.nn.logsumexp(scores, axis=1) - chosen)


def matrix(rows, columns):
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return ((i * 31 + j * 17) % 23) / 100.0 - 0.1


def best(form, *arguments):
    jax.block_until_ready(form(*arguments))
    times = []
    for _ in range(60):
        start = time.perf_counter()
        jax.block_until_ready(form(*arguments))
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2] * 1e6


for units in (32, 512):
    i, j = np.meshgrid(np.arange(64), np.arange(1257), indexing="ij")
    images = jnp.asarray((((i * 7 + j * 13) % 17) / 16.0).T)
    labels = jnp.asarray(np.arange(1257) % 10)
    network = (
        (jnp.asarray(matrix(units, 64).T), jnp.full(units, 0.01)),
        (jnp.asarray(matrix(10, units).T), jnp.full(10, 0.01)),
    )
    for name, of in (("sigmoid", jax.nn.sigmoid), ("ramp", lambda x: jnp.maximum(x, 0.0))):
        form = partial(loss, of)
        function = best(jax.jit(form), network, images, labels)
        gradient = best(jax.jit(jax.value_and_grad(form)), network, images, labels)
        value = jax.jit(form)(network, images, labels)
        print(f"network 64-{units}-10, {name}: {function:.1f} µs; gradient {gradient:.1f} µs; value {value}")

"""Writes `jax_values.txt`: values and gradients of the functions of `../jax.rs`, by JAX. `pip install jax`, `python jax_values.py`."""

from pathlib import Path

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl

jax.config.update("jax_enable_x64", True)

i, j = jnp.meshgrid(jnp.arange(3), jnp.arange(3), indexing="ij")
POINT = {
    "a": jnp.where(i == j, 2.5, 0.8 * jnp.sin(1.3 * i - 0.7 * j)),
    "b": jnp.cos(1.0 * i + 2.1 * j) + 1.5,
    "v": jnp.array([0.4, -0.7, 1.1]),
    "w": jnp.array([0.9, 0.3, -0.6]),
    "k": jnp.array(1.7),
}
IDENTITY = jnp.eye(3)


def by_columns(m):
    return jnp.ravel(jnp.atleast_2d(m).T if m.ndim == 2 else m, order="C")


def by_rows(m):
    return jnp.ravel(m)


def weighed(numbers):
    return jnp.sum(numbers * (1.0 + 0.3 * jnp.arange(numbers.size)) + numbers**2)


def positive(p):
    return p["a"] @ p["a"].T + 2.0 * IDENTITY


def symmetric(p):
    return p["a"] + p["a"].T + jnp.diag(jnp.array([1.0, 3.0, 6.0]))


def hat(v):
    zero = jnp.zeros(())
    return jnp.array([[zero, -v[2], v[1]], [v[2], zero, -v[0]], [-v[1], v[0], zero]])


def turn(v):
    """The rotation about `v` by its length."""
    angle = jnp.sqrt(v @ v)
    k = hat(v / angle)
    return IDENTITY + jnp.sin(angle) * k + (1.0 - jnp.cos(angle)) * k @ k


def axis(r):
    """What `turn` makes `r` of."""
    angle = jnp.arccos((jnp.trace(r) - 1.0) / 2.0)
    of = jnp.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
    return of * angle / (2.0 * jnp.sin(angle))


def quaternion(v):
    angle = jnp.sqrt(v @ v)
    return jnp.concatenate([v * jnp.sin(angle / 2.0) / angle, jnp.cos(angle / 2.0)[None]])


def euler(v):
    (sr, sp, sy), (cr, cp, cy) = jnp.sin(v), jnp.cos(v)
    return jnp.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def turn_2(angle):
    s, c = jnp.sin(angle), jnp.cos(angle)
    return jnp.array([[c, -s], [s, c]])


def spectral(p):
    values, vectors = jnp.linalg.eigh(symmetric(p))
    return vectors @ jnp.diag(jnp.exp(-values)) @ vectors.T


def softmax_loss(p):
    scores = p["a"] @ p["b"] + p["v"]
    return jnp.mean(jax.nn.logsumexp(scores, axis=1) - scores[jnp.arange(3), jnp.array([2, 0, 1])])


MATRICES = {
    "add": lambda p: p["a"] + p["b"],
    "sub": lambda p: p["a"] - p["b"],
    "mul": lambda p: p["a"] @ p["b"],
    "mul_vector": lambda p: p["a"] @ p["v"],
    "mul_number": lambda p: p["a"] * p["k"],
    "div_number": lambda p: p["a"] / p["k"],
    "neg": lambda p: -p["a"],
    "transpose": lambda p: p["a"].T,
    "dot": lambda p: p["v"] @ p["w"] * p["k"],
    "norm": lambda p: jnp.sqrt(jnp.sum(p["a"] ** 2)),
    "norm_squared": lambda p: jnp.sum(p["a"] ** 2),
    "normalize": lambda p: p["v"] / jnp.sqrt(p["v"] @ p["v"]),
    "cross": lambda p: jnp.cross(p["v"], p["w"]),
    "component_mul": lambda p: p["a"] * p["b"],
    "component_div": lambda p: p["a"] / p["b"],
    "sum": lambda p: jnp.sum(p["a"]) ** 2,
    "mean": lambda p: jnp.mean(p["a"]) ** 2,
    "trace": lambda p: jnp.trace(p["a"]) ** 2,
    "determinant": lambda p: jnp.linalg.det(p["a"]),
    "inverse": lambda p: jnp.linalg.inv(p["a"]),
    "lu_solve": lambda p: jnp.linalg.solve(p["a"], p["b"]),
    "cholesky_l": lambda p: jnp.linalg.cholesky(positive(p)),
    "cholesky_solve": lambda p: jsl.cho_solve((jnp.linalg.cholesky(positive(p)), True), p["b"]),
    "cholesky_ln_determinant": lambda p: jnp.linalg.slogdet(positive(p))[1],
    "cholesky_inverse": lambda p: jnp.linalg.inv(positive(p)),
    "lower_solve": lambda p: jsl.solve_triangular(p["a"], p["b"], lower=True),
    "upper_solve": lambda p: jsl.solve_triangular(p["a"], p["b"], lower=False),
    "eigenvalues": lambda p: jnp.sum(jnp.linalg.eigvalsh(symmetric(p)) ** 3),
    "eigen": spectral,
    "kronecker": lambda p: jnp.kron(p["a"], p["b"]),
    "tr_mul": lambda p: p["a"].T @ p["b"],
    "row_sum": lambda p: jnp.sum(p["a"], axis=0),
    "column_mean": lambda p: jnp.mean(p["a"], axis=1),
    "max_and_min": lambda p: jnp.max(p["b"]) * jnp.min(p["b"]),
    "abs": lambda p: jnp.abs(p["a"]),
    "triangles": lambda p: jnp.tril(p["a"]) @ jnp.triu(p["b"]),
    "map": lambda p: jnp.tanh(p["a"] * p["k"]),
    "turned": lambda p: turn(p["v"]) @ p["w"],
    "turned_back": lambda p: turn(p["v"]).T @ p["w"],
    "turned_twice": lambda p: axis(turn(p["v"]) @ turn(p["w"])),
    "turn_angle": lambda p: jnp.arccos((jnp.trace(turn(p["v"]) @ turn(p["w"])) - 1.0) / 2.0),
    "turn_matrix": lambda p: turn(p["v"]),
    "turn_coordinates": lambda p: quaternion(p["v"]),
    "euler_angles": lambda p: euler(p["v"]) @ p["w"],
    "isometry": lambda p: turn(p["v"]) @ (p["w"] * p["k"]) + p["w"],
    "isometry_inverse": lambda p: turn(p["v"]).T @ (p["v"] * p["k"] - p["w"]),
    "isometries": lambda p: turn(p["v"]) @ (turn(p["w"]) @ p["v"] + p["v"]) + p["w"],
    "turned_in_a_plane": lambda p: turn_2(p["k"]) @ turn_2(p["v"][0]) @ p["w"][:2],
}

ARRAYS = {
    "array_add_row": lambda p: p["a"] + p["v"],
    "array_div_column": lambda p: p["a"] / p["b"][:, :1],
    "array_number_div": lambda p: p["k"] / p["b"],
    "array_dot": lambda p: p["a"] @ p["b"],
    "array_dot_vector": lambda p: p["a"] @ p["v"],
    "array_vector_dot": lambda p: p["v"] @ p["a"],
    "array_t_dot": lambda p: p["a"].T @ p["b"].T,
    "array_sum_axis": lambda p: jnp.sum(p["a"] * p["b"], axis=0),
    "array_mean_axis": lambda p: jnp.mean(p["a"] * p["b"], axis=1),
    "array_mean": lambda p: jnp.mean(p["a"] * p["b"]) ** 2,
    "array_mapv": lambda p: jnp.tanh(p["a"]) * p["k"],
    "array_diag": lambda p: jnp.diag(p["a"]) * p["v"],
    "array_powers": lambda p: p["b"] ** p["k"] + jnp.sqrt(p["b"]) + jnp.log(p["b"]),
    "array_index_axis": lambda p: p["a"][1] * p["a"][:, 2],
    "array_concatenate": lambda p: jnp.concatenate([p["a"], p["b"] * p["k"]], axis=1),
    "array_stack": lambda p: jnp.stack([p["v"], p["w"] * p["k"]], axis=1),
    "array_reshape": lambda p: jnp.reshape(p["a"] * p["b"], (9,)),
    "array_rows": lambda p: jax.nn.softmax(p["a"], axis=1),
    "array_assign": lambda p: p["a"].at[1].set(p["v"]).at[:, 2].multiply(p["k"]),
    "array_zip": lambda p: p["a"] * p["b"] + p["k"],
    "array_softmax_loss": softmax_loss,
}


def lines(functions, order):
    for name, function in functions.items():
        value, bars = jax.value_and_grad(lambda p: weighed(order(function(p))))(POINT)
        numbers = [jnp.ravel(value)] + [order(bars[part]) for part in "abvwk"]
        yield name + " " + " ".join(repr(float(x)) for x in jnp.concatenate([jnp.ravel(n) for n in numbers]))


text = [*lines(MATRICES, by_columns), *lines(ARRAYS, by_rows)]
Path(__file__).with_name("jax_values.txt").write_text("\n".join(text) + "\n")
print(f"{len(text)} functions, JAX {jax.__version__}")

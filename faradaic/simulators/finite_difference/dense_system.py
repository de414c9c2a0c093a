"""One small dense linear system, compiled; also runs as ordinary Python."""

from __future__ import annotations

from faradaic.simulators.kernel_cache import njit


@njit(cache=True)
def solve_dense(matrix, columns, size, width):  # type: ignore[no-untyped-def]
    """Solve in place by Gaussian elimination with partial pivoting; False if singular."""
    for k in range(size):
        p = k
        for i in range(k + 1, size):
            if abs(matrix[i, k]) > abs(matrix[p, k]):
                p = i
        if not abs(matrix[p, k]) > 0.0:
            return False
        if p != k:
            for j in range(k, size):
                matrix[k, j], matrix[p, j] = matrix[p, j], matrix[k, j]
            for j in range(width):
                columns[k, j], columns[p, j] = columns[p, j], columns[k, j]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, size):
            factor = matrix[i, k] * inverse
            if factor != 0.0:
                for j in range(k + 1, size):
                    matrix[i, j] -= factor * matrix[k, j]
                for j in range(width):
                    columns[i, j] -= factor * columns[k, j]
    for k in range(size - 1, -1, -1):
        inverse = 1.0 / matrix[k, k]
        for j in range(width):
            total = columns[k, j]
            for i in range(k + 1, size):
                total -= matrix[k, i] * columns[i, j]
            columns[k, j] = total * inverse
    return True

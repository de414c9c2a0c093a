"""Long lists of independent tasks: run anywhere, stored as they finish, resumed after any end."""

"""The cell as plain numbers: what protocols write and simulators read."""

"""Hanging protocols: which study is shown how, as data that people edit."""

"""The Qt widgets: the only package, with viewer.app, that imports Qt."""

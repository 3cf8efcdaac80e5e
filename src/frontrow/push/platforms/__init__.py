"""The platforms of `frontrow push`, one file each: see `push.platform`."""

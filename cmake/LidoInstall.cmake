# Install, find_package(lido) and pkg-config.

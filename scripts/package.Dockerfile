# Where scripts/package runs on a machine that is not Debian or Ubuntu with Swift, such as a Mac:
#
#   docker build --platform linux/amd64 -t inlet-package -f scripts/package.Dockerfile scripts
#   docker run --rm --platform linux/amd64 -v "$PWD":/inlet -w /inlet inlet-package
#
# linux/arm64 instead makes a bootstrap for arm64.
FROM swift:6.3-bookworm

RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        binutils curl dpkg-dev libcurl4-openssl-dev libdeflate-tools libmicrohttpd-dev libpq-dev \
        libsqlite3-dev libssl-dev libyaml-dev make openssl patch perl pkg-config python3 tcl \
        xz-utils zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*

CMD ["scripts/package"]

# Serves assessments from one bundle, as a user without rights, on a file system that may be read-only:
#   docker run --read-only --tmpfs /tmp -v bundle:/bundle:ro -v ledger:/data -v keys:/keys:ro -p 127.0.0.1:8000:8000 pledgescore
# Keys lie on a volume of their own: a copy of the ledger's volume, or a backup on it, opens nothing and signs nothing.

# The base by digest, as whoever builds pins it: --build-arg BASE=docker.io/library/python:3.11-slim-bookworm@sha256:…
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
# requirements-pkcs11.lock: with what asks a device that holds the signing key; its library is mounted
ARG LOCK=requirements.lock
# a compiler for models/shap/kernel.c; the image itself has none, nor what only compilers, debuggers and tests read
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
WORKDIR /src
RUN python -m venv /opt/build && python -m venv /opt/sbom && python -m venv --without-pip /opt/venv
COPY requirements-build.lock requirements-sbom.lock ${LOCK} ./
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
 && /opt/sbom/bin/pip install --no-cache-dir --require-hashes -r requirements-sbom.lock \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r ${LOCK}
COPY . .
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/build/bin/pip --python /opt/venv/bin/python install --no-cache-dir --no-deps --no-index /dist/*.whl \
 && find /opt/venv -type d \( -name tests -o -path '*/pyarrow/include' \) -prune -exec rm -r {} + \
 && find /opt/venv -name '*.pyi' -delete \
 && strip --strip-debug /opt/venv/lib/python*/site-packages/zstandard/*.so /opt/venv/lib/python*/site-packages/uvloop/*.so \
 && install --directory /opt/venv/share/pledgescore \
 && /opt/sbom/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-format JSON \
      --output-file /opt/venv/share/pledgescore/sbom.cdx.json /opt/venv/bin/python

FROM ${BASE}
# libgomp1: LightGBM's threads
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgomp1 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin app \
 && install --directory --owner=app /data \
 && install --directory --owner=app --mode=0700 /keys
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PLEDGESCORE_BUNDLE=/bundle \
    PLEDGESCORE_KEYS=/keys
WORKDIR /data
VOLUME ["/data", "/keys"]
USER app
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
# Nobody can sign in before the first account is made: docker run … pledgescore pledgescore users add NAME --role administrator
CMD ["pledgescore", "serve", "--host", "0.0.0.0"]

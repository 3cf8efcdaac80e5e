# frontrow as a command that works on a shop in the volume /data: docs/operations.md.
FROM python:3.13-slim

# LightGBM needs the OpenMP runtime, which the slim image leaves out.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*

# None by default; als, bigquery, connect, duckdb, images, neural, object-stores, postgresql, snowflake, spark, sqlite, texts and web, with commas between them: docker build --build-arg EXTRAS=als,neural .
ARG EXTRAS=""

COPY pyproject.toml README.md LICENSE /build/
COPY src /build/src
RUN pip install --no-cache-dir "/build${EXTRAS:+[$EXTRAS]}" && rm -rf /build

RUN useradd --uid 10001 --create-home frontrow && install --directory --owner frontrow --mode 700 /data
USER frontrow
WORKDIR /data
VOLUME /data

ENTRYPOINT ["frontrow"]
CMD ["--help"]

# Airflow and Accord in one image, from the same hashed lock as `make setup`.
FROM python:3.11-slim-bookworm AS wheel
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /source
COPY pyproject.toml README.md requirements-dev.txt ./
COPY include include
# The build back-end comes from the lock as well.
RUN uv build --wheel --build-constraints requirements-dev.txt --require-hashes --out-dir /wheels

FROM python:3.11-slim-bookworm
RUN pip install --no-cache-dir uv==0.13.9
COPY requirements.txt /tmp/requirements.txt
RUN uv pip install --system --no-cache --require-hashes -r /tmp/requirements.txt
COPY --from=wheel /wheels /tmp/wheels
RUN uv pip install --system --no-cache --no-deps /tmp/wheels/*.whl

RUN useradd --uid 50000 --gid 0 --create-home --home-dir /opt/accord airflow \
 && mkdir -p /opt/accord/logs /opt/accord/auth \
 && chown -R 50000:0 /opt/accord && chmod -R g=u /opt/accord
WORKDIR /opt/accord
COPY --chown=50000:0 dags dags
COPY --chown=50000:0 plugins plugins
COPY --chown=50000:0 config config
ENV AIRFLOW_HOME=/opt/accord \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/accord/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/accord/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    ACCORD_SETTINGS=/opt/accord/config/accord.yaml \
    PYTHONUNBUFFERED=1
USER 50000
ENTRYPOINT ["airflow"]
CMD ["version"]

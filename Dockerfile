# Three images: `app` (API, worker, migrations, one-shot commands), `kafka` (with the JMX exporter) and `connect` (Kafka Connect with Debezium).
# docker-compose.yml builds them; the versions it passes stand in stack/stack.env.
ARG PYTHON_VERSION
ARG KAFKA_VERSION
ARG MAVEN_VERSION

FROM python:${PYTHON_VERSION}-slim-bookworm AS wheels
COPY requirements.lock /tmp/
# Wheels alone: there is no compiler here, and Faust without its compiled parts refuses to start.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary=:all: -r /tmp/requirements.lock

FROM python:${PYTHON_VERSION}-slim-bookworm AS app
# A volume mounted at /etc/cdc for the first time takes its owner from here.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin cdc \
 && install -d -o cdc -g cdc /etc/cdc
COPY --from=wheels /opt/venv /opt/venv
WORKDIR /app
COPY alembic.ini ./
COPY alembic alembic
COPY stack stack
COPY scripts scripts
COPY connectors connectors
COPY monitor monitor
COPY grafana/dashboards grafana/dashboards
COPY docs docs
COPY cdc_consumer cdc_consumer
COPY api api
COPY grafana/prometheus/rules grafana/prometheus/rules
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER cdc

FROM maven:${MAVEN_VERSION}-eclipse-temurin-17 AS jars
COPY stack/stack.env stack/components/pom.xml stack/components/jars.sha256 /build/
WORKDIR /build
# The same pom.xml, versions and checksums as in local mode; only the plugin and the agent are fetched.
RUN . ./stack.env \
 && mvn -q -B -ntp -Dtarget=/out -DKAFKA_VERSION="$KAFKA_VERSION" -DSCALA_VERSION="$SCALA_VERSION" \
      -DLOG4J_VERSION="$LOG4J_VERSION" -DDEBEZIUM_VERSION="$DEBEZIUM_VERSION" \
      -DJMX_EXPORTER_VERSION="$JMX_EXPORTER_VERSION" dependency:copy@debezium dependency:copy@agent \
 && grep -E ' (plugin|agent)/' jars.sha256 > fetched.sha256 \
 && (cd /out && sha256sum --check --strict /build/fetched.sha256) \
 && mv /out/agent/*.jar /jmx-exporter.jar \
 && mkdir /plugins \
 && tar -xzf /out/plugin/*.tar.gz -C /plugins

FROM apache/kafka:${KAFKA_VERSION} AS kafka
COPY --from=jars /jmx-exporter.jar /opt/jmx-exporter.jar

# Kafka's own image rather than Debezium's: Connect is then exactly KAFKA_VERSION and reads our own connect.properties;
# Debezium's image brings a Kafka of its choice, writes that file itself and carries every other connector.
FROM apache/kafka:${KAFKA_VERSION} AS connect
COPY --from=jars /jmx-exporter.jar /opt/jmx-exporter.jar
COPY --from=jars /plugins /opt/plugins

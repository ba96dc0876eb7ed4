# docker build -t tidemark .
# All bases can be others: BUILDER needs Maven and a JDK 17; RUNTIME a JRE 17, bash, OpenSSL 3 and a libc of GNU's (snappy, zstd);
# REDIS a /usr/local/bin/redis-server of the captured Redis's version or later, which drills restore into.
ARG BUILDER=maven:3.9-eclipse-temurin-17
ARG RUNTIME=eclipse-temurin:17-jre
ARG REDIS=redis:7.4

FROM ${BUILDER} AS build
ARG MAVEN_OPTIONS=""
WORKDIR /src
COPY . .
RUN mvn -B -ntp -Dquick -Dmaven.test.skip=true ${MAVEN_OPTIONS} package

FROM ${REDIS} AS redis

FROM ${RUNTIME}
COPY --from=redis /usr/local/bin/redis-server /usr/local/bin/
# One that does not run here would be found by the first drill.
RUN redis-server --version
COPY --from=build /src/standalone/target/lib /opt/tidemark/lib
COPY --from=build /src/standalone/target/tidemark.jar /opt/tidemark/
COPY deploy/container/healthy /opt/tidemark/
RUN mkdir -p /var/lib/tidemark && chown 10001:10001 /var/lib/tidemark
# Nobody's number in the image's own files, so nothing there can be written by it.
USER 10001:10001
WORKDIR /var/lib/tidemark
# Or Java could not read a key's name on the command line beyond ASCII.
ENV LC_ALL=C.UTF-8
# Half of the container's memory is heap: buffers of the network, Parquet and zstd live beside it.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=50", "-XX:+ExitOnOutOfMemoryError", "-jar", "/opt/tidemark/tidemark.jar"]
CMD ["--help"]
EXPOSE 9464 9465
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/tidemark/healthy"]

# An image with only the static program, to run or to copy from:
#   COPY --from=lamb-auth /usr/local/bin/lamb-auth /usr/local/bin/
FROM rust:1-slim-bookworm AS build
WORKDIR /lamb-auth
COPY . .
# For --version (the image has no repository): --build-arg LAMB_AUTH_COMMIT="$(git rev-parse --short HEAD)"
ARG LAMB_AUTH_COMMIT=
RUN cargo static --locked

FROM scratch
COPY --from=build /lamb-auth/target/x86_64-unknown-linux-gnu/release/lamb-auth /usr/local/bin/lamb-auth
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/lamb-auth/
# The program, if it runs in this image, puts private copies of a database here.
WORKDIR /tmp
ENTRYPOINT ["/usr/local/bin/lamb-auth"]

# syntax=docker/dockerfile:1
# One image for the site, the workers and the command line; compose.yaml says which is which.
# Postgres, Meilisearch and the mail server are outside, so no embedded server is in it.

FROM node:24-bookworm-slim AS build
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache
COPY . .
# The stamp tells bin/tagwire that these packages are installed: it must not do it again.
RUN sha256sum package-lock.json | cut -c 1-64 | tr -d '\n' > node_modules/.tagwire-installed \
 && bin/tagwire dev build \
 && rm -rf .next/cache

# What runs: without development tools, and without npm's optional packages, which are the
# embedded servers, a Node of their own, and compilers that only the build needs.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --omit=dev --omit=optional
COPY --from=build /app/node_modules/.tagwire-installed node_modules/

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    CHECKPOINT_DISABLE=1 \
    BIND=0.0.0.0 \
    PORT=4000
COPY --from=packages /app/node_modules ./node_modules
# All from the stage that generated and built: bin/tagwire compares the times of these files.
COPY --from=build /app/package.json /app/package-lock.json /app/next.config.js /app/prisma.config.ts /app/tsconfig.json /app/feeds.opml ./
COPY --from=build /app/proxy.ts /app/instrumentation.ts ./
COPY --from=build /app/.next ./.next
COPY --from=build /app/public ./public
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/lib ./lib
COPY --from=build /app/workers ./workers
COPY --from=build /app/bin ./bin
# A new volume takes its owner from here.
RUN install -d -o node -g node /app/data/pictures
# Nothing else in /app is theirs to write: whoever breaks in cannot change the program.
USER node
EXPOSE 4000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WORKER_PORT || process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["bin/tagwire", "web"]

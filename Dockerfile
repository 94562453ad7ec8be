# AMC as one image: which role a container plays is its command, `run processor` and so on, or `start`.
# Node is that of services/stack/src/versions.ts; a test holds this file to it.
FROM node:24.21.0-bookworm-slim
WORKDIR /amc
COPY . .
# Types are stripped as files are loaded: there is nothing to build. No install script is run. Files of a
# checkout that only its owner may read (umask 077) are made readable: who runs here is somebody else. Not kept:
# what npm fetched, and the Node among the packages (190 MB), which is for machines with an older one.
RUN chmod -R a+rX . \
    && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --cache=/tmp/npm \
    && rm -rf /tmp/npm node_modules/node-linux-* node_modules/.bin/node
ENV AMC_DATA_DIR=/var/lib/amc
RUN install --directory --owner=node --group=node /var/lib/amc
USER node
ENTRYPOINT ["node", "services/amc/src/main.ts"]
CMD ["start"]

# The application: residents' listener, staff listener, worker and preparation, one command each.
FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY --from=assets /app/node_modules node_modules
COPY pyproject.toml ./
COPY training_data/nlu training_data/nlu
COPY nlu nlu
COPY dialogs dialogs
COPY backend backend
COPY handlers handlers
COPY bot bot
RUN useradd --system --create-home fengqiao && install -d -o fengqiao /data
USER fengqiao
ENV DATA_DIR=/data HOST=0.0.0.0 STAFF_HOST=0.0.0.0
VOLUME /data

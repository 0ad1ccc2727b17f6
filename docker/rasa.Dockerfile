# The language model: Rasa on Python 3.10, trained while the image is built.
FROM python:3.10-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app PYTHONHASHSEED=0
ENV RASA_TELEMETRY_ENABLED=false RASA_MAX_CACHE_SIZE=0 TF_CPP_MIN_LOG_LEVEL=3 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
WORKDIR /app
COPY nlu/requirements-rasa.txt nlu/
RUN pip install --no-cache-dir --require-hashes -r nlu/requirements-rasa.txt
COPY nlu nlu
COPY training_data/nlu training_data/nlu
# Named by its fingerprint, which /readyz compares with the application's own files.
RUN rasa train nlu --nlu training_data/nlu --config nlu/config.yml --out models \
    --fixed-model-name "$(python -c 'from nlu.train import current_hash; print(current_hash())')" \
    && useradd --system --create-home fengqiao
USER fengqiao
EXPOSE 5005
ENTRYPOINT ["python", "-m", "nlu.rasa_server", "--model", "models", "--host", "0.0.0.0", "--port", "5005"]

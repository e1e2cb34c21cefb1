"""Change events over the Pub/Sub API. Needs the extra `pubsub`: grpcio, protobuf, fastavro."""

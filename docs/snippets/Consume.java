import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints events as they come: java -cp 'jars/*' Consume.java brokers registry group [topic] [settings] */
public class Consume {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, Schema> schemas = new HashMap<>();
  private final String registry;

  Consume(String registry) {
    this.registry = registry;
  }

  /** The schema that an event was written with; ids are never given out twice. */
  Schema schemaOf(int id) throws Exception {
    if (schemas.containsKey(id)) return schemas.get(id);
    var request = HttpRequest.newBuilder(URI.create(registry + "/schemas/ids/" + id)).build();
    // Bounds the body too, which a timeout of the request does not.
    var answer = http.sendAsync(request, BodyHandlers.ofString()).get(5, TimeUnit.SECONDS);
    if (answer.statusCode() != 200) {
      throw new IOException("schema " + id + ": HTTP " + answer.statusCode() + " " + answer.body());
    }
    String text = new ObjectMapper().readTree(answer.body()).get("schema").asText();
    schemas.put(id, new Schema.Parser().parse(text));
    return schemas.get(id);
  }

  /** The event as JSON, instants in milliseconds. */
  String decode(byte[] value) throws Exception {
    var envelope = ByteBuffer.wrap(value);
    byte magic = envelope.get();
    if (magic != 0) throw new IOException("no Confluent envelope: the first byte was " + magic);
    var reader = new GenericDatumReader<Object>(schemaOf(envelope.getInt()));
    var body = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
    return GenericData.get().toString(reader.read(null, body));
  }

  static String header(ConsumerRecord<?, ?> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  public static void main(String[] words) throws Exception {
    var events = new Consume(words[1]);
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var settings = new Properties();
    // How to log in: a file of properties, as Kafka's own tools take it.
    if (words.length > 4) settings.load(Files.newBufferedReader(Path.of(words[4])));
    settings.putAll(Map.of(
        "bootstrap.servers", words[0],
        "group.id", words[2],
        "auto.offset.reset", "earliest",
        "enable.auto.commit", false,
        "isolation.level", "read_committed"));
    var keys = new StringDeserializer();
    // Where it matters, a unique key in the transaction that stores what you make of the event.
    var seen = new HashSet<String>();
    try (var consumer = new KafkaConsumer<>(settings, keys, new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(words.length > 3 ? words[3] : "discovery.recommendation.v1"));
      while (true) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          if (seen.add(header(record, "ce_id"))) {
            var key = Objects.toString(record.key(), "");
            var event = events.decode(record.value());
            out.println(header(record, "ce_time") + " " + key + " " + event);
          }
          var partition = new TopicPartition(record.topic(), record.partition());
          consumer.commitSync(Map.of(partition, new OffsetAndMetadata(record.offset() + 1)));
        }
      }
    }
  }
}

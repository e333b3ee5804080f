package io.quorate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.store.ListenAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus and a load balancer see of a process, over a real port. */
class MetricsHostIT {
  private final MetricsHost host = MetricsHost.listen(ListenAddress.parse("127.0.0.1:0"));
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    host.close();
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + host.address() + path))
            .timeout(Duration.ofSeconds(20))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void healthSaysWhyNotUntilItIsAndAgainWhenItIsNot() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(503);
    assertThat(get("/health").body()).isEqualTo("{\"health\":\"false\",\"reason\":\"starting\"}");

    AtomicReference<String> remark = new AtomicReference<>("");
    host.healthy(() -> String.valueOf(remark.get()));
    HttpResponse<String> well = get("/health");
    assertThat(well.statusCode()).isEqualTo(200);
    assertThat(well.headers().firstValue("content-type")).contains("application/json");
    assertThat(well.body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");

    remark.set("region 7 stopped here: \"entry\\3\"\nis damaged");
    assertThat(get("/health").statusCode()).as("the others go on").isEqualTo(200);
    assertThat(get("/health").body())
        .isEqualTo(
            "{\"health\":\"true\",\"reason\":\"region 7 stopped here: \\\"entry\\\\3\\\" is damaged\"}");

    host.unhealthy("the disk has failed");
    assertThat(get("/health").statusCode()).isEqualTo(503);
    assertThat(get("/health").body()).contains("\"health\":\"false\"", "the disk has failed");
  }

  @Test
  void metersAreToldAsPrometheusReadsThem() throws Exception {
    host.registry().counter("quorate.test.things", "kind", "small").increment(3);
    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    assertThat(metrics.body())
        .contains("# TYPE quorate_test_things_total counter")
        .contains("quorate_test_things_total{kind=\"small\"} 3.0")
        .contains("jvm_threads_live_threads")
        .contains("process_uptime_seconds");
    if (Files.isReadable(Path.of("/proc/self/status"))) {
      assertThat(metrics.body()).containsPattern("(?m)^process_resident_memory_bytes [0-9.E]+$");
    }
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    host.healthy(() -> "");
    HttpResponse<String> head = client.send(
        HttpRequest.newBuilder(URI.create("http://" + host.address() + "/health"))
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }
}

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Lists namespaces and creates one, as the arguments say ({@code list create} without any): a line of JSON for each step. With
 * REFRESH_SECONDS, the client asks the plugin anew at that interval.
 */
public class Client {
  private static final Gson JSON = new Gson();

  public static void main(String[] args) throws IOException {
    print(Map.of("client", "client-java " + version()));
    List<String> steps = args.length > 0 ? List.of(args) : List.of("list", "create");
    CoreV1Api core = new CoreV1Api(open());
    for (String step : steps) {
      Map<String, Object> outcome = new LinkedHashMap<>();
      outcome.put("step", step);
      take(core, step, outcome);
      print(outcome);
    }
    // OkHttp's idle threads would hold the process for a minute.
    System.exit(0);
  }

  private static String version() throws IOException {
    Properties properties = new Properties();
    try (var pom = ApiClient.class.getResourceAsStream("/META-INF/maven/io.kubernetes/client-java/pom.properties")) {
      properties.load(pom);
    }
    return properties.getProperty("version");
  }

  private static ApiClient open() throws IOException {
    File file = new File(System.getenv("KUBECONFIG"));
    String seconds = System.getenv("REFRESH_SECONDS");
    try (FileReader reader = new FileReader(file)) {
      KubeConfig config = KubeConfig.loadKubeConfig(reader);
      config.setFile(file);
      Duration refresh = seconds == null ? null : Duration.ofSeconds(Long.parseLong(seconds));
      return ClientBuilder.kubeconfig(config, refresh).build();
    }
  }

  private static void take(CoreV1Api core, String step, Map<String, Object> outcome) {
    try {
      if (step.equals("create")) {
        core.createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name("forbidden"))).execute();
        outcome.put("code", 201);
      } else {
        var items = core.listNamespace().execute().getItems();
        outcome.put("code", 200);
        outcome.put("namespaces", items.stream().map(item -> item.getMetadata().getName()).toList());
      }
    } catch (ApiException error) {
      String reason = field(error.getResponseBody(), "reason");
      outcome.put("code", error.getCode());
      outcome.put("forbidden", error.getCode() == 403 && "Forbidden".equals(reason));
      outcome.put("message", error.getCode() == 0 ? error.getMessage() : field(error.getResponseBody(), "message"));
    }
  }

  private static String field(String body, String name) {
    JsonObject status = JSON.fromJson(body, JsonObject.class);
    return status == null || !status.has(name) ? "" : status.get(name).getAsString();
  }

  private static void print(Map<String, ?> line) {
    System.out.println(JSON.toJson(line));
  }
}

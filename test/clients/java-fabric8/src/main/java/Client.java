import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Version;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists namespaces and creates one, as the arguments say ({@code list create} without any): a line of JSON for each step. */
public class Client {
  public static void main(String[] args) {
    print(Map.of("client", "fabric8 kubernetes-client " + Version.clientVersion()));
    List<String> steps = args.length > 0 ? List.of(args) : List.of("list", "create");
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      for (String step : steps) {
        Map<String, Object> outcome = new LinkedHashMap<>();
        outcome.put("step", step);
        take(client, step, outcome);
        print(outcome);
      }
    }
  }

  private static void take(KubernetesClient client, String step, Map<String, Object> outcome) {
    try {
      if (step.equals("create")) {
        var namespace = new NamespaceBuilder().withNewMetadata().withName("forbidden").endMetadata().build();
        client.namespaces().resource(namespace).create();
        outcome.put("code", 201);
      } else {
        var items = client.namespaces().list().getItems();
        outcome.put("code", 200);
        outcome.put("namespaces", items.stream().map(item -> item.getMetadata().getName()).toList());
      }
    } catch (KubernetesClientException error) {
      var status = error.getStatus();
      outcome.put("code", error.getCode());
      outcome.put("forbidden", error.getCode() == 403 && status != null && "Forbidden".equals(status.getReason()));
      outcome.put("message", status == null ? String.valueOf(error.getMessage()) : status.getMessage());
    }
  }

  private static void print(Map<String, ?> line) {
    System.out.println(Serialization.asJson(line).replaceAll("\\s*\\n\\s*", ""));
  }
}

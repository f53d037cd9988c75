import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.services.sts.StsClient;

/** GetCallerIdentity with the Java SDK v2: prints its version and the ARN. */
public final class Client {
  public static void main(String[] arguments) {
    try (StsClient sts = StsClient.create()) {
      String arn = sts.getCallerIdentity().arn();
      System.out.printf("{\"client\":\"aws-sdk-java-v2 %s\",\"arn\":\"%s\"}%n", VersionInfo.SDK_VERSION, arn);
    }
  }
}

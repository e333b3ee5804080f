package io.quorate.embedded.junit;

import io.quorate.client.QuorateClient;
import io.quorate.embedded.EmbeddedCluster;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What {@link WithQuorate} does. Called by JUnit. */
public final class EmbeddedClusterExtension
    implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(EmbeddedClusterExtension.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    cluster(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    EmbeddedCluster cluster =
        context.getStore(NAMESPACE).remove(context.getRequiredTestClass(), EmbeddedCluster.class);
    if (cluster != null) {
      cluster.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == EmbeddedCluster.class || type == QuorateClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    EmbeddedCluster cluster = cluster(context);
    return parameter.getParameter().getType() == QuorateClient.class ? cluster.client() : cluster;
  }

  private static EmbeddedCluster cluster(ExtensionContext context) {
    Class<?> test = context.getRequiredTestClass();
    WithQuorate wanted = test.getAnnotation(WithQuorate.class);
    if (wanted == null) {
      throw new ExtensionConfigurationException(test + " needs @WithQuorate");
    }
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(test, unused -> start(wanted), EmbeddedCluster.class);
  }

  private static EmbeddedCluster start(WithQuorate wanted) {
    return EmbeddedCluster.builder()
        .stores(wanted.stores())
        .pds(wanted.pds())
        .splitKeys(wanted.splitKeys())
        .start();
  }
}

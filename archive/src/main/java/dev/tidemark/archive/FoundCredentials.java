package dev.tidemark.archive;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Credentials from where AWS's tools look: the environment, a profile and its role, a pod's web identity, the machine. */
final class FoundCredentials implements AwsCredentialsProvider {
    private final DefaultCredentialsProvider chain =
            DefaultCredentialsProvider.builder().build();

    /** Nowhere were any; perhaps only now, as when the service that gives them does not answer. */
    static final class Missing extends SdkClientException {
        private static final long serialVersionUID = 1;

        Missing(SdkClientException cause) {
            super(SdkClientException.builder()
                    .message("there are no credentials for it. " + whatWasTried(cause.getMessage()))
                    .cause(cause));
        }

        /** Without the names of classes that the SDK begins with. */
        private static String whatWasTried(String message) {
            return message.substring(message.indexOf(" : [") + 1);
        }
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return chain.resolveCredentials();
        } catch (SdkClientException e) {
            throw new Missing(e);
        }
    }
}

package dev.tidemark.archive;

import dev.tidemark.schemas.settings.S3Settings;
import java.util.Optional;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/** Puts the wishes of the settings on each request that makes an object, whoever sends it. */
final class StoredAs implements ExecutionInterceptor {
    private final Optional<String> kmsKey;
    private final Optional<String> storageClass;

    StoredAs(S3Settings settings) {
        this.kmsKey = settings.encryption().kmsKey();
        this.storageClass = settings.storageClass();
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        if (context.request() instanceof PutObjectRequest put) {
            PutObjectRequest.Builder wished = put.toBuilder();
            kmsKey.ifPresent(key ->
                    wished.serverSideEncryption(ServerSideEncryption.AWS_KMS).ssekmsKeyId(key));
            storageClass.ifPresent(wished::storageClass);
            return wished.build();
        }
        if (context.request() instanceof CreateMultipartUploadRequest upload) {
            CreateMultipartUploadRequest.Builder wished = upload.toBuilder();
            kmsKey.ifPresent(key ->
                    wished.serverSideEncryption(ServerSideEncryption.AWS_KMS).ssekmsKeyId(key));
            storageClass.ifPresent(wished::storageClass);
            return wished.build();
        }
        return context.request();
    }
}

using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>Finds the storage account by the environment.</summary>
internal static class AzureAccount
{
    /// <exception cref="StoreUriException">The environment names no account, or not properly.</exception>
    internal static BlobContainerClient Container(BucketAddress address, Func<string, string?> variable)
    {
        try
        {
            if (variable("AZURE_STORAGE_CONNECTION_STRING") is { } connection)
                return new BlobContainerClient(connection, address.Bucket, Options());
            if (variable("AZURE_STORAGE_ACCOUNT") is not { } account)
                throw new StoreUriException(
                    $"'{address.Root}' cannot be opened: no storage account is named. Set AZURE_STORAGE_CONNECTION_STRING, or " +
                    "AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY.");
            var endpoint = variable("AZURE_STORAGE_SERVICE_ENDPOINT")?.TrimEnd('/') ?? $"https://{account}.blob.core.windows.net";
            var container = new Uri($"{endpoint}/{address.Bucket}");
            if (variable("AZURE_STORAGE_KEY") is { } key)
                return new BlobContainerClient(container, new StorageSharedKeyCredential(account, key), Options());
            return variable("AZURE_STORAGE_SAS_TOKEN") is { } token
                ? new BlobContainerClient(container, new AzureSasCredential(token), Options())
                : new BlobContainerClient(container, Options());
        }
        catch (FormatException)
        {
            throw new StoreUriException(
                $"'{address.Root}' cannot be opened: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or AZURE_STORAGE_SERVICE_ENDPOINT is not " +
                    "of the form that the account's page in Azure's portal shows.");
        }
    }

    private static BlobClientOptions Options()
    {
        var options = new BlobClientOptions();
        // RequestRetries, IdleLimit and ResumingStream see to these.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        options.Diagnostics.IsLoggingEnabled = false;
        return options;
    }
}

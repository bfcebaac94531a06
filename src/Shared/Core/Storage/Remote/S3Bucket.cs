using System.Globalization;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// A bucket of S3 or a service that speaks its protocol. Where and as whom is said as to every tool of AWS: <c>AWS_ENDPOINT_URL(_S3)</c>, <c>AWS_REGION</c>,
/// <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c>, a profile, or the machine's role.
/// </summary>
internal sealed class S3Bucket(BucketAddress address, AmazonS3Client client, int? pageSize) : IBucket
{
    private const string Mark = "put";
    private const string Denied =
        "Look at the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the machine's role) and at what they may do with the bucket: " +
        "list it, and get, put and delete objects below the prefix. This machine's clock must be right, too.";

    /// <param name="variable">A variable of the environment; null where it is not set.</param>
    /// <param name="credentials">Null: those that the library finds.</param>
    internal static S3Bucket At(Uri root, StorageSettings settings, Func<string, string?> variable, AWSCredentials? credentials = null)
    {
        var address = BucketAddress.Of(root);
        var endpoint = variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL");
        var region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION");
        var config = new AmazonS3Config
        {
            ForcePathStyle = settings.PathStyle ?? endpoint is not null,
            // RequestRetries and IdleLimit see to these.
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            Timeout = Timeout.InfiniteTimeSpan,
            // The whole body is signed, which checks it too; the newer trailing checksums are refused by services that are not AWS.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        try
        {
            if (endpoint is not null)
                (config.ServiceURL, config.AuthenticationRegion) = (endpoint, region ?? "us-east-1");
            else if (region is not null)
                config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
            return new S3Bucket(address, credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config), settings.PageSize);
        }
        catch (Exception exception) when (exception is AmazonClientException or UriFormatException)
        {
            throw new StoreUriException(
                $"'{root}' cannot be opened: it is not known where the bucket is. Set AWS_REGION, or AWS_ENDPOINT_URL for a service of your own.");
        }
    }

    public Uri Root => address.Root;

    public async Task<long> LengthAsync(string key, CancellationToken cancellationToken) => (await HeadAsync(key, cancellationToken)).ContentLength;

    public async Task<string?> MarkAsync(string key, CancellationToken cancellationToken) => (await HeadAsync(key, cancellationToken)).Metadata[Mark];

    public async Task<ObjectBody> OpenAsync(string key, long offset, long? length, string? version, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = address.Bucket, Key = address.Full(key), EtagToMatch = version };
        if (length is { } wanted)
            request.ByteRange = new ByteRange(offset, offset + wanted - 1);
        else if (offset > 0)
            request.ByteRange = new ByteRange(string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-"));
        var response = await client.GetObjectAsync(request, cancellationToken);
        return new ObjectBody(response.ResponseStream, Math.Min(response.ContentLength, length ?? long.MaxValue), response.ETag, response);
    }

    public Task PutAsync(string key, PartBody body, string mark, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = address.Bucket, Key = address.Full(key), IfNoneMatch = "*", InputStream = body, AutoCloseStream = false, UseChunkEncoding = false,
        };
        request.Metadata[Mark] = mark;
        return client.PutObjectAsync(request, cancellationToken);
    }

    public async Task<string> BeginAsync(string key, string mark, CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = address.Bucket, Key = address.Full(key) };
        request.Metadata[Mark] = mark;
        return (await client.InitiateMultipartUploadAsync(request, cancellationToken)).UploadId;
    }

    public async Task<string> PutPartAsync(string key, string upload, int number, PartBody body, CancellationToken cancellationToken)
    {
        var response = await client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = address.Bucket, Key = address.Full(key), UploadId = upload, PartNumber = number,
            InputStream = body, PartSize = body.Length, UseChunkEncoding = false,
        }, cancellationToken);
        return response.ETag;
    }

    public Task CompleteAsync(string key, string upload, IReadOnlyList<string> parts, string mark, CancellationToken cancellationToken) =>
        client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = address.Bucket, Key = address.Full(key), UploadId = upload, IfNoneMatch = "*", PartETags = [
                .. parts.Select((tag, index) => new PartETag(index + 1, tag))],
        }, cancellationToken);

    public Task AbortAsync(string key, string upload, CancellationToken cancellationToken) =>
        client.AbortMultipartUploadAsync(
            new AbortMultipartUploadRequest { BucketName = address.Bucket, Key = address.Full(key), UploadId = upload }, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = address.Bucket, Key = address.Full(key) }, cancellationToken);

    public async Task<ListedPage<ListedObject>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        var response = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = address.Bucket, Prefix = address.Full(prefix), ContinuationToken = after, MaxKeys = pageSize },
            cancellationToken);
        return new(
            [.. (response.S3Objects ?? []).Select(item => new ListedObject(address.Relative(item.Key), item.Size ?? 0))],
            response.IsTruncated is true ? response.NextContinuationToken : null);
    }

    public async Task<ListedPage<UnfinishedPut>> ListUnfinishedAsync(string? after, CancellationToken cancellationToken)
    {
        var (key, upload) = after is null ? (null, null) : Split(after);
        var response = await client.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = address.Bucket, Prefix = address.Prefix,
                KeyMarker = key, UploadIdMarker = upload, MaxUploads = pageSize }, cancellationToken);
        var puts = new List<UnfinishedPut>();
        foreach (var one in response.MultipartUploads ?? [])
        {
            if (await DescribeAsync(one, cancellationToken) is { } put)
                puts.Add(put);
        }
        return new(puts, response.IsTruncated is true ? $"{response.NextKeyMarker} {response.NextUploadIdMarker}" : null);
    }

    public Task DeleteUnfinishedAsync(string name, CancellationToken cancellationToken)
    {
        var (key, upload) = Split(name);
        return AbortAsync(key, upload, cancellationToken);
    }

    public RequestFailure? Classify(Exception exception)
    {
        if (exception is not AmazonClientException and not AmazonServiceException)
            return RequestFailure.OfConnection(exception);
        if (exception is not AmazonServiceException { StatusCode: > 0 } answer)
            return RequestFailure.OfConnection(exception) ?? new(FailureKind.Refused, $"no credentials were found. {Denied}");
        return answer.ErrorCode switch
        {
            "NoSuchBucket" => new(
                FailureKind.Refused, $"there is no bucket '{address.Bucket}'. Create it, or correct the address, AWS_REGION or AWS_ENDPOINT_URL."),
            "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" =>
                new(FailureKind.Refused, $"the bucket '{address.Bucket}' is in another region. Set AWS_REGION to it."),
            "ExpiredToken" or "InvalidToken" => new(FailureKind.Refused, $"the session has expired ({answer.ErrorCode}). {Denied}"),
            // S3's own words for a connection that idled, and for two writers who met: both may try again.
            "RequestTimeout" or "SlowDown" or "OperationAborted" or "ConditionalRequestConflict" =>
                new(FailureKind.Transient, answer.ErrorCode, RetryAfter(answer)),
            _ => RequestFailure.OfStatus((int)answer.StatusCode, answer.ErrorCode, RetryAfter(answer), Denied),
        };
    }

    private Task<GetObjectMetadataResponse> HeadAsync(string key, CancellationToken cancellationToken) =>
        client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = address.Bucket, Key = address.Full(key) }, cancellationToken);

    /// <summary>Null for an upload that ended since it was listed.</summary>
    private async Task<UnfinishedPut?> DescribeAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        var (bytes, last) = (0L, upload.Initiated ?? DateTime.UnixEpoch);
        var request = new ListPartsRequest { BucketName = address.Bucket, Key = upload.Key, UploadId = upload.UploadId };
        ListPartsResponse response;
        do
        {
            try
            {
                response = await client.ListPartsAsync(request, cancellationToken);
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchUpload")
            {
                return null;
            }
            foreach (var part in response.Parts ?? [])
                (bytes, last) = (bytes + (part.Size ?? 0), part.LastModified > last ? part.LastModified.Value : last);
            request.PartNumberMarker = response.NextPartNumberMarker?.ToString(CultureInfo.InvariantCulture);
        }
        while (response.IsTruncated is true);
        return new UnfinishedPut($"{address.Relative(upload.Key)} {upload.UploadId}", bytes, new DateTimeOffset(last.ToUniversalTime()));
    }

    /// <summary>An upload's id has no blank; a key that is not of our making may.</summary>
    private static (string Key, string Upload) Split(string name) => (name[..name.LastIndexOf(' ')], name[(name.LastIndexOf(' ') + 1)..]);

    private static TimeSpan? RetryAfter(AmazonServiceException answer) =>
        (answer.InnerException as Amazon.Runtime.Internal.HttpErrorResponseException)?.Response is { } response && response.IsHeaderPresent("Retry-After")
        && int.TryParse(response.GetHeaderValue("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}

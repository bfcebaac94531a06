using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace ChangeDetection.Core.Storage.Remote;

/// <summary>
/// A container of Azure Blob Storage. Which account, and as whom, is said as to the <c>az</c> command: <c>AZURE_STORAGE_CONNECTION_STRING</c>, or
/// <c>AZURE_STORAGE_ACCOUNT</c> with <c>AZURE_STORAGE_KEY</c> or <c>AZURE_STORAGE_SAS_TOKEN</c>, and <c>AZURE_STORAGE_SERVICE_ENDPOINT</c> for a service
/// that is elsewhere.
/// </summary>
/// <remarks>
/// Azure knows no uploads, only blocks that lie under a key until somebody commits a list of them. They are discarded by committing none of them, which makes
/// an empty blob, and deleting that; in between it carries a mark by which everybody takes it for absent.
/// </remarks>
internal sealed class AzureContainer(BucketAddress address, BlobContainerClient client, int? pageSize, TimeProvider time) : IBucket
{
    private const string Mark = "put";
    private const string Discarded = "discarded";
    private const string Denied =
        "Look at AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, and at what they " +
            "may do with the " +
        "container: list it, and read, create and delete blobs. This machine's clock must be right, too.";

    private static readonly BlobRequestConditions s_free = new() { IfNoneMatch = ETag.All };

    /// <param name="variable">A variable of the environment; null where it is not set.</param>
    internal static AzureContainer At(Uri root, StorageSettings settings, Func<string, string?> variable)
    {
        var address = BucketAddress.Of(root);
        return new AzureContainer(address, AzureAccount.Container(address, variable), settings.PageSize, TimeProvider.System);
    }

    public Uri Root => address.Root;

    public async Task<long> LengthAsync(string key, CancellationToken cancellationToken) => (await HeadAsync(key, cancellationToken)).ContentLength;

    public async Task<string?> MarkAsync(string key, CancellationToken cancellationToken) =>
        (await HeadAsync(key, cancellationToken)).Metadata.TryGetValue(Mark, out var mark) ? mark : null;

    public async Task<ObjectBody> OpenAsync(string key, long offset, long? length, string? version, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions();
        if (offset > 0 || length is not null)
            options.Range = new HttpRange(offset, length);
        if (version is not null)
            options.Conditions = new BlobRequestConditions { IfMatch = new ETag(version) };
        var response = (await Blob(key).DownloadStreamingAsync(options, cancellationToken)).Value;
        if (response.Details.Metadata.ContainsKey(Discarded))
        {
            response.Dispose();
            throw Absent();
        }
        return new ObjectBody(response.Content, response.Details.ContentLength, response.Details.ETag.ToString("H"), response);
    }

    public Task PutAsync(string key, PartBody body, string mark, CancellationToken cancellationToken) =>
        Blob(key).UploadAsync(body, new BlobUploadOptions
        {
            Conditions = s_free,
            Metadata = Marked(Mark, mark),
            // What is smaller than this goes in one request.
            TransferOptions = new StorageTransferOptions { InitialTransferSize = body.Length + 1 },
        }, cancellationToken);

    /// <summary>An upload is a beginning that its blocks' names have in common.</summary>
    public Task<string> BeginAsync(string key, string mark, CancellationToken cancellationToken) => Task.FromResult(mark);

    public async Task<string> PutPartAsync(string key, string upload, int number, PartBody body, CancellationToken cancellationToken)
    {
        var block = AzureBlockName.Of(upload, number, time.GetUtcNow());
        await Blob(key).StageBlockAsync(block, body, options: null, cancellationToken);
        return block;
    }

    public Task CompleteAsync(string key, string upload, IReadOnlyList<string> parts, string mark, CancellationToken cancellationToken) =>
        Blob(key).CommitBlockListAsync(parts, new CommitBlockListOptions { Conditions = s_free, Metadata = Marked(Mark, mark) }, cancellationToken);

    /// <summary>Where another writer has made the object, blocks that came late stay with it until Azure discards them, within a week.</summary>
    public Task AbortAsync(string key, string upload, CancellationToken cancellationToken) => DiscardAsync(key, cancellationToken);

    public Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        Blob(key).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken);

    public async Task<ListedPage<ListedObject>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        var page = await PageAsync(BlobStates.None, address.Full(prefix), after, cancellationToken);
        return new(
            [.. page.Values.Where(item => !IsDiscarded(item))
                .Select(item => new ListedObject(address.Relative(item.Name), item.Properties.ContentLength ?? 0))],
            string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
    }

    public async Task<ListedPage<UnfinishedPut>> ListUnfinishedAsync(string? after, CancellationToken cancellationToken)
    {
        var page = await PageAsync(BlobStates.Uncommitted, address.Prefix, after, cancellationToken);
        var puts = new List<UnfinishedPut>();
        foreach (var item in page.Values)
        {
            if (IsDiscarded(item))
                puts.Add(new UnfinishedPut(address.Relative(item.Name), 0, item.Properties.LastModified ?? DateTimeOffset.UnixEpoch));
            else if (item.Properties.ContentLength is null or 0 && await DescribeAsync(address.Relative(item.Name), cancellationToken) is { } put)
                puts.Add(put);
        }
        return new(puts, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
    }

    public Task DeleteUnfinishedAsync(string name, CancellationToken cancellationToken) => DiscardAsync(name, cancellationToken);

    public RequestFailure? Classify(Exception exception)
    {
        if (exception is not RequestFailedException { Status: > 0 } answer)
            return RequestFailure.OfConnection(exception);
        TimeSpan? wait = answer.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var text) is true
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
        if (answer.ErrorCode == BlobErrorCode.ContainerNotFound || answer.ErrorCode == BlobErrorCode.ContainerBeingDeleted)
            return new(FailureKind.Refused, $"there is no container '{address.Bucket}'. Create it, or correct the address or the account.");
        if (answer.ErrorCode == BlobErrorCode.BlobAlreadyExists)
            return new(FailureKind.Condition, answer.ErrorCode);
        // Another writer's commit, or the collector, has discarded our blocks.
        if (answer.ErrorCode == BlobErrorCode.InvalidBlockList)
            return new(FailureKind.Absent, answer.ErrorCode);
        return RequestFailure.OfStatus(answer.Status, answer.ErrorCode, wait, Denied);
    }

    private BlockBlobClient Blob(string key) => client.GetBlockBlobClient(address.Full(key));

    private async Task<BlobProperties> HeadAsync(string key, CancellationToken cancellationToken)
    {
        var properties = (await Blob(key).GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        return properties.Metadata.ContainsKey(Discarded) ? throw Absent() : properties;
    }

    private async Task<Page<BlobItem>> PageAsync(BlobStates states, string prefix, string? after, CancellationToken cancellationToken)
    {
        await foreach (var page in client.GetBlobsAsync(BlobTraits.Metadata, states, prefix, cancellationToken).AsPages(after, pageSize))
            return page;
        throw new System.Diagnostics.UnreachableException("A listing has at least one page, and be it empty.");
    }

    /// <summary>Null for an object, and for what ended since it was listed.</summary>
    private async Task<UnfinishedPut?> DescribeAsync(string key, CancellationToken cancellationToken)
    {
        BlockList blocks;
        try
        {
            blocks = (await Blob(key).GetBlockListAsync(BlockListTypes.All, cancellationToken: cancellationToken)).Value;
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            return null;
        }
        var ours = blocks.UncommittedBlocks.Select(block => (block.SizeLong, Staged: AzureBlockName.TimeOf(block.Name)))
            .Where(block => block.Staged is not null).ToList();
        return ours.Count == 0 ? null : new UnfinishedPut(key, ours.Sum(block => block.SizeLong), ours.Max(block => block.Staged!.Value));
    }

    private async Task DiscardAsync(string key, CancellationToken cancellationToken)
    {
        var blob = Blob(key);
        try
        {
            await blob.CommitBlockListAsync([], new CommitBlockListOptions { Conditions = s_free, Metadata = Marked(Discarded, "1") }, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            // A real object, or the empty one of a discarding that was killed here.
        }
        var found = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
        if (found.Metadata.ContainsKey(Discarded))
            await blob.DeleteIfExistsAsync(conditions: new BlobRequestConditions { IfMatch = found.ETag }, cancellationToken: cancellationToken);
    }

    private static bool IsDiscarded(BlobItem item) => item.Metadata?.ContainsKey(Discarded) is true;

    private static Dictionary<string, string> Marked(string name, string value) => new() { [name] = value };

    private static RequestFailedException Absent() => new(404, "discarded", BlobErrorCode.BlobNotFound.ToString(), innerException: null);
}

/// <summary>Names of blocks: whose, which and when, since Azure tells of an uncommitted block nothing else. All equally long, as Azure wants them.</summary>
internal static class AzureBlockName
{
    private const string TimeFormat = "yyyyMMddHHmmss";

    internal static string Of(string upload, int number, DateTimeOffset now) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{upload} {number:d5} {now.UtcDateTime:yyyyMMddHHmmss}")));

    /// <summary>Null for a block that is not ours.</summary>
    internal static DateTimeOffset? TimeOf(string block)
    {
        var bytes = new byte[block.Length];
        if (!Convert.TryFromBase64String(block, bytes, out var length) || Encoding.ASCII.GetString(bytes, 0, length).Split(' ') is not [_, _, var time])
            return null;
        return DateTimeOffset.TryParseExact(time, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var staged) ? staged : null;
    }
}

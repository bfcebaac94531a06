using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration.Parameters;
using ChangeDetection.Core.Storage;
using ChangeDetection.Weights;
using ChangeDetection.Weights.Naming;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Worker.Checkpoints;

/// <summary>A file of weights in any store, safetensors or PyTorch's, and the SHA-256 of its bytes.</summary>
internal sealed record StoredWeights(WeightsFile File, string Sha256)
{
    /// <param name="source">Where it is, such as <c>s3://bucket/weights.pth</c>, and what its names become.</param>
    /// <exception cref="CheckpointInvalidException">
    /// There is no such file, it is damaged, or not the one that a manifest of ours beside it names; or its names cannot become what is asked.
    /// </exception>
    public static Task<StoredWeights> ReadAsync(InitialWeightsConfig source, CancellationToken cancellationToken) =>
        ReadAsync(source, StorageSettings.OfEnvironment(), cancellationToken);

    /// <param name="settings">How stores are reached.</param>
    /// <inheritdoc cref="ReadAsync(InitialWeightsConfig, CancellationToken)"/>
    public static async Task<StoredWeights> ReadAsync(InitialWeightsConfig source, StorageSettings settings, CancellationToken cancellationToken)
    {
        var address = Address(source);
        var store = ObjectStores.Open(new Uri(address, "."), settings);
        var key = new ObjectKey(Uri.UnescapeDataString(address.Segments[^1]));
        var length = await store.LengthAsync(key, cancellationToken)
            ?? throw new CheckpointInvalidException(
                address.ToString(), "there is no such file, and model.init names it. Put it there again, or name another one.");
        // What it should be is known, if at all, by a file that is no more trustworthy than itself, and only so far as that names it.
        await using var hashing = new VerifyingStream(await store.OpenReadAsync(key, 0, length, cancellationToken), store.Root, published: null);
        var weights = await WeightsReader.ReadAsync(hashing, length, address.ToString(), source.Key, cancellationToken);
        await hashing.RequireEndAsync(cancellationToken);
        var hash = hashing.Sha256;
        if (await PublishedHashAsync(store, key, cancellationToken) is { } expected && expected != hash
            && expected != Safetensors.Sha256(weights.Tensors.Values))
            throw new CheckpointInvalidException(
                address.ToString(), $"its SHA-256 is {hash}, but {CheckpointManifest.FileName} beside it says {expected}; fetch it again.");
        return new StoredWeights(ParameterNames.Rename(weights, source.Rename, address.ToString()), hash);
    }

    /// <summary>The file's address. Which checkpoint a run's id means is settled when an experiment is submitted.</summary>
    internal static Uri Address(InitialWeightsConfig source) => Uri.TryCreate(source.From, UriKind.Absolute, out var address)
        ? address
        : throw new CheckpointInvalidException(source.From, "model.init is neither the address of a file nor 'default'. Submit the experiment again.");

    /// <summary>What the manifest beside the file says of it, where one of ours is; a file from elsewhere has none.</summary>
    private static async Task<string?> PublishedHashAsync(IObjectStore store, ObjectKey file, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(CheckpointManifest.FileName);
        if (await store.LengthAsync(key, cancellationToken) is not (<= CheckpointManifest.MaxBytes and var length))
            return null;
        var json = new byte[length];
        await using var stream = await store.OpenReadAsync(key, 0, length, cancellationToken);
        await stream.ReadExactlyAsync(json, cancellationToken);
        return CheckpointManifest.Parse(json, $"{store.Root}/{key}").Files.GetValueOrDefault(file.Value)?.Sha256;
    }
}

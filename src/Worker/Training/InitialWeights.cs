using System.Security.Cryptography;
using ChangeDetection.Checkpoints;
using ChangeDetection.Storage;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Devices;

namespace ChangeDetection.Worker.Training;

/// <summary><c>model.init</c>: weights that a run starts from.</summary>
public static class InitialWeights
{
    public const string Default = "default";

    /// <summary>Loads a safetensors file into the network; every name, type and shape has to be the network's.</summary>
    /// <exception cref="CheckpointInvalidException">The file is absent, damaged, or of another network; the network is untouched.</exception>
    public static void Load(TrainingState state, string init, CancellationToken cancellationToken)
    {
        if (init == Default)
            return;
        var tensors = ReadAsync(new Uri(init), cancellationToken).Block();
        CheckpointReader.RequireLayout(tensors, CheckpointReader.Layouts(state.Network), init);
        foreach (var (name, tensor) in state.Network.state_dict())
            Tensors.Write(tensors[name], tensor);
        state.Average?.Restart();
    }

    private static async Task<IReadOnlyDictionary<string, TensorData>> ReadAsync(Uri file, CancellationToken cancellationToken)
    {
        var store = ObjectStores.Open(new Uri(file, "."));
        var key = new ObjectKey(Uri.UnescapeDataString(file.Segments[^1]));
        var length = await store.LengthAsync(key, cancellationToken)
            ?? throw new CheckpointInvalidException(file.ToString(), "model.init names a file that does not exist.");
        await using var stream = await store.OpenReadAsync(key, 0, length, cancellationToken);
        using var sha = SHA256.Create();
        await using var hashing = new CryptoStream(stream, sha, CryptoStreamMode.Read, leaveOpen: true);
        var tensors = await Safetensors.ReadAsync(hashing, length, file.ToString(), cancellationToken);
        var hash = Convert.ToHexStringLower(sha.Hash!);
        if (await PublishedHashAsync(store, key, cancellationToken) is { } expected && expected != hash)
            throw new CheckpointInvalidException(file.ToString(), $"its SHA-256 is {hash}, but {CheckpointManifest.FileName} beside it says {expected}; fetch it again.");
        return tensors;
    }

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

using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Imaging.Rasters;

namespace ChangeDetection.Worker.Prediction;

/// <summary>One date's image on this machine, and known to be the one that the run was queued with.</summary>
internal sealed class SceneSource : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly SceneInput _input;
    private readonly ScratchFile? _copy;
    private NoDataRule _rule;

    private SceneSource(SceneInput input, ScratchFile? copy, NoDataRule rule) => (_input, _copy, _rule) = (input, copy, rule);

    /// <summary>Finds a file where it lies, or fetches an object.</summary>
    /// <param name="rule">How pixels that are none are told.</param>
    /// <param name="alive">Called now and then.</param>
    /// <exception cref="SceneMissingException">It is not there, or not the one it was.</exception>
    public static SceneSource Fetch(SceneInput input, IObjectStore store, NoDataRule rule, Action alive, CancellationToken cancellationToken)
    {
        var copy = input.Key is null ? null : new ScratchFile();
        try
        {
            using var stream = input.Key is { } key ? OpenObject(store, new ObjectKey(key), input) : OpenFile(input);
            var (bytes, hash) = Copy(stream, copy?.Stream, alive, cancellationToken);
            if (bytes != input.Bytes || hash != input.Sha256)
                throw new SceneMissingException(
                    $"{input.Name}: it is not the file that the run was queued with ({bytes} bytes with SHA-256 {hash}, then {input.Bytes} with " +
                    $"{input.Sha256}). Queue the prediction again.");
            return new SceneSource(input, copy, rule);
        }
        catch
        {
            copy?.Dispose();
            throw;
        }
    }

    /// <summary>Reads it. Where it lies was recorded when the run was queued: a world file may have changed since, and does not travel.</summary>
    /// <exception cref="ImageException">It is damaged, of a kind that is not read, or its alpha is more than a mask.</exception>
    public IRasterReader Open()
    {
        var raster = RasterFile.Open(_copy?.Path ?? _input.File!, _input.Name, Place(_input.GeoTransform), _rule);
        // Alpha that was found to be a mask is not looked at again, all through a scene of gigabytes.
        if (_rule.Alpha == AlphaUse.Auto)
            _rule = _rule with { Alpha = AlphaUse.Mask };
        return raster;
    }

    public void Dispose() => _copy?.Dispose();

    private static AffineTransform? Place(IReadOnlyList<double>? numbers) =>
        numbers is [var x, var xPerColumn, var xPerRow, var y, var yPerColumn, var yPerRow] ? new(x, xPerColumn, xPerRow, y, yPerColumn, yPerRow) : null;

    private static Stream OpenFile(SceneInput input)
    {
        try
        {
            return new FileStream(input.File!, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SceneMissingException(
                $"{input.File}: it is not on this machine. The store is a folder, so scenes are read where they lie: keep them where every worker " +
                    "finds them, or use a store on the network.", exception);
        }
    }

    private static Stream OpenObject(IObjectStore store, ObjectKey key, SceneInput input)
    {
        try
        {
            return store.OpenReadAsync(key, 0, null, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ObjectNotFoundException exception)
        {
            throw new SceneMissingException(
                $"{input.Name}: its copy in the store is gone; it is kept until the run has ended once. Queue the prediction again.", exception);
        }
    }

    private static (long Bytes, string Sha256) Copy(Stream source, Stream? target, Action alive, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(target ?? Stream.Null);
        var chunk = new byte[ChunkBytes];
        for (int read; (read = source.Read(chunk)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hashing.Write(chunk.AsSpan(0, read));
            alive();
        }
        hashing.Flush();
        return (hashing.Written, hashing.Sha256());
    }
}

/// <summary>A scene's image cannot be found, or is another one by now.</summary>
public sealed class SceneMissingException(string message, Exception? inner = null) : Exception(message, inner);

using System.Text.Json;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// Stores an attempt's pictures and offers them for the run's page. A sample that is one of a spread, and of the best or worst as well, has several names
/// and one object: of a small split most have.
/// </summary>
public sealed class StoredPictures(TrainerAssignment assignment, IObjectStore store, ITrainerLink link)
{
    /// <summary>Keys of what is stored, by the SHA-256 of their bytes.</summary>
    private readonly Dictionary<string, ObjectKey> _stored = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The store failed.</exception>
    public async Task AddAsync(SamplePicture picture, CancellationToken cancellationToken)
    {
        var sha256 = Sha256Hex.Of(picture.Png);
        if (!_stored.TryGetValue(sha256, out var key))
        {
            key = RunObject.Picture(assignment.Run, picture.Name, assignment.Attempt);
            await store.PutAsync(key, (stream, token) => stream.WriteAsync(picture.Png, token).AsTask(), cancellationToken);
            _stored.Add(sha256, key);
        }
        link.Artifact(new ArtifactRecord
        {
            Name = picture.Name,
            ObjectKey = key.Value,
            ContentType = "image/png",
            Bytes = picture.Png.Length,
            Sha256 = sha256,
            Metrics = JsonSerializer.Serialize(picture.Counts.Named("sample").ToDictionary()),
        });
    }
}

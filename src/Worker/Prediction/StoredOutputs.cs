using System.Text.Json;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Prediction;

/// <summary>Stores the files that a predict run was queued to make, and offers them.</summary>
internal sealed class StoredOutputs(TrainerAssignment assignment, IObjectStore store, ITrainerLink link, Action alive)
{
    private const int ChunkBytes = 1 << 20;

    /// <param name="content">Can seek; it is read from its start.</param>
    public void Publish(PredictionOutput output, Stream content, Dictionary<string, double> figures) => Publish(output, target =>
    {
        content.Position = 0;
        var chunk = new byte[ChunkBytes];
        for (int read; (read = content.Read(chunk)) > 0;)
        {
            target.Write(chunk.AsSpan(0, read));
            alive();
        }
    }, figures);

    /// <param name="write">Writes the file; a store that fails may ask for it again.</param>
    public void Publish(PredictionOutput output, Action<Stream> write, Dictionary<string, double> figures)
    {
        var key = RunObject.Output(assignment.Run, output.Name, assignment.Attempt);
        var (hash, length) = ("", 0L);
        store.PutAsync(key, (stream, _) =>
        {
            using var hashing = new HashingStream(stream);
            write(hashing);
            (hash, length) = (hashing.Sha256(), hashing.Written);
            return Task.CompletedTask;
        }, CancellationToken.None).GetAwaiter().GetResult();
        CrashPoint.Reach(CrashPoints.OutputStored);
        link.Artifact(new ArtifactRecord
        {
            Name = output.Name,
            ObjectKey = key.Value,
            ContentType = output.ContentType,
            Bytes = length,
            Sha256 = hash,
            Metrics = JsonSerializer.Serialize(figures),
        });
    }
}

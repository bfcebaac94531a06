using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Hashing;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Dashboard.Downloads;
using ChangeDetection.Weights.Tensors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace ChangeDetection.Dashboard.Checkpoints;

/// <summary>Downloads of checkpoints.</summary>
public static class CheckpointEndpoints
{
    private const string Weights = "weights.safetensors";

    public static IEndpointRouteBuilder MapCheckpoints(this IEndpointRouteBuilder app)
    {
        app.MapGet("/runs/{id:guid}/checkpoints/{step:long}-{attempt:int}/" + Weights, DownloadAsync);
        return app;
    }

    /// <summary>Where the weights of a checkpoint are downloaded.</summary>
    public static string WeightsAddress(CheckpointRecord checkpoint) =>
        $"/runs/{checkpoint.RunId}/checkpoints/{checkpoint.Step}-{checkpoint.Attempt}/{Weights}";

    private static async Task<Results<FileStreamHttpResult, NotFound, ProblemHttpResult>> DownloadAsync(
        Guid id, long step, int attempt, RunStore runs, CheckpointStore checkpoints, IObjectStore store, CancellationToken cancellationToken)
    {
        var published = await checkpoints.ListAsync(id, cancellationToken);
        if (await runs.FindAsync(id, cancellationToken) is not { } run
            || published.FirstOrDefault(one => one.Step == step && one.Attempt == attempt) is not { } checkpoint)
            return TypedResults.NotFound();
        try
        {
            var weights = new PublishedObject(
                new ObjectKey(checkpoint.Prefix) / Weights, checkpoint.WeightsSha256, "It was not sent. Choose another checkpoint of this run.");
            await using var stored = await Download.ToTemporaryFileAsync(store, weights, Path.GetTempPath(), cancellationToken);
            var (manifest, _) = await new PublishedCheckpoint(store, checkpoint.Reference, "It was not sent.").ReadManifestAsync(cancellationToken);
            var meaning = WeightsMeaning.Of(manifest, await runs.ExperimentConfigAsync(id, cancellationToken));
            return TypedResults.Stream(
                await ExportAsync(stored, meaning, weights.Key.Value, cancellationToken), "application/octet-stream",
                $"{FileNames.Of(run.Name)}-step{step}.safetensors",
                entityTag: new EntityTagHeaderValue($"\"{checkpoint.WeightsSha256}-{Sha256Hex.Of(meaning.ToJson())[..16]}\""), enableRangeProcessing: true);
        }
        catch (ObjectNotFoundException error)
        {
            return TypedResults.Problem($"{error.Message} The checkpoint may have been retired since.", statusCode: StatusCodes.Status404NotFound);
        }
        catch (Exception error) when (error is ObjectDamagedException or CheckpointInvalidException or StorageRefusedException or StorageUnavailableException)
        {
            return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status502BadGateway);
        }
    }

    /// <summary>The file that says what it is, gone when it is closed.</summary>
    private static async Task<FileStream> ExportAsync(FileStream stored, WeightsMeaning meaning, string subject, CancellationToken cancellationToken)
    {
        var file = Download.NewTemporaryFile(Path.GetTempPath());
        try
        {
            await Safetensors.ExportAsync(stored, file, meaning, subject, cancellationToken);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }
}

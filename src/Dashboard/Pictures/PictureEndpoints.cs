using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Dashboard.Downloads;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace ChangeDetection.Dashboard.Pictures;

/// <summary>The stored files of a run: pictures and an evaluation's report to look at, everything else to save.</summary>
public static class PictureEndpoints
{
    /// <summary>Types a browser shows without running anything in them.</summary>
    private static readonly HashSet<string> s_shown = new(StringComparer.Ordinal) { "image/png", "image/jpeg", "image/webp" };

    /// <summary>
    /// A report brings its styles and pictures with it, which no page of ours may. It came out of a store, so it gets an origin of its own and runs nothing.
    /// </summary>
    private const string ReportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox";

    public static IEndpointRouteBuilder MapPictures(this IEndpointRouteBuilder app)
    {
        app.MapGet("/runs/{id:guid}/artifacts/{**name}", GetAsync);
        return app;
    }

    public static string Address(ArtifactRecord artifact) =>
        $"/runs/{artifact.RunId}/artifacts/{string.Join('/', artifact.Name.Split('/').Select(Uri.EscapeDataString))}";

    private static async Task<Results<FileStreamHttpResult, NotFound, ProblemHttpResult>> GetAsync(
        Guid id, string name, ArtifactStore artifacts, IObjectStore store, HttpContext context, CancellationToken cancellationToken)
    {
        if ((await artifacts.ListAsync(id, cancellationToken)).FirstOrDefault(one => one.Name == name) is not { } artifact)
            return TypedResults.NotFound();
        try
        {
            var published = new PublishedObject(new ObjectKey(artifact.ObjectKey), artifact.Sha256, "It was not sent.");
            var file = await Download.ToTemporaryFileAsync(store, published, Path.GetTempPath(), cancellationToken);
            var tag = new EntityTagHeaderValue($"\"{artifact.Sha256}\"");
            if (artifact is { Name: RunObject.ReportPage, ContentType: "text/html" })
            {
                context.Response.Headers.ContentSecurityPolicy = ReportPolicy;
                return TypedResults.Stream(file, "text/html; charset=utf-8", entityTag: tag);
            }
            return s_shown.Contains(artifact.ContentType)
                ? TypedResults.Stream(file, artifact.ContentType, entityTag: tag)
                : TypedResults.Stream(file, "application/octet-stream", FileNames.Of(Path.GetFileName(name)), entityTag: tag);
        }
        catch (ObjectNotFoundException error)
        {
            return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status404NotFound);
        }
        catch (Exception error) when (error is ObjectDamagedException or StorageRefusedException or StorageUnavailableException)
        {
            return TypedResults.Problem(error.Message, statusCode: StatusCodes.Status502BadGateway);
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Access;
using ChangeDetection.Dashboard.Downloads;
using ChangeDetection.Dashboard.Security;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ChangeDetection.Dashboard.Runs;

/// <summary>What a run's page asks for beside itself.</summary>
public static class RunEndpoints
{
    private const int LogPage = 2000;

    public static IEndpointRouteBuilder MapRuns(this IEndpointRouteBuilder app)
    {
        var run = app.MapGroup("/runs/{id:guid}");
        foreach (var action in new[] { RunAction.Cancel, RunAction.Pause, RunAction.Resume, RunAction.Retry })
        {
            run.MapPost(
                $"/{RunForms.Verb(action)}",
                (Guid id, RunActionStore steering, CancellationToken cancellationToken) => ApplyAsync(action, id, steering, cancellationToken))
                .AddEndpointFilter<TokenRequired>().RequireAuthorization(Policies.Operator);
        }
        run.MapGet("/metrics/{**name}", MetricAsync);
        run.MapGet("/metrics.csv", CsvAsync);
        run.MapGet("/log.txt", LogAsync);
        return app;
    }

    /// <summary>Back to the run's page, which shows where it stands now. A refusal means that the page was older than the run.</summary>
    private static async Task<Results<RedirectHttpResult, NotFound, Conflict>> ApplyAsync(
        RunAction action, Guid id, RunActionStore steering, CancellationToken cancellationToken) =>
        await steering.ApplyAsync(action, id, cancellationToken) switch
        {
            null => TypedResults.NotFound(),
            { Granted: false } => TypedResults.Conflict(),
            _ => TypedResults.LocalRedirect($"~/runs/{id}", permanent: false, preserveMethod: false),
        };

    /// <summary>The points of one metric after a step, as columns.</summary>
    private static async Task<Ok<MetricColumns>> MetricAsync(
        Guid id, string name, MetricStore metrics, CancellationToken cancellationToken, [FromQuery] long after = -1)
    {
        var points = await metrics.ListAfterAsync(id, name, after, cancellationToken);
        return TypedResults.Ok(new MetricColumns(
            [.. points.Select(point => point.Step)], [.. points.Select(point => point.Epoch)], [.. points.Select(point => point.Value)]));
    }

    private static async Task<Results<FileContentHttpResult, NotFound>> CsvAsync(
        Guid id, RunStore runs, MetricStore metrics, CancellationToken cancellationToken)
    {
        if (await runs.FindAsync(id, cancellationToken) is not { } run)
            return TypedResults.NotFound();
        var csv = new StringBuilder("name,step,epoch,value\n");
        foreach (var point in await metrics.ListAsync(id, name: null, cancellationToken))
            csv.Append(CultureInfo.InvariantCulture, $"{point.Name},{point.Step},{point.Epoch},{point.Value:R}\n");
        return TypedResults.File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", $"{FileNames.Of(run.Name)}-metrics.csv");
    }

    /// <summary>The whole log that is kept, as text.</summary>
    private static async Task LogAsync(Guid id, LogStore log, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        long last = 0;
        IReadOnlyList<LogLine> lines;
        do
        {
            lines = await log.ListAsync(id, last, LogPage, cancellationToken);
            foreach (var line in lines)
            {
                last = line.Id;
                var level = line.Level.ToString().ToLowerInvariant();
                await context.Response.WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"{line.At:yyyy-MM-dd HH:mm:ss.fff} UTC {line.Attempt} {level,-7} {line.Text}\n"),
                    cancellationToken);
            }
        }
        while (lines.Count == LogPage);
    }
}

/// <summary>Points of a metric, a column each. Not-a-number and the infinities are words: JSON has no numbers for them.</summary>
public sealed record MetricColumns(
    long[] Steps,
    int[] Epochs,
    [property: JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] double[] Values);

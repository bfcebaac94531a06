using System.Globalization;
using System.Net;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Queue;
using ChangeDetection.Core.Runs;
using ChangeDetection.Dashboard.Layout;
using Hangfire.Dashboard;

namespace ChangeDetection.Dashboard.Hangfire;

/// <summary>The card on Hangfire's page of a job that leads to the run the job is a queue job of.</summary>
public static class RunCard
{
    public static NonEscapedString Render(JobDetailsRendererDto queueJob)
    {
        if (queueJob.JobDetails.Job is not { } job || job.Type != typeof(IRunJob) || job.Args is not [Guid id, ..])
            return new NonEscapedString("");
        var services = queueJob.Page.Context.GetHttpContext().RequestServices;
        // Hangfire's pages are rendered synchronously; ASP.NET Core has no context that waiting here could lock.
        var (runs, checkpoints) = (services.GetRequiredService<RunStore>(), services.GetRequiredService<CheckpointStore>());
        var run = runs.FindAsync(id, CancellationToken.None).GetAwaiter().GetResult();
        var last = checkpoints.FindAsync(id, CheckpointChoice.Last, CancellationToken.None).GetAwaiter().GetResult();
        return new NonEscapedString(run is null
            ? "<div class=\"alert alert-warning\">This queue job's run is not in the database. Workers will find nothing to claim.</div>"
            : Card(run, last));
    }

    private static string Card(Run run, CheckpointRecord? last)
    {
        var rows = new List<(string Name, string Value)>
        {
            ("State", run.Reason is null ? DisplayFormat.State(run.State) : $"{DisplayFormat.State(run.State)}: {run.Reason}"),
            ("Progress", DisplayFormat.Percent(run.Progress)),
            ("Time left", DisplayFormat.Duration(run.EtaSeconds)),
            ("Attempt", run.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("Last checkpoint", last is null ? "none yet"
                : $"step {DisplayFormat.Count(last.Step)}, {DisplayFormat.Plural(last.Epoch, "epoch")} done, {DisplayFormat.Bytes(last.Bytes)}"),
        };
        var body = string.Concat(rows.Select(row => $"<dt>{row.Name}</dt><dd>{WebUtility.HtmlEncode(row.Value)}</dd>"));
        return $"""
            <div class="panel panel-default"><div class="panel-body">
            <h4>Run <a href="/runs/{run.Id}">{WebUtility.HtmlEncode(run.Name)}</a></h4><dl class="dl-horizontal">{body}</dl>
            <a class="btn btn-default btn-sm" href="/runs/{run.Id}">Open the run's page</a></div></div>
            """;
    }
}

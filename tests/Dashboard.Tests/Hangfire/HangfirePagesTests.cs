using System.Net;
using ChangeDetection.Core.People;
using ChangeDetection.Core.Queue;
using ChangeDetection.TestKit;

namespace ChangeDetection.Dashboard.Tests.Hangfire;

[Needs(Resource.Database, Resource.Processes)]
public sealed class HangfirePagesTests(SeededDashboard dashboard)
{
    [Fact]
    public async Task Overview_OfTheQueue_LeadsBackAndKeepsTheConnectionToItself()
    {
        var page = await dashboard.PageAsync("/hangfire");

        Assert.Contains("ChangeDetection: queue", page);
        Assert.Contains("<a href=\"/\">", page);
        Assert.DoesNotContain("Host=", page);
        Assert.DoesNotContain(dashboard.Database.Name, page);
    }

    [Fact]
    public async Task Job_OfARun_HasACardThatLeadsToIt()
    {
        var page = await dashboard.PageAsync($"/hangfire/jobs/details/{await dashboard.Runs.QueueJobAsync(dashboard.Runs.NeedsGpu)}");

        Assert.Contains($"<a href=\"/runs/{dashboard.Runs.NeedsGpu}\">szada-siamese-lr lr=1e-4</a>", page);
        Assert.Contains("<dt>Last checkpoint</dt><dd>none yet</dd>", page);
        Assert.Contains("IRunJob.Execute", page);
    }

    [Fact]
    public async Task Job_WithATypeThatIsNotOurs_IsShownAndNotLoaded()
    {
        await using var insert = dashboard.Database.DataSource.CreateCommand(
            """
            insert into hangfire.job (statename, invocationdata, arguments, createdat)
            values ('Enqueued', '{"Type":"System.IO.File, mscorlib","Method":"Delete","ParameterTypes":"[\"System.String\"]","Arguments":null}',
                    '["\"x\""]', now()) returning id
            """);
        var page = await dashboard.PageAsync($"/hangfire/jobs/details/{await insert.ExecuteScalarAsync()}");

        Assert.Contains("Can not find the target method.", page);
    }

    [Fact]
    public async Task Delete_OfAJob_TakesTheTokenOfAPage_AndStandsInTheLedger()
    {
        var queueJob = await dashboard.Runs.QueueJobAsync(dashboard.Runs.Injected);
        using var without = await dashboard.Client.PostAsync("/hangfire/jobs/enqueued/delete", new FormUrlEncodedContent([new("jobs[]", queueJob)]));
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.Equal("Enqueued", State(queueJob));

        using var with = await PageForm.PostAsync(dashboard, "/workers", "/hangfire/jobs/enqueued/delete", ("jobs[]", queueJob));

        Assert.Equal(HttpStatusCode.NoContent, with.StatusCode);
        Assert.Equal("Deleted", State(queueJob));
        var last = (await new AuditStore(dashboard.Database.DataSource).ListAsync(null, "/jobs/enqueued/delete", 1, default)).Single();
        Assert.Equal((Environment.UserName, "start-up token", "hangfire"), (last.UserName, last.Means, last.Action));
    }

    [Fact]
    public async Task Pages_ForAnOperator_AreClosed()
    {
        using var client = dashboard.Program((await dashboard.AddUserAsync(UserRole.Operator)).Token);
        using var response = await client.GetAsync("/hangfire");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private string State(string queueJob)
    {
        using var connection = HangfireSetup.CreateStorage(dashboard.Database.ConnectionString).GetConnection();
        return connection.GetStateData(queueJob).Name;
    }
}

using ChangeDetection.Worker.Slots;
using ChangeDetection.Worker.Supervision;

namespace ChangeDetection.Worker.Tests.Supervision;

public sealed class TrainerEnvironmentTests
{
    [Fact]
    public void Apply_KeepsWhatStoresNeedAndNothingOfTheDatabase()
    {
        var environment = new Dictionary<string, string?>
        {
            ["CHANGEDETECTION_DATABASE"] = "Password=secret",
            ["CHANGEDETECTION_DATABASE_FILE"] = "/run/secrets/database",
            ["PGPASSWORD"] = "secret",
            ["AWS_SECRET_ACCESS_KEY"] = "s3",
            ["AWS_ENDPOINT_URL"] = "http://127.0.0.1",
            ["AZURE_STORAGE_CONNECTION_STRING"] = "azure",
            ["CHANGEDETECTION_STORAGE__IDLE_TIMEOUT"] = "00:00:10",
        };
        TrainerEnvironment.Apply(environment, threads: 1, new Slot("cpu", "a processor"), cache: null);
        Assert.DoesNotContain("CHANGEDETECTION_DATABASE", environment.Keys);
        Assert.DoesNotContain("CHANGEDETECTION_DATABASE_FILE", environment.Keys);
        Assert.DoesNotContain("PGPASSWORD", environment.Keys);
        Assert.Equal("s3", environment["AWS_SECRET_ACCESS_KEY"]);
        Assert.Equal("http://127.0.0.1", environment["AWS_ENDPOINT_URL"]);
        Assert.Equal("azure", environment["AZURE_STORAGE_CONNECTION_STRING"]);
        Assert.Equal("00:00:10", environment["CHANGEDETECTION_STORAGE__IDLE_TIMEOUT"]);
    }
}

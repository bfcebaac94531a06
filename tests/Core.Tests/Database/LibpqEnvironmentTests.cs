using ChangeDetection.Core.Database.Dumps;
using Npgsql;

namespace ChangeDetection.Core.Tests.Database;

public sealed class LibpqEnvironmentTests
{
    [Fact]
    public void Connection_InLibpqsWords_IsTheSame()
    {
        var server = new NpgsqlConnectionStringBuilder(
            "Host=db.example;Port=6543;Database=lab;Username=me;Password=se'cret;SSL Mode=VerifyFull;Root Certificate=/ca.pem");

        var environment = LibpqEnvironment.Of(server).ToDictionary();

        Assert.Equal(("db.example", "6543", "lab", "me"), (environment["PGHOST"], environment["PGPORT"], environment["PGDATABASE"], environment["PGUSER"]));
        Assert.Equal(("se'cret", "verify-full", "/ca.pem"), (environment["PGPASSWORD"], environment["PGSSLMODE"], environment["PGSSLROOTCERT"]));
        Assert.False(environment.ContainsKey("PGSSLKEY"));
    }

    [Fact]
    public void SslModes_OfNpgsql_AreAllKnown() => Assert.All(
        Enum.GetValues<SslMode>(),
        mode => Assert.Contains(LibpqEnvironment.Of(new NpgsqlConnectionStringBuilder { SslMode = mode }), one => one.Name == "PGSSLMODE"));
}
